package Eb::Clamd;

# A clamd that plays a part: it speaks the protocol of clamd(8) at a unix socket, zPING and zINSTREAM, behaves as the test tells it
# to, and writes down what it got, so that a test can see that the scanner saw exactly the file.
#
#   my $clamd = Eb::Clamd->new(dir => $folder);      # socket: $folder/clamd.sock
#   $clamd->mode('slow', 2);                         # from the next connection on
#   my ($scan) = $clamd->scans;                      # { length, sha256, complete, answer }
#
# Modes: marker (FOUND when the EICAR test string is in the stream, otherwise OK; the beginning), clean, found, slow SECONDS (before
# what marker answers), silent (never answers), cut BYTES (hangs up in the middle), limit BYTES (StreamMaxLength), early (FOUND after
# the first piece, reads no more), deaf (reads nothing), answer TEXT (that, whatever it is).

use strict;
use warnings;
use Digest::SHA;
use Eb::Partner;
use Fcntl;
use IO::Poll qw(POLLHUP);
use IO::Socket::UNIX;
use Socket qw(SOCK_STREAM);
use Time::HiRes qw(sleep);

our @ISA = ('Eb::Partner');

# In two parts, so that no scanner finds this file.
our $eicar = 'X5O!P%@AP[4\PZX54(P^)7CC)7}' . '$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*';
our $name  = 'Eicar-Test-Signature';

sub new {
    my ($class, %o) = @_;
    my $self = bless { dir => $o{dir}, owner => $$ }, $class;
    $self->mode($o{mode} // 'marker', $o{argument});
    return $self->start;
}

sub socket { "$_[0]{dir}/clamd.sock" }

sub listener {
    my ($self) = @_;
    my $socket = $self->socket;
    unlink $socket;
    my $listener = IO::Socket::UNIX->new(Local => $socket, Type => SOCK_STREAM, Listen => 64) or die "$socket: $!";
    chmod 0777, $socket;    # for httpd's user
    return $listener;
}

sub stop {
    my ($self) = @_;
    return unless $self->{pid};
    $self->SUPER::stop;
    unlink $self->socket;
}

# Renamed into place: a connection reads the old mode or the new one.
sub mode {
    my ($self, $mode, $argument) = @_;
    my $file = "$self->{dir}/clamd.mode";
    open my $fh, '>', "$file.new" or die "$file: $!";
    print $fh join "\n", $mode, $argument // '';
    close $fh;
    rename "$file.new", $file or die "$file: $!";
}

# The streams so far, in the order in which they ended. Each is written down before it is answered.
sub scans { grep { exists $_->{sha256} } $_[0]->records }
sub pings { scalar grep { !exists $_->{sha256} } $_[0]->records }

sub records {
    my ($self) = @_;
    open my $fh, '<', "$self->{dir}/clamd.log" or return;
    return map { chomp; my ($what, @v) = split /\t/, $_, -1; my %r; @r{qw(sha256 length complete answer)} = @v if $what eq 'scan'; \%r } <$fh>;
}

sub forget { unlink "$_[0]{dir}/clamd.log" }

# The server's side, in a process of its own from here on.

sub talk {
    my ($self, $client) = @_;
    my $dir = $self->{dir};
    my ($mode, $argument) = current_mode($dir);
    return linger($client) if $mode eq 'deaf';
    my $command = read_command($client) // return;
    if ($command eq "zPING\0") {
        note($dir, 'ping');
        return $mode eq 'silent' ? linger($client) : answer($client, $mode eq 'answer' ? $argument : 'PONG');
    }
    return answer($client, 'UNKNOWN COMMAND') if $command ne "zINSTREAM\0";
    my $seen = stream($client, $mode, $argument);
    my $verdict = verdict($seen, $mode, $argument);
    note($dir, 'scan', @$seen{qw(sha256 length complete)}, $verdict // '');
    return               if $seen->{cut};
    return linger($client) if !defined $verdict;
    sleep $argument      if $mode eq 'slow';
    answer($client, $verdict);
}

sub current_mode {
    my ($dir) = @_;
    open my $fh, '<', "$dir/clamd.mode" or return ('marker', '');
    local $/;
    return split /\n/, <$fh>, 2;
}

# A command with z before it ends with a NUL; what follows is not touched.
sub read_command {
    my ($client) = @_;
    my $command = '';
    while (length $command < 64) {
        sysread($client, my $byte, 1) or return;
        $command .= $byte;
        return $command if $byte eq "\0";
    }
    return $command;
}

sub read_exactly {
    my ($client, $count) = @_;
    my $data = '';
    while (length $data < $count) { sysread($client, $data, $count - length $data, length $data) or return }
    return $data;
}

# Pieces, each behind its length in network order, up to the one of length 0.
sub stream {
    my ($client, $mode, $argument) = @_;
    my ($digest, $window, %seen) = (Digest::SHA->new(256), '', length => 0, complete => 0);
    while (defined(my $head = read_exactly($client, 4))) {
        my $count = unpack 'N', $head or do { $seen{complete} = 1; last };
        $seen{limit} = 1, last if $mode eq 'limit' && $seen{length} + $count > $argument;
        my $data = read_exactly($client, $count) // last;
        $digest->add($data);
        $seen{length} += $count;
        $window = (length $window > length $eicar ? substr($window, -length $eicar) : $window) . $data;
        $seen{eicar} = 1 if index($window, $eicar) >= 0;
        $seen{cut} = 1, last if $mode eq 'cut' && $seen{length} > $argument;
        last if $mode eq 'early';
    }
    $seen{sha256} = $digest->hexdigest;
    return \%seen;
}

# What to answer; undef for nothing.
sub verdict {
    my ($seen, $mode, $argument) = @_;
    return 'INSTREAM size limit exceeded. ERROR' if $seen->{limit};
    return "stream: $name FOUND"                 if $mode eq 'early';
    return undef                                 if !$seen->{complete} || $mode eq 'silent';
    return $argument                             if $mode eq 'answer';
    return "stream: $name FOUND"                 if $mode eq 'found' || ($mode ne 'clean' && $seen->{eicar});
    return 'stream: OK';
}

sub answer {
    my ($client, $text) = @_;
    local $SIG{PIPE} = 'IGNORE';
    syswrite $client, "$text\0";
}

# Until the other side hangs up, without reading what it sends.
sub linger {
    my ($client) = @_;
    my $poll = IO::Poll->new;
    $poll->mask($client => POLLHUP);
    $poll->poll(300);
}

# One write of one line: connections are answered side by side.
sub note {
    my ($dir, @fields) = @_;
    sysopen my $fh, "$dir/clamd.log", O_WRONLY | O_CREAT | O_APPEND or die "$dir/clamd.log: $!";
    syswrite $fh, join("\t", @fields) . "\n";
}

1;
