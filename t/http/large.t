# An application whose answers and message together are more than a draft may hold: it is sent, and marked as sent, all the same. The
# real form cannot quite become that large, so its texts may be longer here.
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

my $s = Eb::Server->new(start => 0);
my ($dir, $share) = ($s->{dir}, "$s->{stage}/share");
mkdir "$dir/gross";
system('cp', '-R', "$share/schemas/message", "$share/schemas/forms", "$dir/gross") == 0 or die 'cp';
for my $file ((map { "$dir/gross/message/$_.xsd" } qw(baukasten einbuergerung)), "$dir/gross/forms/einbuergerung.xml") {
    my $text = Eb::Server::slurp($file);
    $text =~ s/(maxLength(?: value)?=")[125][02]0"/${1}2000"/g;
    $text =~ s/((?:eb:max|maxOccurs)=")20"/${1}40"/g;
    open my $fh, '>', $file or die $!;
    print $fh $text;
}
$s->{location} = qq(SetHandler einbuergerung\n    EinbuergerungForm "$dir/gross/forms/einbuergerung.xml");
$s->{vhost} = $s->authority =~ s{(EinbuergerungOutput )}{EinbuergerungMessage xslt=$dir/gross/message/einbuergerung.xsl xsd=$dir/gross/message/einbuergerung.xsd\n    $1}r;
$s->write_conf;
$s->start_redis;
$s->start;

my $fixture = Eb::Journey::promised(Eb::Journey::fixture('06-verurteilungen'));
for my $n (1 .. 26) {
    for (grep { m{^verurteilungen_ausland/verurteilung\[1\]/} } keys %$fixture) { $fixture->{ s/\[1\]/[$n]/r } = $fixture->{$_} }
    $fixture->{"verurteilungen_ausland/verurteilung[$n]/$_"} = 'ẞ' x 1990 . $n for qw(tat strafmass gericht);
}
my $journey = Eb::Journey->new(Eb::Browser->new($s), $fixture)->fill;
my $b = $journey->{browser};
my $preview = $b->get('/antrag/kopie.xml');
cmp_ok length $preview->{content}, '>', 450_000, 'a message of ' . length $preview->{content};
my $number = Eb::Journey::number($journey->send);
ok $number, "is sent as $number";
like $b->get('/antrag/kopie')->{text}, qr/\Q$number/, 'the draft knows it';
like $b->get('/antrag/kopie')->{text}, qr/ẞ{1990}26/, '… and has every answer';
unlike $b->{last}{text}, qr/kopie\.xml/, '… alone: no link leads to a message that it has no room for';
is $b->get('/antrag/kopie.xml')->{status}, 404, '… which is not there';
unlike $b->get('/antrag/quittung')->{text}, qr/kopie\.xml/, 'nor does one on the receipt';
is $b->get('/antrag/pruefen')->{status}, 409, 'nothing can be sent twice';
my ($file) = $s->await_inbox(1, 60);
cmp_ok -s $file, '>', 450_000, 'it arrives, once';
$s->log_is_clean;
done_testing;
