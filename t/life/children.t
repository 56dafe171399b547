# kill -9 under load: of children at random, of the parent, and gracefuls every two seconds. Whoever gets no answer asks again, as
# people do. However it falls: a receipt for each, one message for each receipt; and a graceful fails no request at all.
# The short form ends with its counts, however slow the machine; EB_SOAK=SECONDS: 20,000 submissions and 3,000 kills, or as many as
# that time bears.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Load;
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => 'not under sanitizers: a killed process reports nothing' if $ENV{EB_SANITIZE};

my $soak = $ENV{EB_SOAK};
my ($SUBMISSIONS, $KILLS) = $soak ? (20_000, 3_000) : (200, 30);
my $BACKSTOP = 300;    # seconds
my $load   = Eb::Load->new(limits => "StartServers 4\nServerLimit 6\nThreadsPerChild 4\nMaxRequestWorkers 16\nMinSpareThreads 8\nMaxSpareThreads 16\n");
my $server = $load->{server};
$server->expect(qr/exit signal Killed/, qr/EB04\d\d/, qr/AH00052/, qr/AH00095/, qr/AH00098/);

# Rounds until it is enough, or until the time is over; what disturbs them is called again and again.
sub rounds {
    my ($mode, $seconds, $pause, $enough, $disturb) = @_;
    my $end = time + $seconds;
    my (@failed, $without);
    while (time < $end && !$enough->()) {
        my $crowd = $load->begin(clients => 4, pause => $pause);
        $disturb->() while $crowd->running;
        my $r = $crowd->finish;
        push @failed, @{ $r->{failed} };
        $without += $r->{without};
        $load->settle($mode);
    }
    is $without // 0, 0, "$mode: everybody got a receipt";
    $load->figures($mode);
    return @failed;
}

sub submissions { my ($mode) = @_; return ($load->{sum}{$mode} // { submissions => 0 })->{submissions} }

subtest 'kill -9 of children' => sub {
    my $kills = 0;
    my @failed = rounds('kill_child', $soak ? $soak * 0.7 : $BACKSTOP, $soak ? 0.1 : 0.3, sub { $kills >= $KILLS && submissions('kill_child') >= $SUBMISSIONS }, sub {
        sleep 0.15 + rand 0.25;
        return if $kills >= $KILLS;
        my @children = $server->children or return;
        $kills += kill 'KILL', $children[rand @children];
    });
    note "figure kill_child_kills $kills kills";
    note 'figure kill_child_cut ' . @failed . ' requests';
    cmp_ok $kills, '>=', $soak ? 2 : $KILLS, "$kills children were killed";
};

subtest 'kill -9 of the parent' => sub {
    my ($kills, $want) = (0, $soak ? 200 : 2);
    my @failed = rounds('kill_parent', $soak ? $soak * 0.15 : $BACKSTOP, 0.2, sub { $kills >= $want }, sub {
        sleep 0.2 + rand 0.4;
        return if $kills >= $want;
        if ($kills % 2) { $server->kill_all }
        else { orphans() }
        $kills++;
        $server->start;
        sleep 0.3;
    });
    note "figure kill_parent_kills $kills kills";
    note 'figure kill_parent_cut ' . @failed . ' requests';
    cmp_ok $kills, '>=', 2, "the parent was killed $kills times";
};

# The parent alone: its children stay, and go on delivering, until they notice.
sub orphans {
    my $pid = delete $server->{pid};
    my @children = $server->children($pid);
    kill 'KILL', $pid;
    waitpid $pid, 0;
    sleep 0.1;
    kill 'KILL', @children;
    for (1 .. 6000) { last unless grep { kill 0, $_ } @children; sleep 0.01 }
}

subtest 'graceful every two seconds' => sub {
    my ($gracefuls, $seconds, $next) = (0, $soak ? $soak * 0.15 : $BACKSTOP, time + 0.5);
    my @failed = rounds('graceful', $seconds, 0.5, sub { !$soak && $gracefuls >= 2 }, sub {
        if (time >= $next) { kill 'USR1', $server->{pid}; $gracefuls++; $next = time + 2 }
        sleep 0.05;
    });
    is_deeply \@failed, [], "$gracefuls gracefuls: no failed request";
    note "figure graceful_failed @{[ scalar @failed ]} requests";
    cmp_ok $gracefuls, '>', 0, "$gracefuls gracefuls";
};

$server->log_is_clean;
done_testing;
