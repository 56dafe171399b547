# The clean end: whatever ends a child while applications are being delivered, it is gone at once (two seconds, where the
# machine has nothing else to do), and every application arrives once.
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

my $server = Eb::Server->new;

sub send_some {
    my ($count) = @_;
    return map { my $j = Eb::Journey->new(Eb::Browser->new($server), '01-ledige-person'); $j->fill; Eb::Journey::number($j->send) } 1 .. $count;
}

# Seconds until every one of these processes is gone.
sub gone {
    my ($limit, @pids) = @_;
    my $t0 = time;
    while (time - $t0 < $limit) {
        return time - $t0 unless grep { -d "/proc/$_" && Eb::Server::slurp("/proc/$_/stat") !~ /\) Z/ } @pids;
        sleep 0.02;
    }
    return $limit;
}

my @sent;
for my $end ([ USR1 => 'graceful' ], [ HUP => 'restart' ], [ WINCH => 'graceful-stop' ], [ TERM => 'stop' ]) {
    my ($signal, $name) = @$end;
    push @sent, send_some(3);
    my @children = $server->children;
    kill $signal, $server->{pid};
    my $seconds = gone(60, @children);
    cmp_ok $seconds, '<', 30, sprintf '%s while busy: the children are gone after %.1f s', $name, $seconds;
    next if $signal eq 'USR1' || $signal eq 'HUP';
    gone(60, $server->{pid});
    $server->start;
}
my @inbox = $server->await_inbox(scalar @sent);
is scalar @inbox, scalar @sent, 'every application arrived once';
for my $number (@sent) { is scalar(grep { /\Q$number/ } @inbox), 1, $number }
$server->log_is_clean;
done_testing;
