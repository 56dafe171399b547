package Eb::Partner::Wire;

# The wire below a partner: requests of HTTP/1.1 read from a TLS socket, one after another, and answers written to it. A body comes in
# pieces, so that nobody has to hold it whole.

use strict;
use warnings;
use Exporter qw(import);
use IO::Poll qw(POLLHUP POLLIN);
use IO::Socket::SSL;

our @EXPORT_OK = qw(%reason read_head each_piece head write_all linger shut);
our %reason = (100 => 'Continue', 200 => 'OK', 201 => 'Created', 202 => 'Accepted', 204 => 'No Content', 307 => 'Temporary Redirect',
    400 => 'Bad Request', 401 => 'Unauthorized', 403 => 'Forbidden', 404 => 'Not Found', 405 => 'Method Not Allowed', 408 => 'Request Timeout',
    409 => 'Conflict', 413 => 'Content Too Large', 415 => 'Unsupported Media Type', 422 => 'Unprocessable Content', 429 => 'Too Many Requests',
    500 => 'Internal Server Error', 502 => 'Bad Gateway', 503 => 'Service Unavailable', 504 => 'Gateway Timeout');

sub read_head {
    my ($socket, $parent) = @_;
    my $head = ${*$socket}{eb_rest} // '';
    while ($head !~ /\r\n\r\n/) {
        return if length $head > 65536 || !readable($socket, $parent);
        sysread($socket, $head, 65536, length $head) or return;
    }
    my ($lines, $rest) = split /\r\n\r\n/, $head, 2;
    ${*$socket}{eb_rest} = $rest;
    my ($first, @fields) = split /\r\n/, $lines;
    my ($method, $target) = $first =~ m{^([A-Z]+) (/\S*) HTTP/1\.[01]$} or return;
    my %headers = map { /^([^:\s]+):\s*(.*?)\s*$/ ? (lc $1 => $2) : () } @fields;
    my ($path, $query) = split /\?/, $target, 2;
    my %query = map { /^([^=]*)=(.*)$/ ? ($1 => $2) : ($_ => '') } split /&/, $query // '';
    return { time => Time::HiRes::time(), pid => $$, method => $method, path => $path, query => \%query, headers => \%headers };
}

sub readable {
    my ($socket, $parent) = @_;
    return 1 if $socket->pending;
    for (1 .. 600) {
        my $poll = IO::Poll->new;
        $poll->mask($socket => POLLIN);
        return 1 if $poll->poll(0.5) > 0;
        return 0 if getppid != $parent;
    }
    return 0;
}

sub more {
    my ($socket) = @_;
    sysread($socket, ${*$socket}{eb_rest}, 262_144, length ${*$socket}{eb_rest}) or return;
}

sub take_line {
    my ($socket) = @_;
    until (${*$socket}{eb_rest} =~ /\r\n/) { more($socket) or return }
    ${*$socket}{eb_rest} =~ s/^(.*?)\r\n//s;
    return $1;
}

# Calls $do with each piece of the body; true when it came whole.
sub each_piece {
    my ($socket, $r, $do) = @_;
    print $socket "HTTP/1.1 100 Continue\r\n\r\n" if lc($r->{headers}{expect} // '') eq '100-continue';
    return each_of($socket, $r, $r->{headers}{'content-length'} // 0, $do) if lc($r->{headers}{'transfer-encoding'} // '') ne 'chunked';
    while (1) {
        my ($count) = (take_line($socket) // return) =~ /^([0-9a-fA-F]+)/ or return;
        each_of($socket, $r, hex $count, $do) or return;
        take_line($socket) // return;
        return 1 if !hex $count;
    }
}

sub each_of {
    my ($socket, $r, $left, $do) = @_;
    while ($left) {
        length ${*$socket}{eb_rest} or more($socket) or return;
        my $piece = substr ${*$socket}{eb_rest}, 0, $left, '';
        $left -= length $piece;
        $r->{length} += length $piece;
        $do->($piece);
    }
    return 1;
}

sub head {
    my ($r, $answer, $length) = @_;
    my $head = "HTTP/1.1 $answer->{status} " . ($reason{ $answer->{status} } // 'Unknown') . "\r\n";
    $head .= "Content-Type: $answer->{type}\r\n"  if $answer->{type} && $answer->{status} != 204;
    $head .= "Content-Length: $length\r\n"        if $answer->{status} != 204 || $length;
    $head .= "$_: $answer->{headers}{$_}\r\n" for sort keys %{ $answer->{headers} || {} };
    return "$head\r\n";
}

sub write_all {
    my ($socket, $text) = @_;
    my $at = 0;
    while ($at < length $text) {
        my $count = syswrite $socket, $text, 65536, $at;
        return 0 unless $count;
        $at += $count;
    }
    return 1;
}

# Until the other side has had enough.
sub linger {
    my ($socket) = @_;
    my $poll = IO::Poll->new;
    $poll->mask($socket => POLLIN | POLLHUP);
    $poll->poll(300);
    return 0;
}

sub shut { my ($socket) = @_; $socket->close(SSL_no_shutdown => 1) }

1;
