# What looks wrong is said once, on its page, and is in nobody's way: the answers are stored, the same button goes on, the review reminds.
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

my $tr = -e Eb::Server::build() . '/stage/share/languages/tr.mo';
my $s = Eb::Server->new(server => $tr ? 'EinbuergerungLanguages de tr' : '');
my $b = Eb::Browser->new($s);
my $year = (localtime)[5] + 1900;
my $page = '/antrag/einreise';
sub path  { return $_[0]{location} =~ s{^https?://[^/]+}{}r }
sub stay  { return ('aufenthalt.einreise_am.jahr' => $_[0], 'aufenthalt.rechtmaessig_seit.jahr' => $_[1], 'aufenthalt.unterbrochen' => ['false']) }

$b->open($page);
my $res = $b->submit({ stay(2012, $year - 1) });
is $res->{status}, 303, 'an unlikely answer is stored';
is path($res), $page, '… and its page shown once more';
$res = $b->open($page);
is $res->{status}, 200, '… not as an error';
unlike $res->{text}, qr/<title>Fehler/, '… and not called one';
like $res->{text}, qr/id='hinweise'.*?href='#aufenthalt\.rechtmaessig_seit\.tag'.*?So kurz genügt meist nicht.*?gehen Sie einfach weiter/s,
    '… but with a box that links to the answer';
my ($mark) = map { $_->[1] } grep { $_->[0] eq '_gesehen' } pairs(@{ $b->form->{hidden} });
ok $mark, '… and knows what it showed';
sub pairs { my @p; push @p, [splice @_, 0, 2] while @_; return @p }

SKIP: {
    skip 'no catalogues (msgfmt is missing)', 2 unless $tr;
    my @sent = (@{ $b->form->{hidden} }, map { ref $_ ? @$_ : $_ } stay(2012, $year - 1));
    my $there = $b->post("/antrag/tr/einreise", [@sent, _weiter => 1]);
    is $there->{status}, 303, 'what was shown in German is taken by the Turkish page';
    isnt path($there), '/antrag/tr/einreise', '… which has nothing to add: it goes on';
    $b->open('/antrag/de/einreise');
}
isnt path($b->submit({ stay(2012, $year - 1) })), $page, 'the same again goes on';
like $b->open('/antrag/aufgaben')->{text}, qr{href='/antrag/einreise'.*?Vollständig}s, 'the step is done';

$b->open($page);
isnt path($b->submit({ stay(2012, 2012) })), $page, 'a likely answer goes on at once';
unlike $b->open($page)->{text}, qr/id='hinweise'/, 'and there is nothing more to say';

# A whole application with warnings arrives; the review links to them.
my $journey = Eb::Journey->new(Eb::Browser->new($s), '09-sehr-umfangreich');
$journey->fill;
my $review = $journey->{browser}->open('/antrag/pruefen');
like $review->{text}, qr/id='hinweise'.*?<a class='kern-link' href='\/antrag\/wohnorte'>.*?Zwischen Ihrer Einreise und dem ersten Wohnort.*?so absenden/s,
    'the review says so, with a link';
ok Eb::Journey::number($journey->send), 'and the application is sent';
$s->log_is_clean;
done_testing;
