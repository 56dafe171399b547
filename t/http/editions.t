# The form changes while people fill it in: whoever has begun goes on with the edition they began with, and their application is
# sent; new visitors get the new one. An edition that is not installed costs nobody an answer.
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

my $s   = Eb::Server->new(start => 0);
my $dir = $s->{dir};
mkdir "$dir/formulare";
$s->{location} = qq(SetHandler einbuergerung\n    EinbuergerungForm "$dir/formulare/antrag.xml");
$s->write_conf;
my $old = Eb::Server::slurp(Eb::Server::root() . '/schemas/forms/einbuergerung.xml');
my $new = $old =~ s/(<eb:form\b[^>]*version=")[^"]+/${1}2027-01/r;
my ($first) = $old =~ /<eb:step id="([^"]+)"/;
$new =~ s/(<eb:step id=")\Q$first\E(">\s*<xf:label>)[^<]+/${1}anfang${2}Der neue Anfang/ or die 'the form has changed its shape';

sub install { my ($name, $text) = @_; open my $fh, '>', "$dir/formulare/$name" or die $!; print $fh $text; close $fh }
install('antrag.xml', $old);
$s->start_redis;
$s->start;
my $journey = Eb::Journey->new(Eb::Browser->new($s), '01-ledige-person');
my $b = $journey->{browser};
my $path = Eb::Journey::first_page($s);
$path = $journey->page($path) for 1 .. 3;

$s->stop;
install('antrag@2026.xml', $old);
install('antrag.xml', $new);
is [$s->configtest]->[0], 0, 'two editions pass configtest';
$s->start;
my $visitor = Eb::Browser->new($s);
like $visitor->get('/antrag/anfang')->{text}, qr/Der neue Anfang/, 'a new visitor gets the new edition';
is $visitor->get("/antrag/$first")->{status}, 404, '… alone';
is $b->get("/antrag/$first")->{status}, 200, 'who has begun goes on with the old one';
is $b->get('/antrag/anfang')->{status}, 404, '… alone';
my $receipt = eval { $path = $journey->page($path) until $path =~ m{/pruefen$}; $journey->send };
ok $receipt && Eb::Journey::number($receipt), 'to the receipt' or diag $@;
my ($message) = $s->await_inbox(1);
ok $message, 'and the message arrives';

my $other = Eb::Journey->new(Eb::Browser->new($s), '01-ledige-person');
my $next = $other->page('/antrag/anfang');
$s->stop;
unlink "$dir/formulare/antrag\@2026.xml";
install('antrag.xml', $old);
$s->expect(qr/EB07\d\d/);
$s->start;
my $res = $other->{browser}->get($next);
is $res->{status}, 503, 'an edition that is not installed: 503';
like $res->{text}, qr/<h1/, 'with a page';
$s->stop;
install('antrag@2027.xml', $new);
$s->start;
is $other->{browser}->get($next)->{status}, 200, 'installed again: nothing is lost';
$s->log_is_clean;
done_testing;
