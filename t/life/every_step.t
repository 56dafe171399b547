# kill -9 between any two steps of a submission, one after another: for each system call with an effect, strace kills the process as it
# enters the N-th, for N = 1, 2, … until a submission and its delivery pass without meeting it. Whatever the moment: the same receipt, one message.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Browser;
use Eb::Journey;
use Eb::Server;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => 'no strace (package strace)' if system('command -v strace >/dev/null');
plan skip_all => 'strace may not attach here' if system("strace -qq -o /dev/null -e trace=none true 2>/dev/null");
plan skip_all => 'not under sanitizers: their runtime does not bear being traced' if $ENV{EB_SANITIZE};

my @effects = ('write,writev,sendto', 'fsync', 'linkat', 'renameat,rename,renameat2', 'unlinkat,unlink', 'flock');
my $server = Eb::Server->new(mpm => 'prefork', limits => "StartServers 1\nMinSpareServers 1\nMaxSpareServers 1\nServerLimit 1\nMaxRequestWorkers 1\n");
$server->expect(qr/exit signal Killed/, qr/EB04\d\d/, qr/AH00052/, qr/AH00161/);
my (@receipts, @moments);
my $answers = Eb::Journey::promised(Eb::Journey::fixture('01-ledige-person'), 'nachweise/geburtsurkunde');    # one file

sub wait_for_child {
    for (1 .. 3000) { my @c = $server->children; return $c[0] if @c && $server->answers; sleep 0.02 }
    die 'no child';
}

sub inbox_count { my @files = $server->inbox; return scalar @files }
sub dead { my ($pid) = @_; return !kill(0, $pid) || Eb::Server::slurp("/proc/$pid/status") =~ /^State:\s+Z/m }

# The threads of a prefork child: the first serves requests, the others belong to the ticker.
sub threads {
    my ($child, $which) = @_;
    my @all = map { m{(\d+)$} } glob "/proc/$child/task/*";
    return $which eq 'request' ? ($child) : grep { $_ != $child } @all;
}

# One submission, met by death at the n-th of such calls in the threads named. True when it was.
sub submission {
    my ($which, $calls, $n) = @_;
    my $journey = Eb::Journey->new(Eb::Browser->new($server), $answers);
    eval { $journey->fill; 1 } or die "$which $calls $n: $@";
    my $b = $journey->{browser};
    $b->open('/antrag/pruefen');
    my $form  = $b->form;
    my $child = wait_for_child();
    my $trace = "$server->{dir}/trace";
    unlink $trace;
    my @threads = threads($child, $which);
    my $strace = $server->spawn('/dev/null', 'strace', '-qq', '-o', $trace, (map { ('-p', $_) } @threads), '-e', "trace=$calls",
        '-e', "inject=$calls:signal=KILL:when=$n");
    for (1 .. 3000) { last unless grep { Eb::Server::slurp("/proc/$child/task/$_/status") !~ /^TracerPid:\s+[1-9]/m } @threads; sleep 0.01 }
    $b->post('/antrag/pruefen', [@{ $form->{hidden} }, _bestaetigt => 'ja', _weiter => 1]);

    # Delivery runs in the ticker of the same child: it is given its time, and a little more for what follows the message.
    my $before = @receipts;
    my $end = time + 60;
    sleep 0.02 until time > $end || dead($child) || inbox_count() > $before;
    my $spool = "$server->{dir}/spool/05711000/queue";
    sleep 0.02 until time > $end || dead($child) || !(() = glob "$spool/*");
    my $killed = dead($child);
    kill 'TERM', $strace;
    waitpid $strace, 0;
    my ($last) = Eb::Server::slurp($trace) =~ /.*^(?:\d+\s+)?(\w+\([^\n]{0,70})[^\n]*\n[^\n]*killed by SIGKILL/ms;
    push @moments, sprintf '%s, %s %d: %s', $which, $calls, $n, $last // '?' if $killed;

    # The person comes back: the receipt, or the review once more.
    my $number;
    for (1 .. 600) {
        my $r = eval { $b->open('/antrag/quittung') } || { status => 0 };
        if ($r->{status} == 200) { $number = Eb::Journey::number($r); last }
        my $p = eval { $b->open('/antrag/pruefen') } || { status => 0 };
        eval { $b->submit({ _bestaetigt => ['ja'] }) } if $p->{status} == 200 && $b->form;
        sleep 0.05;
    }
    push @receipts, $number // "none at $which $n";
    my @inbox = $server->await_inbox(scalar @receipts);
    die 'a message is missing after ' . ($moments[-1] // 'no kill') if @inbox < @receipts;
    return $killed;
}

for my $which ('request', 'delivery') {
    my $met = 0;
    for my $calls (@effects) {
        my $n = 0;
        while ($n < 80) { last unless submission($which, $calls, ++$n); $met++ }
        cmp_ok $n, '<', 80, "$which, $calls: " . ($n - 1) . ' deaths, then none';
    }
    cmp_ok $met, '>', 6, "$which: $met moments of death";
}
note $_ for @moments;
sleep 1.5;
my %seen;
$seen{$_}++ for map { m{/(EB-[^_]+)_} ? $1 : () } $server->inbox;
is_deeply [sort keys %seen], [sort @receipts], scalar(@receipts) . ' receipts, a message for each';
is_deeply [grep { $seen{$_} != 1 } sort keys %seen], [], 'one message each';
my @bare = grep { my @documents = glob s/\.xml$//r . '/*'; @documents != 1 } $server->inbox;
is scalar(@bare), 0, 'with its document beside it' or diag join ' ', @bare;
printf "# figure kill_step_lost %d submissions\n# figure kill_step_twice %d submissions\n",
    scalar(grep { !$seen{$_} } @receipts), scalar(grep { $_ > 1 } values %seen);
$server->log_is_clean;
done_testing;
