package Eb::Partner;

# What scripted partners of the product have in common: a process that listens on a port of 127.0.0.1 and forks for each connection, a
# folder for a memory (Partner/State.pm), scripts of misbehaviour, and logs that a test reads. It ends with the test, by its id.
#
# A partner has the members dir, port, state, owner (the test's process), and
#   listener           where it listens, if not at its port
#   logs               names of its logs; the first is that of all requests
#   warm               what is to be made once, before the processes part
#   talk($client, $parent)    a conversation, from the first byte on

use strict;
use warnings;
use Eb::Partner::State;
use IO::Select;
use IO::Socket::INET;
use POSIX qw(:sys_wait_h);
use Time::HiRes qw(sleep time);

sub script { my ($self, $step, @kinds) = @_; $self->{state}->script($step, map { ref ? @$_ : $_ } @kinds) }
sub set    { my ($self, %change) = @_; $self->{state}->set(%change) }
sub port   { return $_[0]{port} }

# ---- the process

sub listener {
    my ($self) = @_;
    return IO::Socket::INET->new(Listen => 128, LocalAddr => '127.0.0.1', LocalPort => $self->{port}, ReuseAddr => 1) || die "port $self->{port}: $!";
}

sub warm { }

sub start {
    my ($self) = @_;
    my $listener = $self->listener;
    $self->warm;
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        serve($self, $listener);
        POSIX::_exit(0);
    }
    $self->{pid} = $pid;
    return $self;
}

sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    kill 'TERM', $pid;
    waitpid $pid, 0;
}

sub DESTROY {
    my ($self) = @_;
    return if $$ != $self->{owner};
    local ($?, $!);
    $self->stop;
}

sub serve {
    my ($self, $listener) = @_;
    my ($parent, $me, %children) = ($self->{owner}, $$);
    local $SIG{TERM} = sub { kill 'TERM', keys %children; POSIX::_exit(0) };
    my $select = IO::Select->new($listener);
    while (getppid == $parent) {
        my $ready = $select->can_read(0.5);
        while ((my $pid = waitpid -1, WNOHANG) > 0) { delete $children{$pid} }
        next unless $ready;
        my $client = $listener->accept or next;
        my $pid = fork // die "fork: $!";
        if (!$pid) {
            $SIG{$_} = 'DEFAULT' for qw(TERM PIPE);
            $listener->close;
            eval { $self->talk($client, $me); 1 } or Eb::Partner::State::append("$self->{dir}/faults", $@ =~ s/\s+/ /gr);
            POSIX::_exit(0);
        }
        $children{$pid} = 1;
    }
    kill 'TERM', keys %children;
}

# ---- what has happened

sub rest {
    my ($self, $log) = @_;
    my @all = $self->{state}->noted($log);
    return @all[($self->{from}{$log} // 0) .. $#all];
}

sub seen {
    my ($self, $step) = @_;
    return grep { !defined $step || ($_->{step} // '') eq $step } $self->rest(($self->logs)[0]);
}

# Faults of the partner itself.
sub faults { my ($self) = @_; return Eb::Partner::State::lines("$self->{dir}/faults") }

# Until there are as many as that, or the time is over; how many there are.
sub await_count {
    my ($self, $count, $seconds, $how_many) = @_;
    my $end = time + $seconds;
    while (1) {
        my $seen = $how_many->();
        return $seen if $seen >= $count || time > $end;
        sleep 0.05;
    }
}

sub await_seen { my ($self, $step, $count, $seconds) = @_; return $self->await_count($count, $seconds, sub { scalar(() = $self->seen($step)) }) }

sub forget { my ($self) = @_; for my $log ($self->logs) { $self->{from}{$log} = () = $self->{state}->noted($log) } }

1;
