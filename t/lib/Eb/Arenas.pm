package Eb::Arenas;

# Several servers at once, each with what happens to it in a process of its own, so that they do not wait for one another's disk. A process
# makes no tests; it hands back what it has found.
#
#   my @found = Eb::Arenas::run(4, sub { my ($n) = @_; …; return { … } });

use strict;
use warnings;
use POSIX ();
use Storable ();

sub run {
    my ($count, $work) = @_;
    my @pipes = map { begin($work, $_) } 1 .. $count;
    return map { finish($_) } @pipes;
}

# Whatever the work makes is gone when it returns: servers end with their objects.
sub begin {
    my ($work, $n) = @_;
    pipe my $read, my $write or die "pipe: $!";
    my $pid = fork // die "fork: $!";
    return [$pid, $read] if $pid;
    srand $$;
    my $found = eval { $work->($n) } // { died => $@ };
    print $write Storable::freeze($found);
    close $write;
    POSIX::_exit(0);
}

sub finish {
    my ($pid, $read) = @{ $_[0] };
    my $frozen = do { local $/; binmode $read; <$read> };
    waitpid $pid, 0;
    my $found = eval { Storable::thaw($frozen) } or die 'an arena fell silent';
    die $found->{died} if $found->{died};
    return $found;
}

1;
