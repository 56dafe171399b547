# A fail-over under submissions, with the outbox in Redis: the master is killed while applications are sent and delivered, a Sentinel
# makes a replica the master, everybody goes on. With replicas=1 a receipt is a promise: none is lost, none arrives twice. Without it
# Redis answers before a replica has heard of it; what it had in its hands when it died is then gone, receipt or not, and only what had
# reached a replica is promised. EB_SOAK=SECONDS: one fail-over after another, for that time.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Load;
use Eb::Sentinels;
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => 'not under sanitizers: a matter of processes that are killed' if $ENV{EB_SANITIZE};

my $soak   = $ENV{EB_SOAK};
my $COUNT  = 24;
my @honest = ('--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction');

# Two replicas, so that there is one left to wait for when the other has become the master. The drafts reach all of them.
sub prepare {
    my ($server, $replicas) = @_;
    my $group = Eb::Sentinels->new($server, redis => [qw(a b c)], options => \@honest) or plan skip_all => 'no Redis binary (package redis-tools)';
    $group->start or plan skip_all => 'this Redis binary is no Sentinel';
    for my $key ($server->redis_keys) { $group->ask('a', 'RESTORE', $key, 20 * 86_400_000, $server->redis('DUMP', $key)) eq 'OK' or die $key }
    Eb::Sentinels::await(sub { keys_in($group, 'b') == keys_in($group, 'a') && keys_in($group, 'c') == keys_in($group, 'a') }) or die 'no replicas';
    $server->stop_redis;
    $server->{redis_conf} = qq(EinbuergerungRedis "${\ $group->address}" replicas=$replicas connect-timeout=1000 timeout=2000);
    $server->write_conf;
    return $group;
}
sub keys_in { my ($group, $name) = @_; return $group->ask($name, 'DBSIZE') || -1 }

sub receipts { my ($crowd) = @_; return map { /^(EB-[^\t]+)/ ? $1 : () } split /\n/, Eb::Server::slurp($crowd->{file}) }
sub offset { my ($group, $name) = @_; return $group->ask($name, 'INFO', 'replication') =~ /^(?:slave|master)_repl_offset:(\d+)/m ? $1 : 0 }

# The receipts that were out, and had reached both replicas, before the master died.
sub kill_master {
    my ($group, $crowd) = @_;
    Eb::Sentinels::await(sub { receipts($crowd) >= $COUNT / 3 || !$crowd->running });
    my @before = receipts($crowd);
    my $reached = offset($group, 'a');
    Eb::Sentinels::await(sub { offset($group, 'b') >= $reached && offset($group, 'c') >= $reached });
    $group->finish('a');
    return @before;
}

# One fail-over; adds to the sums.
sub round {
    my ($replicas, $sum) = @_;
    my $group;
    my $load = Eb::Load->new(server => 'EinbuergerungOutbox redis lease=2', prepare => sub { $group = prepare($_[0], $replicas) });
    my $server = $load->{server};
    $server->expect(qr/EB04\d\d/, qr/EB0[567]\d\d/);
    my $crowd  = $load->begin(clients => 4, count => $COUNT, pause => 0.3, seconds => 150);
    my @before = kill_master($group, $crowd);
    my $at     = time;
    my $known  = () = receipts($crowd);
    Eb::Sentinels::await(sub { receipts($crowd) > $known || !$crowd->running }, 150);
    $sum->{gap} = time - $at if time - $at > ($sum->{gap} // 0);
    my $result = $crowd->finish;
    isnt $group->named, $group->{port}{a}, 'a replica has become the master';
    cmp_ok scalar(@before), '<', $COUNT, 'while applications were being sent';
    $sum->{failovers}++;
    $sum->{refused} += @{ $result->{failed} };
    $sum->{without} += $result->{without};
    my $tally = $replicas ? settle($load, $sum) : arrived($load, $sum);
    my %before = map { ($_ => 1) } @before;
    $sum->{early} += grep { $before{$_} } @{ $tally->{lost} }, @{ $tally->{twice} };
    $server->log_is_clean;
}

sub settle { my ($load, $sum) = @_; $load->{sum} = $sum->{load} //= {}; $sum->{last} = $load; return $load->settle('failover_wait1', last => 1, wait => 120) }

# All that come; how many that will be nobody can say, so: until the outbox is empty, and nothing more has come for some time.
sub arrived {
    my ($load, $sum) = @_;
    my ($receiver, $count, $since) = ($load->{receiver}, -1, time);
    Eb::Sentinels::await(sub {
        my $now = () = $receiver->seen;
        ($count, $since) = ($now, time) if $now != $count;
        return $count >= @{ $load->{receipts} } || time - $since > 10;
    }, 120);
    sleep 1;
    my $tally = $receiver->tally(@{ $load->{receipts} });
    $sum->{submissions} += @{ $load->{receipts} };
    $sum->{$_} += @{ $tally->{$_} } for qw(lost twice unknown broken);
    return $tally;
}

for my $replicas (1, 0) {
    subtest "replicas=$replicas" => sub {
        my ($name, %sum) = ("failover_wait$replicas");
        my $end = time + ($soak // 0) * 0.5;
        do { round($replicas, \%sum) } while (time < $end);
        is $sum{without}, 0, 'everybody got a receipt';
        is $sum{early}, 0, 'what had reached a replica when the master died is there, once';
        $sum{last}->figures($name) if $replicas;
        is $sum{broken}, 0, 'whatever arrives is whole' if !$replicas;
        note "figure ${name}_failovers $sum{failovers} failovers";
        note "figure ${name}_refused $sum{refused} requests";
        note sprintf "figure ${name}_gap %.1f s", $sum{gap};
        if (!$replicas) { note "figure ${name}_$_ $sum{$_} submissions" for qw(submissions lost twice) }
    };
}
done_testing;
