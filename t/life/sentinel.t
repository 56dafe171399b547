# Fail-over with Redis Sentinel: a master that is killed, that comes back and still takes itself for one, that freezes and thaws. A
# draft that was acknowledged and replicated stays; meanwhile there is a page that says so; nothing is written to yesterday's master.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Browser;
use Eb::Journey;
use Eb::Server;
use IO::Socket::INET;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

my $DRAFTS = 20;
my $s   = Eb::Server->new(start => 0);
my $dir = $s->{dir};
my $bin = Eb::Server::redis_binary($dir) or plan skip_all => 'no Redis binary (package redis-tools)';
$s->expect(qr/EB0402/, qr/EB0403/, qr/EB0424/);

my (%port, %pid);
my %used;
for my $name (qw(a b s1 s2 s3)) {
    do { $port{$name} = Eb::Server::free_port() } while $used{ $port{$name} }++ || $port{$name} > 55000;    # + 10000 is the bus of clusters
}

sub ask {
    my ($name, @command) = @_;
    my $c = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port{$name}, Timeout => 1) or return '';
    print $c join '', '*', scalar(@command), "\r\n", map { ('$', length, "\r\n", $_, "\r\n") } @command;
    $c->flush;
    return eval { local $SIG{ALRM} = sub { die "silent\n" }; alarm 2; my $r = Eb::Server::redis_reply($c); alarm 0; $r } // '';
}

sub await {
    my ($seconds, $what) = @_;
    my $end = time + $seconds;
    while (time < $end) { return 1 if $what->(); sleep 0.02 }
    return 0;
}

sub launch {
    my ($name, @options) = @_;
    mkdir "$dir/$name";
    $pid{$name} = $s->spawn("$dir/log/$name.log", $bin, @options, '--port', $port{$name}, '--bind', '127.0.0.1', '--dir', "$dir/$name");
}

sub launch_redis { my ($name, @more) = @_; launch($name, '--save', '', '--appendonly', 'no', '--repl-diskless-sync-delay', 0, @more) }

sub launch_sentinel {
    my ($name) = @_;
    open my $fh, '>', "$dir/$name.conf" or die $!;
    print $fh "sentinel monitor antrag 127.0.0.1 $port{a} 2\nsentinel down-after-milliseconds antrag 500\nsentinel failover-timeout antrag 3000\n";
    close $fh;
    launch($name, "$dir/$name.conf", '--sentinel');
}

sub finish { my ($name, $signal) = @_; my $pid = delete $pid{$name} or return; kill 'CONT', $pid; kill $signal // 'KILL', $pid; waitpid $pid, 0 }

END { local $?; finish($_) for keys %pid }

sub role      { my $r = ask($_[0], 'ROLE'); return ref $r ? $r->[0] : '' }
sub named     { my $r = ask('s1', 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'antrag'); return ref $r ? $r->[1] : 0 }
sub drafts_in { return scalar ask($_[0], 'DBSIZE') }
sub watched {
    for my $sentinel (qw(s1 s2 s3)) {
        return 0 if ask($sentinel, 'SENTINEL', 'CKQUORUM', 'antrag') !~ /^OK 3/;
        my $replicas = ask($sentinel, 'SENTINEL', 'REPLICAS', 'antrag');
        return 0 unless ref $replicas && @$replicas;
    }
    return 1;
}

launch_redis('a');
await(5, sub { ask('a', 'PING') eq 'PONG' }) or BAIL_OUT 'Redis did not start';
launch_redis('b', '--replicaof', "127.0.0.1 $port{a}");
launch_sentinel($_) for qw(s1 s2 s3);
await(3, sub { ask('s1', 'PING') eq 'PONG' }) or plan skip_all => 'this Redis binary is no Sentinel';
await(10, \&watched) or diag map { Eb::Server::slurp("$dir/log/$_.log") } qw(b s1);

my $hosts = join ',', map { "127.0.0.1:$port{$_}" } qw(s1 s2 s3);
$s->{redis_conf} = qq(EinbuergerungRedis "sentinel://$hosts/antrag" connect-timeout=300 timeout=500);
$s->write_conf;
$s->start;
my $first = Eb::Journey::first_page($s);
my %valid = Eb::Journey::page_values($s, $first, '01-ledige-person');
my @drafts;

# A new draft with its first answers; the browser when they were acknowledged, else the refusal.
sub draft {
    my $b = Eb::Browser->new($s);
    $b->open($first);
    my $res = $b->submit(\%valid);
    return $res->{status} == 303 ? $b : $res;
}
sub good { grep { ref eq 'Eb::Browser' } @_ }
sub fields { my ($b) = @_; my $form = $b->get($first)->{status} == 200 && $b->form; return $form ? $form->{fields} : {} }

my $want;
sub lost { my $n = 0; for my $b (@_) { $n++ unless Test::More::eq_hash(fields($b), $want) } return $n }

# Tries until an answer is stored again; what came meanwhile.
sub through_failover {
    my (@known) = @_;
    my ($start, %seen) = (time);
    while (time < $start + 12) {
        my $known = $known[rand @known];
        my $got = $known->get($first);
        $seen{"GET $got->{status}"}++;
        like $got->{text}, qr/<h1/, 'a page says what is the matter' if $got->{status} == 503 && $seen{'GET 503'} == 1;
        ok $got->{headers}{'retry-after'}, 'and when to try again' if $got->{status} == 503 && $seen{'GET 503'} == 1;
        my $new = draft();
        return (time - $start, \%seen, $new) if good($new);
        $seen{"POST $new->{status}"}++;
        sleep 0.02;
    }
    return (time - $start, \%seen);
}

# Six at once, so that httpd has several connections; how many times it went well.
sub crowd {
    my ($what) = @_;
    my ($good, @children) = (0);
    for (1 .. 6) {
        my $pid = fork // die "fork: $!";
        POSIX::_exit(scalar grep { $what->() } 1 .. 10) if !$pid;
        push @children, $pid;
    }
    for (@children) { waitpid $_, 0; $good += $? >> 8 }
    return $good;
}
sub read_one { $drafts[0]->get($first)->{status} == 200 }
sub write_one { good(draft()) }

@drafts = map { draft() } 1 .. $DRAFTS;
is scalar(good(@drafts)), $DRAFTS, "$DRAFTS drafts by way of the Sentinels";
$want = fields($drafts[0]);
ok scalar keys %$want, 'with answers';
is drafts_in('a'), $DRAFTS, 'they are in the master';
crowd(\&read_one);
ask('a', 'CONFIG', 'RESETSTAT');
$drafts[$_]->get($first) for 0 .. 9;
my $stats = ask('a', 'INFO', 'commandstats');
is join(' ', sort map { /^cmdstat_((?!info|ping|publish|replconf|subscribe|config)[^:]+:calls=\d+)/ ? $1 : () } split /\r\n/, $stats), 'xrevrange:calls=10',
    'connections that stand ask nobody: a GET is one command';

sub check_failover {
    my ($name, $ms, $seen, $new) = @_;
    ok $new, 'answers are stored again' or diag map { Eb::Server::slurp("$dir/log/$_.log") } qw(s1 s2 s3);
    push @drafts, $new if $new;
    is join(' ', grep { !/ (?:503|200)$/ } sort keys %$seen), '', 'meanwhile nothing but the page or the draft';
    my $lost = lost(@drafts);
    is $lost, 0, 'every acknowledged draft is there';
    note sprintf 'figure sentinel_%s_gap %d ms', $name, 1000 * $ms;
    note "figure sentinel_${name}_lost $lost of " . @drafts . ' drafts';
    note "figure sentinel_${name}_refused " . (($seen->{'GET 503'} // 0) + ($seen->{'POST 503'} // 0)) . ' requests';
}

subtest 'the master is killed' => sub {
    ok await(3, sub { drafts_in('b') == $DRAFTS }), 'all drafts are in the replica';
    finish('a');
    check_failover('kill', through_failover(@drafts));
    is role('b'), 'master', 'the replica is the master now';
};

subtest 'it comes back and takes itself for the master' => sub {
    launch_redis('a');
    ok await(5, sub { role('a') eq 'master' }), 'it is back';
    my $before = drafts_in('b');
    my @more = map { draft() } 1 .. 5;
    is scalar(good(@more)), 5, 'answers are stored';
    is drafts_in('b'), $before + 5, 'in the new one';
    is drafts_in('a'), 0, 'and none in the old one';
    push @drafts, good(@more);
    ask('a', 'REPLICAOF', '127.0.0.1', $port{b});    # as the Sentinels would, ten seconds later
    ok await(5, sub { role('a') eq 'slave' && drafts_in('a') == drafts_in('b') }), 'it becomes a replica';
};

subtest 'the master freezes and thaws' => sub {
    await(5, \&watched);
    is crowd(\&read_one), 60, 'many connections to the master';
    my $before = drafts_in('b');
    kill 'STOP', $pid{b};
    check_failover('freeze', through_failover(@drafts));
    is named(), $port{a}, 'the first one is the master again';
    kill 'CONT', $pid{b};
    ok await(3, sub { drafts_in('b') == $before }), 'the frozen one wakes up with what it had';
    is role('b'), 'master', 'and takes itself for the master';
    my $now = drafts_in('a');
    is crowd(\&write_one), 60, 'answers are stored';
    is drafts_in('a'), $now + 60, 'in the master';
    is drafts_in('b'), $before, 'and none in the one that was frozen';
    is lost(@drafts), 0, 'all drafts are there';
};

$s->log_is_clean;
done_testing;
