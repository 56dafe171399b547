# Fail-over with Redis Sentinel: a master that is killed, that comes back and still takes itself for one, that freezes and thaws. A
# draft that was acknowledged and replicated stays; meanwhile there is a page that says so; nothing is written to yesterday's master.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Browser;
use Eb::Journey;
use Eb::Sentinels;
use Eb::Server;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

my $DRAFTS = 20;
my $s     = Eb::Server->new(start => 0);
my $dir   = $s->{dir};
my $group = Eb::Sentinels->new($s, redis => [qw(a b)], options => ['--appendonly', 'no']) or plan skip_all => 'no Redis binary (package redis-tools)';
$s->expect(qr/EB0402/, qr/EB0403/, qr/EB0424/);
$group->start or plan skip_all => 'this Redis binary is no Sentinel';

sub ask       { return $group->ask(@_) }
sub await     { return Eb::Sentinels::await(@_) }
sub role      { return $group->role(@_) }
sub drafts_in { return scalar ask($_[0], 'DBSIZE') }
# Of one that was the master; 0 when a slow machine has given the Sentinels the time to tell it so.
sub drafts_in_master { my ($name) = @_; my $n = drafts_in($name); return role($name) eq 'master' ? $n : 0 }

$s->{redis_conf} = qq(EinbuergerungRedis "${\ $group->address}" connect-timeout=1000 timeout=1500);
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
    while (time < $start + 120) {    # Sentinels whose machine stood still do nothing for half a minute
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
    ok $new, 'answers are stored again' or diag $group->logs;
    push @drafts, $new if $new;
    is join(' ', grep { !/ (?:503|200)$/ } sort keys %$seen), '', 'meanwhile nothing but the page or the draft';
    my $lost = lost(@drafts);
    is $lost, 0, 'every acknowledged draft is there';
    note sprintf 'figure sentinel_%s_gap %d ms', $name, 1000 * $ms;
    note "figure sentinel_${name}_lost $lost of " . @drafts . ' drafts';
    note "figure sentinel_${name}_refused " . (($seen->{'GET 503'} // 0) + ($seen->{'POST 503'} // 0)) . ' requests';
}

subtest 'the master is killed' => sub {
    ok await(sub { drafts_in('b') == $DRAFTS }), 'all drafts are in the replica';
    $group->finish('a');
    check_failover('kill', through_failover(@drafts));
    is role('b'), 'master', 'the replica is the master now';
};

subtest 'it comes back and takes itself for the master' => sub {
    $group->launch_redis('a');
    ok await(sub { role('a') }), 'it is back';
    my $before = drafts_in('b');
    my @more = map { draft() } 1 .. 5;
    is scalar(good(@more)), 5, 'answers are stored';
    is drafts_in('b'), $before + 5, 'in the new one';
    is drafts_in_master('a'), 0, 'and none in the old one';
    push @drafts, good(@more);
    ask('a', 'REPLICAOF', '127.0.0.1', $group->{port}{b});    # as the Sentinels would, ten seconds later
    ok await(sub { role('a') eq 'slave' && drafts_in('a') == drafts_in('b') }), 'it becomes a replica';
};

subtest 'the master freezes and thaws' => sub {
    await(sub { $group->watched(1) });
    is crowd(\&read_one), 60, 'many connections to the master';
    my $before = drafts_in('b');
    kill 'STOP', $group->{pid}{b};
    check_failover('freeze', through_failover(@drafts));
    is $group->named, $group->{port}{a}, 'the first one is the master again';
    kill 'CONT', $group->{pid}{b};
    ok await(sub { role('b') }), 'the frozen one wakes up, and takes itself for the master';
    my $now = drafts_in('a');
    is crowd(\&write_one), 60, 'answers are stored';
    is drafts_in('a'), $now + 60, 'in the master';
    is drafts_in_master('b') || $before, $before, 'and none in the one that was frozen';
    is lost(@drafts), 0, 'all drafts are there';
};

$s->log_is_clean;
done_testing;
