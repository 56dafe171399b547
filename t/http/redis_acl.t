# The users that are shipped for Redis, one for drafts, one for an outbox in Redis as well: a whole application, with documents, needs every
# one of their rights, and nothing beyond them.
use strict;
use warnings;
use utf8;
use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Browser;
use Eb::Journey;
use Eb::Server;
use IO::Socket::UNIX;
use Test::More;
use Time::HiRes qw(sleep);

my $password = 'Im-Test-geheim-0815';
my $s   = Eb::Server->new(start => 0);
my $dir = $s->{dir};

sub configure {
    my ($user, $more) = @_;
    $s->{redis_conf} = qq(EinbuergerungRedis "unix:$dir/redis/redis.sock" user=$user password-file=redis-password database=2\n$more);
    $s->write_conf;
}
configure('einbuergerung', '');

sub write_file {
    my ($name, $text, $mode) = @_;
    open my $fh, '>', "$dir/$name" or die "$name: $!";
    print $fh $text;
    close $fh;
    chmod $mode, "$dir/$name" or die "$name: $!";
}

# As conf/redis.conf says it is done; beside it a user who looks what happened.
my $shipped = Eb::Server::slurp(Eb::Server::root() . '/conf/redis-users.acl');
my $hash    = sha256_hex($password);
write_file('redis-password', "$password\n", 0600);
write_file('users.acl', $shipped =~ s/ on / on #$hash /gr . "user pruefung on >p ~* &* +\@all\n", 0644);

# One connection, one user.
sub as {
    my ($user, $secret) = @_;
    my $c = IO::Socket::UNIX->new(Peer => "$dir/redis/redis.sock") or return;
    my $ask = sub {
        print $c join '', '*', scalar(@_), "\r\n", map { ('$', length, "\r\n", $_, "\r\n") } @_;
        $c->flush;
        return eval { Eb::Server::redis_reply($c) } // $@;
    };
    $ask->('AUTH', $user, $secret) if $user;
    return $ask;
}

my $redis = Eb::Server::redis_binary($dir) or plan skip_all => 'no Redis binary (package redis-tools)';
my @drop  = $s->{user} ? ('setpriv', "--reuid=$s->{user}", "--regid=$s->{user}", '--clear-groups') : ();
$s->{redis_pid} = $s->spawn("$dir/log/redis.log", @drop, $redis, '--port', 0, '--unixsocket', "$dir/redis/redis.sock", '--dir', "$dir/redis",
    '--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--aclfile', "$dir/users.acl");
for (1 .. 200) { last if as(); sleep 0.02 }
my $look = as('pruefung', 'p') or BAIL_OUT 'Redis did not start: ' . Eb::Server::slurp("$dir/log/redis.log");
is $look->('PING'), 'PONG', 'the shipped file is one that Redis reads' or diag Eb::Server::slurp("$dir/log/redis.log");

# What httpd used is what it may; besides there is only what `others` need.
sub application {
    my ($user, $count, @others) = @_;
    my ($rights) = $shipped =~ /^user $user on (.*)/m;
    $look->('CONFIG', 'RESETSTAT');
    $s->start;
    my $journey = Eb::Journey->new(my $browser = Eb::Browser->new($s), '01-ledige-person');
    $journey->fill;
    ok scalar(grep { @$_ } values %{ $journey->{files} }), 'with documents';
    ok Eb::Journey::number($journey->send), 'is sent';
    is $browser->submit({})->{status}, 200, 'its status is asked';
    is scalar $s->await_inbox($count), $count, 'and delivered';
    $s->stop;
    is_deeply $look->('ACL', 'LOG'), [], 'Redis refused nothing';
    my %used = map { /^cmdstat_([^:]+):/ ? ($1 => 1) : () } split /\r\n/, $look->('INFO', 'commandstats');
    my %may  = map { $_ => 1 } $rights =~ /\+(\S+)/g;
    delete @used{ 'auth', grep { /^acl|^config\|resetstat/ } keys %used };
    is_deeply [grep { !$may{$_} } sort keys %used], [], 'all that was used is allowed';
    is_deeply [grep { !$used{$_} } sort keys %may], \@others, 'all that is allowed was used, or is for others';
}

subtest 'a whole application' => sub { application('einbuergerung', 1, qw(config|get info role)) };    # the status page; Sentinel
subtest '… through an outbox in Redis' => sub {
    configure('einbuergerung-outbox', 'EinbuergerungOutbox redis');
    application('einbuergerung-outbox', 2, qw(role sadd scard wait xrange zcard zrange zrevrange));   # what is held; replicas; einbuergerungctl
};

subtest 'refused' => sub {
    my $user = as('einbuergerung', $password);
    for (['FLUSHALL'], ['FLUSHDB'], ['KEYS', '*'], ['SCAN', 0], ['CONFIG', 'SET', 'appendonly', 'no'], ['CONFIG', 'REWRITE'], ['SHUTDOWN'],
        ['LATENCY', 'RESET'], ['ACL', 'LIST'], ['MONITOR'], ['REPLICAOF', 'h', 1], ['SAVE'], ['DUMP', 'eb:x'], ['EVAL', 'return 1', 0],
        ['XREVRANGE', 'fremd:x', '+', '-'], ['HSET', 'fremd', 'a', 1], ['UNLINK', 'fremd'], ['PUBLISH', 'eb:x', 1]) {
        like $user->(@$_), qr/NOPERM/, "@$_";
    }
    is_deeply $user->('CONFIG', 'GET', 'appendfsync'), ['appendfsync', 'always'], 'how Redis is set up can be read';
    like as()->('XREVRANGE', 'eb:x', '+', '-'), qr/NOAUTH/, 'nobody comes in without a name';
    like as('einbuergerung', '')->('INFO'), qr/NOAUTH/, 'or without the password';
};

subtest 'as it is shipped' => sub {
    my ($line) = $shipped =~ /^(user einbuergerung .*)/m;
    unlike $line, qr/nopass| [>#]/, 'the user has no password, so nobody can be it';
    unlike $shipped, qr/nopass| [>#]/, 'nor has the other';
};

$s->log_is_clean;
done_testing;
