# Several nodes on one Redis: drafts are everybody's, and what one node accepted another one delivers when it dies, once. The receiver takes
# each message away as it comes and remembers it, so that a second one of the same would be seen.
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
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

my $rounds = $ENV{EB_NODES_ROUNDS} || 2;
my $lease  = 2;
my $limits = "StartServers 1\nServerLimit 1\nThreadsPerChild 8\nMaxRequestWorkers 8\nMinSpareThreads 1\nMaxSpareThreads 8\n";
my $first  = Eb::Server->new(start => 0, limits => $limits, server => "EinbuergerungOutbox redis lease=$lease");
my $dir    = $first->{dir};
$first->start_redis;
my @nodes = ($first, map { another() } 2 .. 3);
$_->start for @nodes[0, 1];

sub another {
    my $node = Eb::Server->new(start => 0, limits => $limits, server => "EinbuergerungOutbox redis lease=$lease",
        redis_conf => qq(EinbuergerungRedis "unix:$dir/redis/redis.sock"), vhost => $first->authority);
    system('cp', '-p', "$dir/keys", "$node->{dir}/keys");
    return $node;
}
$_->expect(qr/exit signal Killed/, qr/EB04\d\d/, qr/AH00052/, qr/AH00095/, qr/AH00098/) for @nodes;

my (%receipt, %arrived, %at);
my $answers = Eb::Journey::promised(Eb::Journey::fixture('01-ledige-person'));

sub fetch {
    for (glob "$dir/eingang/*.xml") {
        next unless m{/(EB-[^_]+)_} && unlink;
        $arrived{$1}++;
        $at{$1} = time;
    }
}

sub await {
    my ($number, $seconds) = @_;
    my $end = time + $seconds;
    while (time < $end) { fetch(); return 1 if $arrived{$number}; sleep 0.02 }
    return 0;
}

sub browser { my ($node) = @_; return Eb::Browser->new($node) }
sub visit   { my ($b, $node) = @_; $b->{base} = "http://127.0.0.1:$node->{port}"; $b->{http} = HTTP::Tiny->new(max_redirect => 0, timeout => 10, keep_alive => 0) }

sub filled {
    my ($node) = @_;
    my $j = Eb::Journey->new(browser($node), $answers);
    return $j->fill;
}

sub revive { my ($node) = @_; $node->start unless $node->{pid} }

# What a person does who got no answer: looks for the receipt, or sends once more.
sub insist {
    my ($b) = @_;
    for (1 .. 600) {
        my $r = $b->open('/antrag/quittung');
        return Eb::Journey::number($r) if $r->{status} == 200;
        my $p = $b->open('/antrag/pruefen');
        $b->submit({ _bestaetigt => ['ja'] }) if $p->{status} == 200 && $b->form;
        sleep 0.05;
    }
    return;
}

subtest 'a draft is at home on every node' => sub {
    my $b = browser($nodes[0]);
    my $j = Eb::Journey->new($b, $answers);
    my ($turn, %served) = (0);
    $j->{look} = sub { visit($b, $nodes[++$turn % 2]) };    # each page is asked for here, and sent there
    $j->fill;
    cmp_ok $turn, '>', 10, "$turn pages, each sent to the other node";
    my $number = Eb::Journey::number($j->send);
    ok $number, 'and a receipt';
    $receipt{$number}++;
    visit($b, $nodes[ ++$turn % 2 ]);
    is Eb::Journey::number($b->open('/antrag/quittung')), $number, 'the same on the other node';
    ok await($number, 90), 'and a message';
};

# In turn: before a worker has begun, and with the job in a worker's hand. The other node is not there until then, so that it cannot help.
subtest 'a node dies after its receipt' => sub {
    my ($others, $in_hand, $longest) = (0, 0, 0);
    for my $round (1 .. $rounds + 4) {
        last if $round > $rounds && $others;                 # more only if it was delivered in death each time
        my ($mortal, $other) = @nodes[ $round % 2, ($round + 1) % 2 ];
        my $b = filled($mortal)->{browser};
        $other->stop;
        $b->open('/antrag/pruefen');
        is $b->submit({ _bestaetigt => ['ja'] })->{status}, 303, 'a receipt';
        my $end = time + 3;
        my @doomed = ($mortal->{pid}, $mortal->children);
        do { } until $round % 2 || time > $end || @{ $first->redis('KEYS', 'eb:*:lease:*') };
        kill 'KILL', @doomed;
        $mortal->kill_all;
        $in_hand += @{ $first->redis('KEYS', 'eb:*:lease:*') };
        fetch();
        $other->start;
        my $start = time;
        visit($b, $other);
        my $number = Eb::Journey::number($b->open('/antrag/quittung')) // 'none';
        $receipt{$number}++;
        my $left = !$arrived{$number};
        ok await($number, 90), $left ? 'the other node delivers' : 'it was delivered in death';
        $others += $left;
        $longest = $at{$number} - $start if $left && $at{$number} - $start > $longest;
        revive($mortal);
    }
    cmp_ok $others, '>', 0, "$others were left to the other node";
    note "$in_hand of them with the job in a dead hand";    # a matter of milliseconds; t/unit/store_redis_outbox.c leaves nothing to chance
    cmp_ok $longest, '<', 45, 'which did not wait for the dead one to come back';
    note sprintf 'figure node_takeover_seconds %.1f', $longest;
};

subtest 'a node dies in mid-submission' => sub {
    srand 20261125;
    for my $round (1 .. $rounds) {
        my ($mortal, $other) = @nodes[ $round % 2, ($round + 1) % 2 ];
        my $b = filled($mortal)->{browser};
        $b->open('/antrag/pruefen');
        my $form  = $b->form;
        my $delay = rand 0.02;
        my $killer = fork // die;
        if (!$killer) {
            sleep $delay;
            kill 'KILL', $mortal->{pid}, $mortal->children;
            POSIX::_exit(0);
        }
        $b->post('/antrag/pruefen', [@{ $form->{hidden} }, _bestaetigt => 'ja', _weiter => 1]);
        waitpid $killer, 0;
        $mortal->kill_all;
        visit($b, $other);                                   # the load balancer does not wait
        my $number = insist($b);
        ok $number, 'the person goes on at the other node';
        $receipt{$number}++ if $number;
        revive($mortal);
    }
};

subtest 'three nodes, one of them always dying' => sub {
    $nodes[2]->start;
    my @ready = map { filled($nodes[ $_ % 3 ]) } 1 .. 2 * $rounds;
    for my $i (0 .. $#ready) {
        my $victim = $nodes[ $i % 3 ];
        my $b = $ready[$i]{browser};
        visit($b, $nodes[ ($i + 1) % 3 ]);
        my $number = insist($b);
        ok $number, 'a receipt';
        $receipt{$number}++ if $number;
        $victim->kill_all;
        fetch();
        sleep rand 0.5;
        revive($victim);
    }
    await($_, 90) for keys %receipt;
};

subtest 'Redis that may lose something' => sub {
    my $j = filled($nodes[0]);
    my $b = $j->{browser};
    $first->redis('CONFIG', 'SET', 'appendfsync', 'everysec');
    $_->restart for @nodes;
    like $nodes[0]->log, qr/EB0427/, 'is told of at start';
    $b->open('/antrag/pruefen');
    my $res = $b->submit({ _bestaetigt => ['ja'] });
    is $res->{status}, 503, 'accepts nothing';
    ok $res->{headers}{'retry-after'}, 'says when to come again';
    like $res->{text}, qr/noch nicht abgesendet/, 'and that nothing is lost';
    $first->redis('CONFIG', 'SET', 'appendfsync', 'always');
    my $number = Eb::Journey::number($j->send);
    ok $number, 'the draft is as it was, and is accepted when that is mended';
    $receipt{$number}++ if $number;
    ok await($number, 90), 'and delivered';
};

for (1 .. 600) { last if $first->redis('ZCARD', 'eb:{o:05711000}:due') == 0; sleep 0.1 }
sleep 1.5;
fetch();
my @never = grep { !$arrived{$_} } keys %receipt;
my @twice = grep { $arrived{$_} > 1 } keys %arrived;
is scalar @never, 0, 'every receipt has its message' or diag "@never";
is scalar @twice, 0, 'nothing arrived twice' or diag "@twice";
is scalar keys %arrived, scalar keys %receipt, 'as many messages as receipts';
is $first->redis('ZCARD', 'eb:{o:05711000}:due'), 0, 'nothing waits';
is_deeply $first->redis('HMGET', 'eb:{o:05711000}:count', 'accepted', 'delivered'), [(scalar keys %receipt) x 2], 'and the books balance';
note sprintf 'figure node_killed_lost %d submissions',  scalar @never;
note sprintf 'figure node_killed_twice %d submissions', scalar @twice;
$_->log_is_clean for @nodes;
done_testing;
