# Repeats at the door: entries are added, kept in order, named as people name them, edited, removed after a question, and limited.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Browser;
use Eb::Journey;
use Eb::Server;
use Test::More;
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

my $server = Eb::Server->new;
my $b      = Eb::Browser->new($server);
my $first  = Eb::Journey::first_page($server);
$b->open($first);
$b->submit({ Eb::Journey::page_values($server, $first, '01-ledige-person') });

my $step = '/antrag/staatsangehoerigkeiten';
my ($max) = Eb::Server::slurp(Eb::Server::root() . '/schemas/forms/einbuergerung.xml')
    =~ /id="staatsangehoerigkeiten".*?<xf:repeat[^>]*eb:max="(\d+)"/s or die 'no maximum';
my $empty = $b->open($step);
is $empty->{status}, 200, 'the list';
unlike $empty->{text}, qr{href='\Q$step\E/1'[^>]*>[^<]*Ändern}, 'is empty at first';
is $b->submit({})->{status}, 422, 'and at least one entry is asked for';
like $b->{last}{text}, qr{id='fehler'.*?<a class='kern-link' href='#ez-neu'>.*?<a [^>]*id='ez-neu' href='\Q$step\E/1'}s, '… by a link to the button that adds one';

# The codes of Polen, Italien and Türkei: urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:staatsangehoerigkeit
my ($field, @options);
sub add {
    my ($n, $code) = @_;
    $b->open("$step/$n");
    my $form = $b->form;
    ($field) = grep { $form->{fields}{$_}{type} eq 'select' } @{ $form->{order} };
    @options = @{ $form->{fields}{$field}{options} };
    my %v = ($field => $code);
    for my $name (@{ $form->{order} }) {
        my $f = $form->{fields}{$name};
        next if $name eq $field;
        $v{$name} = $f->{type} eq 'radio' ? [$f->{options}[0]] : $f->{type} eq 'select' ? $f->{options}[1] : $f->{values}[0];
    }
    return $b->submit(\%v);
}
is add(1, '152')->{status}, 303, 'Polen is added';
is add(2, '137')->{status}, 303, 'Italien is added';
is scalar(add(2, '163')->{status}), 303, 'the second one is changed to Türkei';
my $list = $b->open($step);
my %seen;
my @named = grep { !$seen{$_}++ } $list->{text} =~ /(Polen|Italien|Türkei) \(/g;
is_deeply \@named, ['Polen', 'Türkei'], 'both, in order, under the names of their codes';

is $b->get("$step/4")->{status}, 404, 'an entry beyond the next one does not exist';
is $b->get("$step/1/entfernen")->{status}, 200, 'removing asks first';
$b->open($step);
is scalar(() = $b->{last}{text} =~ /Entfernen/g), 2, '… and changes nothing by asking';
$b->open("$step/1/entfernen");
is $b->submit({})->{status}, 303, 'Polen is removed';
my $after = $b->open($step);
unlike $after->{text}, qr/Polen \(/, 'and gone';
like $after->{text}, qr/Türkei \(/, 'the other one stays';
is $b->get("$step/2/entfernen")->{status}, 404, 'what is gone cannot be removed again';

my @codes = grep { length && $_ ne '163' } @options;
is add($_, $codes[$_ + 20])->{status}, 303, "entry $_" for 2 .. $max;
is $b->get("$step/" . ($max + 1))->{status}, 409, "no more than $max";
is $b->open($step) && $b->submit({})->{status}, 303, 'and the step is finished';
$server->log_is_clean;
done_testing;
