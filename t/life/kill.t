# kill -9 in the middle of submissions: the same receipt afterwards, one delivery each. A killer picks children (and now and then the
# whole server) at random while applications are sent; whoever got no answer asks again, as people do.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Browser;
use Eb::Journey;
use Eb::Server;
use Test::More;
use Time::HiRes qw(sleep time);

my $count = $ENV{EB_KILL_SUBMISSIONS} || 12;
my $server = Eb::Server->new;
$server->expect(qr/exit signal Killed/, qr/EB04\d\d/, qr/AH00052/, qr/AH00095/, qr/AH00098/);
my @ready = map { my $j = Eb::Journey->new(Eb::Browser->new($server), '01-ledige-person'); $j->fill; $j } 1 .. $count;
for (@ready) { $_->{browser}->open('/antrag/pruefen'); $_->{form} = $_->{browser}->form }

my ($kills, %receipt, @lost) = (0);
srand 20261125;
for my $j (@ready) {
    my $b = $j->{browser};
    $b->{http} = HTTP::Tiny->new(max_redirect => 0, timeout => 30, keep_alive => 0);
    my $delay = rand 0.012;
    my $whole = rand() < 0.15;
    my $killer = fork // die;
    if (!$killer) {
        sleep $delay;
        my @children = $server->children;
        kill 'KILL', $whole ? ($server->{pid}, @children) : @children;
        POSIX::_exit(0);
    }
    my $pairs = [@{ $j->{form}{hidden} }, _bestaetigt => 'ja', _weiter => 1];
    my $res = $b->post('/antrag/pruefen', $pairs);
    my $seen = $res->{status} == 303 ? 'answered' : 'cut';
    waitpid $killer, 0;
    $kills++;
    if ($whole) { waitpid delete $server->{pid}, 0; sleep 0.1; $server->start }
    for (1 .. 600) { last if eval { $b->get('/antrag/')->{status} == 200 }; sleep 0.05 }
    # The person comes back: the receipt, or the review page once more.
    my $number;
    for (1 .. 200) {
        my $r = $b->open('/antrag/quittung');
        $number = Eb::Journey::number($r), last if $r->{status} == 200;
        my $p = $b->open('/antrag/pruefen');
        if ($p->{status} == 200 && $b->form) {
            my $again = $b->submit({ _bestaetigt => ['ja'] });
        }
        sleep 0.05;
    }
    push @lost, "$seen after $delay s" unless $number;
    $receipt{$number}++ if $number;
}
is scalar keys %receipt, $count, "$count submissions, $kills kills: a receipt each" or diag join "\n", @lost;
my @inbox = $server->await_inbox($count);
sleep 1;
@inbox = $server->inbox;
my %arrived;
for (@inbox) { $arrived{$1}++ if m{/(EB-[^_]+)_} }
my @never = grep { !$arrived{$_} } keys %receipt;
my @twice = grep { $arrived{$_} > 1 } keys %arrived;
is scalar @never, 0, 'every receipt has its message';
is scalar @twice, 0, 'nothing arrived twice';
is scalar @inbox, $count, 'as many messages as receipts';
printf "# figure kill_child_lost %d submissions\n# figure kill_child_twice %d submissions\n", scalar @never, scalar @twice;
$server->log_is_clean;
done_testing;
