# Uploads that go wrong on the way: slow and cut connections, a killed httpd, a full Redis, a hundred at once. What was whole is kept,
# what was not leaves nothing, memory stays flat.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(sha512_hex);
use Eb::Browser;
use Eb::Files;
use Eb::Journey;
use Eb::Server;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(sleep time);
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

my $server = Eb::Server->new(server => "EinbuergerungFilesCount 60\nEinbuergerungFilesSize 200M",
    limits => "StartServers 1\nServerLimit 1\nThreadLimit 128\nThreadsPerChild 128\nMaxRequestWorkers 128\nMinSpareThreads 1\nMaxSpareThreads 128\n");
my $first = Eb::Journey::first_page($server);
my $path  = '/antrag/nachweise-person';
my $field = 'nachweise.geburtsurkunde';

sub begin {
    my $b = Eb::Browser->new($server);
    $b->open($first);
    $b->submit({ Eb::Journey::page_values($server, $first, '01-ledige-person') });
    return $b;
}
sub ticket { my ($b) = @_; $b->open($path); my %h = @{ $b->form->{hidden} }; return $h{_ticket} }
sub shown  { my ($b) = @_; return map { Eb::Browser::unescape($_) } $b->open($path)->{text} =~ m{<bdi class='[^']*bold'>([^<]+)</bdi>}g }
sub stored { my @keys = grep { /:f:/ } $server->redis_keys; return @keys }
sub rss    { my ($pid) = $server->children; return Eb::Server::slurp("/proc/$pid/status") =~ /VmRSS:\s+(\d+)/ ? $1 : 0 }

# A POST on a socket, whole or up to a byte; returns the socket.
sub request {
    my ($b, $pairs, %o) = @_;
    my ($type, $body) = Eb::Browser::encode_multipart($pairs);
    my $sock = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $server->{port}) or die $!;
    my $head = "POST $path HTTP/1.1\r\nHost: 127.0.0.1:$server->{port}\r\nCookie: " . $b->cookie_header
        . "\r\nContent-Type: $type\r\nContent-Length: " . length($body) . "\r\nConnection: close\r\n\r\n";
    local $SIG{PIPE} = 'IGNORE';
    my $part = defined $o{upto} ? substr $body, 0, $o{upto} : $body;
    syswrite $sock, $head;
    if ($o{pieces}) {
        my $n = int(length($part) / $o{pieces}) + 1;
        for (my $at = 0; $at < length $part; $at += $n) { syswrite $sock, substr $part, $at, $n; sleep 0.05 }
    }
    else { print $sock $part; $sock->flush }
    return $sock;
}
sub status { my ($sock) = @_; my $line = <$sock> // ''; my ($status) = $line =~ m{^HTTP/1\.1 (\d+)}; return $status // 0 }

subtest 'slow' => sub {
    my $b = begin();
    is status(request($b, [_ticket => ticket($b), $field => Eb::Files::make('langsam.pdf', 400_000), _hochladen => 1], pieces => 40)), 303,
        'forty pieces, one after another';
    is_deeply [shown($b)], ['langsam.pdf'], 'are a file';
};

subtest 'cut' => sub {
    my $b = begin();
    $server->redis('DEL', stored());
    my @two = ($field => Eb::Files::make('ganz.png', 200_000), $field => Eb::Files::make('halb.png', 900_000));
    my $sock = request($b, [_ticket => ticket($b), @two, _hochladen => 1], upto => 700_000);
    sleep 0.3;
    close $sock;
    for (1 .. 1200) { last if stored() == 1; sleep 0.05 }
    is scalar(stored()), 1, 'half a file is removed from the store at once';
    is_deeply [shown($b)], ['ganz.png'], 'the one before it is kept';
};

subtest 'kill -9 in the middle' => sub {
    my $b = begin();
    $server->redis('DEL', stored());
    my $sock = request($b, [_ticket => ticket($b), $field => Eb::Files::make('weg.pdf', 3_000_000), _hochladen => 1], upto => 2_000_000);
    for (1 .. 3000) { last if stored() == 1; sleep 0.02 }
    $server->kill_all;
    $server->start;
    my @left = stored();
    is scalar(@left), 1, 'pieces are left';
    my $ttl = $server->redis('TTL', $left[0]);
    ok $ttl > 0 && $ttl <= 3600, "for an hour at most ($ttl s)";
    is_deeply [shown($b)], [], 'no answer names them';
    $b->open($path);
    is $b->submit({ $field => [Eb::Files::make('weg.pdf', 3_000_000)] }, '_hochladen')->{status}, 303, 'a second try';
    is_deeply [shown($b)], ['weg.pdf'], 'succeeds';
};

subtest 'a full Redis' => sub {
    my $b = begin();
    my ($used) = $server->redis('INFO', 'memory') =~ /^used_memory:(\d+)/m;
    $server->redis('CONFIG', 'SET', 'maxmemory', $used + 2_000_000);
    $b->open($path);
    my $res = $b->submit({ $field => [Eb::Files::make('voll.pdf', 9_000_000)] }, '_hochladen');
    is $res->{status}, 507, 'is said';
    like $res->{text}, qr/<h1/, 'with a page';
    $server->redis('CONFIG', 'SET', 'maxmemory', 0);
    is_deeply [shown($b)], [], 'the draft is kept, without the file';
    $b->open($path);
    is $b->submit({ $field => [Eb::Files::make('voll.pdf', 9_000_000)] }, '_hochladen')->{status}, 303, 'with room it is taken';
};

# Fifty windows of one applicant, and fifty applicants: all at the same time, a megabyte each.
subtest 'a hundred at once' => sub {
    my $one = begin();
    my $ticket = ticket($one);
    my @others = map { begin() } 1 .. 50;
    my @jobs = ((map { [$one, $ticket, "fenster$_.png"] } 1 .. 50), map { [$others[$_ - 1], ticket($others[$_ - 1]), "person$_.jpg"] } 1 .. 50);
    my $before = rss();
    my @pids;
    for my $job (@jobs) {
        my $pid = fork // die $!;
        if (!$pid) {
            my ($b, $t, $name) = @$job;
            POSIX::_exit(status(request($b, [_ticket => $t, $field => Eb::Files::make($name, 1_000_000), _hochladen => 1], pieces => 8)) == 303 ? 0 : 1);
        }
        push @pids, $pid;
    }
    my ($most, $bad) = (0, 0);
    while (@pids) {
        my $pid = waitpid -1, POSIX::WNOHANG();
        my $now = rss();
        $most = $now if $now > $most;
        if ($pid > 0) { $bad++ if $?; @pids = grep { $_ != $pid } @pids }
        else          { sleep 0.02 }
    }
    is $bad, 0, 'all are taken';
    is scalar(shown($one)), 50, 'fifty in one application';
    is scalar(grep { shown($_) == 1 } @others), 50, 'one in each of the others';
    my $growth = ($most - $before) / @jobs;
    note "figure upload_rss_kib @{[ int $growth ]} KiB per upload";
  SKIP: {
        skip 'sanitizers keep what was freed', 1 if $ENV{EB_SANITIZE};
        cmp_ok $growth, '<', 2048, sprintf 'memory per upload: %d KiB', $growth;
    }
    is $server->{pid} && kill(0, $server->{pid}), 1, 'httpd is well';
};

$server->expect(qr/EB04\d\d|EB0713/);
$server->log_is_clean;
done_testing;
