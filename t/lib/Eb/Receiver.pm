package Eb::Receiver;

# An authority that fetches its inbox all the time, and forgets nothing. A process of its own takes each message the moment it
# appears, looks whether it is whole and whether its documents lie beside it with the digests it names, writes its number and UUID
# into a log that only grows, and clears both away. So whatever appears a second time is in the log a second time.
#
#   my $receiver = Eb::Receiver->new(inbox => $folder, log => $file);
#   $receiver->await($count, 30);
#   my $tally = $receiver->tally(@numbers);    # { lost => [...], twice => [...], broken => [...], unknown => [...] }

use strict;
use warnings;
use Digest::SHA qw(sha512_hex);
use Fcntl;
use POSIX ();
use Time::HiRes qw(sleep time);

# One that fetches when it is told to.
sub at { my (%o) = @_; return bless { owner => $$, %o }, __PACKAGE__ }

sub new {
    my ($class, %o) = @_;
    my $self = at(%o);
    my $parent = $$;
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        local $SIG{TERM} = sub { POSIX::_exit(0) };
        while (getppid == $parent) { $self->fetch || sleep 0.02 }
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

# How many lay there. The log is written before anything is cleared away, and TERM comes between two messages.
sub fetch {
    my ($self) = @_;
    opendir my $dir, $self->{inbox} or return 0;
    my @names = sort grep { /\.xml$/ } readdir $dir;
    my $term = POSIX::SigSet->new(POSIX::SIGTERM());
    for my $name (@names) {
        POSIX::sigprocmask(POSIX::SIG_BLOCK(), $term);
        $self->take($name);
        POSIX::sigprocmask(POSIX::SIG_UNBLOCK(), $term);
    }
    return scalar @names;
}

sub take {
    my ($self, $name) = @_;
    my ($base) = $name =~ /^(.*)\.xml$/;
    my ($number, $uuid) = $base =~ /^(EB-[^_]+)_([0-9a-f-]{36})$/;
    my $fault = $uuid ? fault($self->{inbox}, $base, $number, $uuid) : 'strange name';
    sysopen my $log, $self->{log}, O_WRONLY | O_CREAT | O_APPEND or die "$self->{log}: $!";
    syswrite $log, join("\t", $number // '?', $uuid // $base, $fault // 'whole') . "\n";
    unlink "$self->{inbox}/$name";
    unlink glob "$self->{inbox}/$base/*";
    rmdir "$self->{inbox}/$base";
}

sub read_file {
    my ($file) = @_;
    open my $fh, '<:raw', $file or return;
    local $/;
    return scalar(<$fh>) // '';
}

# What is wrong with a message; undef when nothing is.
sub fault {
    my ($inbox, $base, $number, $uuid) = @_;
    my $xml = read_file("$inbox/$base.xml") // return 'unreadable';
    return 'not well-formed' unless well_formed($xml);
    return 'another UUID'    unless $xml =~ m{<nachrichtenUUID>\Q$uuid\E</nachrichtenUUID>};
    return 'another number'  unless index($xml, ">$number<") >= 0;
    my %named;
    while ($xml =~ m{<anlage>.*?<anhang>([^<]+)</anhang>.*?<sha512>([0-9a-f]{128})</sha512>.*?</anlage>}gs) {
        my $data = read_file("$inbox/$base/$1") // return "no document $1";
        return "document $1 is another" if sha512_hex($data) ne $2;
        $named{$1} = 1;
    }
    my @more = grep { !$named{$_} } map { m{([^/]+)$} } glob "$inbox/$base/*";
    return @more ? "document $more[0] is not named" : undef;
}

# Every element ends where it may, and nothing follows the last one.
sub well_formed {
    my ($xml) = @_;
    my ($root, @open);
    while ($xml =~ m{\G([^<]*)<(?:(\?|!--)|(/?)([^\s/>]+)([^>]*?)(/?))>?}gc) {
        return 0 if !@open && $1 =~ /\S/;
        if ($2)          { $xml =~ m{\G.*?(?:\?|--)>}gcs or return 0; next }
        if ($3)          { return 0 if !@open || pop @open ne $4 }
        elsif (!$6)      { return 0 if !@open && $root++; push @open, $4 }
    }
    return $root && !@open && substr($xml, pos($xml) // 0) =~ /^\s*$/ ? 1 : 0;
}

# [number, UUID, fault or "whole"], in the order of arrival, of this round.
sub seen { my ($self) = @_; my @all = $self->all; return @all[($self->{from} // 0) .. $#all] }

# Only what is new is read: a long run asks often.
sub all {
    my ($self) = @_;
    my $lines = $self->{lines} //= [];
    open my $log, '<:raw', $self->{log} or return @$lines;
    seek $log, $self->{read} // 0, 0;
    while (<$log>) {
        last unless s/\n\z//;
        push @$lines, [split /\t/];
        $self->{read} = tell $log;
    }
    return @$lines;
}

sub await {
    my ($self, $count, $seconds) = @_;
    my $end = time + $seconds;
    while (1) {
        my @seen = $self->seen;
        return scalar @seen if @seen >= $count || time > $end;
        sleep 0.05;
    }
}

# A new round: what comes from now on is counted anew; the log keeps all of it.
sub forget { my ($self) = @_; $self->{from} = () = $self->all }

# Receipts against what arrived.
sub tally {
    my ($self, @numbers) = @_;
    my (%arrived, @broken);
    for ($self->seen) {
        $arrived{ $_->[0] }++;
        push @broken, "$_->[0]: $_->[2]" if $_->[2] ne 'whole';
    }
    my %receipt = map { ($_ => 1) } @numbers;
    return { lost => [grep { !$arrived{$_} } sort keys %receipt], twice => [grep { $arrived{$_} > 1 } sort keys %arrived],
        unknown => [grep { !$receipt{$_} } sort keys %arrived], broken => \@broken };
}

1;
