package Eb::Sentinels;

# A master, its replicas and three Sentinels, on ports of their own below a server's folder: started, watched, killed and frozen by name.
#
#   my $group = Eb::Sentinels->new($server, redis => [qw(a b)], options => ['--appendonly', 'no']);
#   $group->start or plan skip_all => 'this Redis binary is no Sentinel';      # a is the master
#   $server->{redis_conf} = 'EinbuergerungRedis "' . $group->address . '"';
#   $group->finish('a');                                                       # kill -9

use strict;
use warnings;
use Eb::Server;
use IO::Socket::INET;
use Time::HiRes qw(sleep time);

our $NAME  = 'antrag';
my @sentinels = qw(s1 s2 s3);

# Ports from below 55000: 10000 above each is the bus of clusters.
sub new {
    my ($class, $server, %o) = @_;
    my $bin = Eb::Server::redis_binary($server->{dir}) or return;
    my $self = bless { server => $server, dir => $server->{dir}, bin => $bin, owner => $$, options => [], %o }, $class;
    my %used;
    for my $name (@{ $self->{redis} }, @sentinels) {
        do { $self->{port}{$name} = Eb::Server::free_port() } while $used{ $self->{port}{$name} }++ || $self->{port}{$name} > 55000;
    }
    return $self;
}

sub address { my ($self) = @_; return 'sentinel://' . join(',', map { "127.0.0.1:$self->{port}{$_}" } @sentinels) . "/$NAME" }

# One command; '' without an answer in two seconds, or when it is a refusal.
sub ask {
    my ($self, $name, @command) = @_;
    my $c = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port}{$name}, Timeout => 1) or return '';
    print $c join '', '*', scalar(@command), "\r\n", map { ('$', length, "\r\n", $_, "\r\n") } @command;
    $c->flush;
    return eval { local $SIG{ALRM} = sub { die "silent\n" }; alarm 2; my $r = Eb::Server::redis_reply($c); alarm 0; $r } // do { alarm 0; '' };
}

# Until it holds; the seconds are a backstop for a busy machine.
sub await {
    my ($what, $seconds) = @_;
    my $end = time + ($seconds // 60);
    while (time < $end) { return 1 if $what->(); sleep 0.02 }
    return 0;
}

sub launch {
    my ($self, $name, @options) = @_;
    mkdir "$self->{dir}/$name";
    $self->{pid}{$name} = $self->{server}->spawn("$self->{dir}/log/$name.log", $self->{bin}, @options, '--port', $self->{port}{$name},
        '--bind', '127.0.0.1', '--dir', "$self->{dir}/$name");
}

sub launch_redis {
    my ($self, $name, @more) = @_;
    $self->launch($name, '--save', '', '--repl-diskless-sync-delay', 0, @{ $self->{options} }, @more);
}

sub launch_sentinel {
    my ($self, $name) = @_;
    my $master = $self->{port}{ $self->{redis}[0] };
    open my $fh, '>', "$self->{dir}/$name.conf" or die $!;
    print $fh "sentinel monitor $NAME 127.0.0.1 $master 2\nsentinel down-after-milliseconds $NAME 1000\nsentinel failover-timeout $NAME 3000\n";
    close $fh;
    $self->launch($name, "$self->{dir}/$name.conf", '--sentinel');
}

# False: this binary is no Sentinel.
sub start {
    my ($self) = @_;
    my ($master, @replicas) = @{ $self->{redis} };
    $self->launch_redis($master);
    await(sub { $self->ask($master, 'PING') eq 'PONG' }) or die 'Redis did not start';
    $self->launch_redis($_, '--replicaof', "127.0.0.1 $self->{port}{$master}") for @replicas;
    $self->launch_sentinel($_) for @sentinels;
    await(sub { kill(0, $self->{pid}{s1}) && $self->ask('s1', 'PING') eq 'PONG' }, 10) or return 0;
    await(sub { $self->watched(scalar @replicas) }) or Test::More::diag($self->logs);
    return 1;
}

# Every Sentinel knows the others and so many replicas.
sub watched {
    my ($self, $replicas) = @_;
    for my $sentinel (@sentinels) {
        return 0 if $self->ask($sentinel, 'SENTINEL', 'CKQUORUM', $NAME) !~ /^OK 3/;
        my $known = $self->ask($sentinel, 'SENTINEL', 'REPLICAS', $NAME);
        return 0 unless ref $known && @$known >= $replicas;
    }
    return 1;
}

sub role  { my ($self, $name) = @_; my $r = $self->ask($name, 'ROLE'); return ref $r ? $r->[0] : '' }
# The port of the master that the Sentinels name.
sub named { my ($self) = @_; my $r = $self->ask('s1', 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', $NAME); return ref $r ? $r->[1] : 0 }
sub logs  { my ($self) = @_; return map { Eb::Server::slurp("$self->{dir}/log/$_.log") } @{ $self->{redis} }, @sentinels }

sub finish {
    my ($self, $name, $signal) = @_;
    my $pid = delete $self->{pid}{$name} or return;
    kill 'CONT', $pid;
    kill $signal // 'KILL', $pid;
    waitpid $pid, 0;
}

sub DESTROY {
    my ($self) = @_;
    return if $$ != $self->{owner};
    local ($?, $!);
    $self->finish($_) for keys %{ $self->{pid} };
}

1;
