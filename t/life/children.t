# kill -9 under load: of children at random, of the parent, and gracefuls every two seconds. Whoever gets no answer asks again, as
# people do. However it falls: a receipt for each, one message for each receipt; and a graceful fails no request at all.
# The short form ends with its counts, however slow the machine. EB_SOAK=SECONDS: 20,000 submissions and 3,000 kills, or as many as that
# time bears, at several servers side by side, since a receiver gets one application after another and a disk syncs for many at once.
# EB_SOAK_WHOLE=1: the counts, whatever time they take.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Arenas;
use Eb::Load;
use List::Util qw(shuffle sum);
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => 'not under sanitizers: a killed process reports nothing' if $ENV{EB_SANITIZE};

my $soak = $ENV{EB_SOAK};
my ($SUBMISSIONS, $KILLS, $ARENAS) = $soak ? (20_000, 3_000, 4) : (200, 30, 1);
my $BACKSTOP = $ENV{EB_SOAK_WHOLE} ? 86_400 : 300;    # seconds
my $LIMITS   = "StartServers 6\nServerLimit 8\nThreadsPerChild 2\nMaxRequestWorkers 16\nMinSpareThreads 12\nMaxSpareThreads 16\n";

sub seconds { my ($share) = @_; return $soak && !$ENV{EB_SOAK_WHOLE} ? $soak * $share : $BACKSTOP }

# Rounds until it is enough, or until the time is over. What disturbs them goes by what arrives, once for so many (`every`) on average:
# so it comes in the midst of work however fast that is, and a slow machine is not killed to a standstill.
sub rounds {
    my ($mode, $load, %o) = @_;
    my ($server, $receiver) = @$load{qw(server receiver)};
    my $found = { failed => [], without => 0, disturbed => 0 };
    my ($end, $due) = (time + $o{seconds}, 1);
    my $disturb = sub {
        sleep 0.02 + rand 0.1;
        return if (my $arrived = () = $receiver->all) < $due;
        $due = $arrived + rand 2 * $o{every};
        $found->{disturbed} += $o{disturb}->($server, $found->{disturbed});
    };
    until (time > $end || $o{enough}->($found)) {
        my $crowd = $load->begin(clients => 4, pause => $o{pause});
        $disturb->() while $crowd->running;
        my $r = $crowd->finish;
        push @{ $found->{failed} }, @{ $r->{failed} };
        $found->{without} += $r->{without};
        my $last = time + 120;
        $disturb->() while time < $last && (() = $receiver->seen) < @{ $load->{receipts} };
        $load->settle($mode);
        $found->{sum} = $load->{sum}{$mode};
    }
    return $found;
}

# The same in several arenas; what came of it in all of them, and the tests that all modes have in common.
sub everywhere {
    my ($mode, $arenas, %o) = @_;
    my @found = Eb::Arenas::run($arenas, sub {
        my $load = Eb::Load->new(limits => $LIMITS);
        $load->{server}->expect(qr/exit signal Killed/, qr/EB04\d\d/, qr/AH00052/, qr/AH00095/, qr/AH00098/);
        my $found = rounds($mode, $load, %o);
        return { %$found, log => [$load->{server}->check_log] };
    });
    is sum(map { $_->{without} } @found), 0, "$mode: everybody got a receipt";
    Eb::Load::figures_of($mode, map { $_->{sum} } @found);
    my @log = map { @{ $_->{log} } } @found;
    ok !@log, 'nothing unexpected in the error log' or diag join "\n", @log[0 .. ($#log > 9 ? 9 : $#log)];
    return (sum(map { $_->{disturbed} } @found), map { @{ $_->{failed} } } @found);
}

# Up to half of the children at once; httpd replaces them once a second.
subtest 'kill -9 of children' => sub {
    my ($kills, @failed) = everywhere('kill_child', $ARENAS, seconds => seconds(0.74), pause => $soak ? 0.6 : 0.1, every => 1.8 * $SUBMISSIONS / $KILLS, enough => sub {
        my ($found) = @_;
        return $found->{disturbed} >= $KILLS / $ARENAS && $found->{sum} && $found->{sum}{submissions} >= $SUBMISSIONS / $ARENAS;
    }, disturb => sub {
        my @children = shuffle $_[0]->children;
        return @children ? kill 'KILL', @children[0 .. rand(@children / 2)] : 0;
    });
    note "figure kill_child_kills $kills kills";
    note 'figure kill_child_cut ' . @failed . ' requests';
    cmp_ok $kills, '>=', $soak ? 2 : $KILLS, "$kills children were killed";
};

subtest 'kill -9 of the parent' => sub {
    my $want = $soak ? 50 : 2;
    my ($kills, @failed) = everywhere('kill_parent', $ARENAS, seconds => seconds(0.15), pause => $soak ? 0.6 : 0.2, every => 6, enough => sub { $_[0]{disturbed} >= $want }, disturb => sub {
        my ($server, $kills) = @_;
        if ($kills % 2) { $server->kill_all }
        else            { orphans($server) }
        $server->start;
        return 1;
    });
    note "figure kill_parent_kills $kills kills";
    note 'figure kill_parent_cut ' . @failed . ' requests';
    cmp_ok $kills, '>=', 2, "the parent was killed $kills times";
};

# The parent alone: its children stay, and go on delivering, until they notice.
sub orphans {
    my ($server) = @_;
    my $pid = delete $server->{pid};
    my @children = $server->children($pid);
    kill 'KILL', $pid;
    waitpid $pid, 0;
    sleep 0.1;
    kill 'KILL', @children;
    for (1 .. 6000) { last unless grep { kill 0, $_ } @children; sleep 0.01 }
}

subtest 'graceful every two seconds' => sub {
    my ($want, $next) = ($soak ? 50 : 2, time + 0.5);
    my ($gracefuls, @failed) = everywhere('graceful', 1, seconds => seconds(0.11), pause => 0.5, every => 0, enough => sub { $_[0]{disturbed} >= $want }, disturb => sub {
        return 0 if time < $next;
        $next = time + 2;
        return kill 'USR1', $_[0]{pid};
    });
    is_deeply \@failed, [], "$gracefuls gracefuls: no failed request";
    note "figure graceful_failed @{[ scalar @failed ]} requests";
    cmp_ok $gracefuls, '>', 0, "$gracefuls gracefuls";
};

done_testing;
