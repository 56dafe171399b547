# Impatient clicks on "absenden", with documents that take their time: whoever comes while the first one is being sent, and when it just has
# been, reaches the same receipt; one message arrives, with every document.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Browser;
use Eb::Files;
use Eb::Journey;
use Eb::Server;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep);

my $server  = Eb::Server->new(limits => "StartServers 1\nServerLimit 1\nThreadsPerChild 25\nMaxRequestWorkers 25\nMinSpareThreads 1\nMaxSpareThreads 25\n");
my $answers = Eb::Journey::promised(Eb::Journey::fixture('01-ledige-person'));
my $page    = '/antrag/nachweise-person';
my $rounds  = 4;
my ($receipts, $others) = (0, 0);

for my $round (1 .. $rounds) {
    my $b = Eb::Browser->new($server);
    my $journey = Eb::Journey->new($b, $answers)->fill;
    $b->open($page);
    $b->submit({ 'nachweise.geburtsurkunde' => [map { Eb::Files::make("$round-$_.png", 3_000_000) } 1 .. 6] }, '_hochladen')->{status} == 303 or die 'upload';
    $b->open('/antrag/pruefen');
    my $form  = $b->form;
    my @pairs = (@{ $form->{hidden} }, _bestaetigt => 'ja', _weiter => 1);
    my @pids;
    for my $click (1 .. 16) {
        my $pid = fork // die $!;
        if (!$pid) {
            sleep 0.03 * $click;
            my $res = $b->post($form->{action}, \@pairs);
            POSIX::_exit($res->{status} == 303 && $res->{location} =~ m{/quittung$} ? 0 : 1);
        }
        push @pids, $pid;
    }
    for (@pids) { waitpid $_, 0; $? ? $others++ : $receipts++ }
}
is $others, 0, "$receipts clicks, each of them leads to the receipt";
is scalar(() = $server->await_inbox($rounds)), $rounds, 'one message for each application';
is scalar(() = glob "$server->{dir}/eingang/*/*"), 6 * $rounds, 'with all of its documents';
$server->log_is_clean;
done_testing;
