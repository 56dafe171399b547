package Eb::Zustelldienst::Http;

# The wire: TLS, requests of HTTP/1.1 one after another on a connection, and everything that can go wrong between a server and its
# client. A process for each connection. What an answer is, the API says; what becomes of it on its way, the script.
#
# Kinds of misbehaviour, one for each request of a step:
#   NNN, NNN:SECONDS     that status, problem+json, without effect (and Retry-After)
#   NNN-after            the effect, but that status: a gateway that lost the answer
#   cut, cut-after, cut-midway    hangs up: before the body is read, after the effect, in the middle of the answer
#   stall, stall-after, slow:SECONDS     no answer until the client goes, without or with the effect; the answer byte by byte in that time
#   html, empty, broken, deep     a page instead of JSON, nothing, half of it, 100,000 brackets: each with the usual status, no effect
#   huge, endless        8 MB of good JSON; an answer that never ends (both after the effect)
#   redirect             307 to the same path, marked; whoever follows is noted
#   duplicate            the answer, with its first member once more and another value
#   ok                   as it should be; anything else is left to the API ("expires:2", "revoked" at token)

use strict;
use warnings;
use Eb::Partner::Wire qw(%reason read_head each_piece head write_all linger shut);
use Eb::Zustelldienst::State;
use JSON::PP;
use Time::HiRes qw(sleep);

sub problem {
    my ($status, $type, $detail) = @_;
    return { status => $status, type => 'application/problem+json', problem => $type // lc(($reason{$status} // '') =~ s/ /-/gr),
        body => Eb::Zustelldienst::State::encode({ type => 'https://schema.fitko.de/fit-connect/submission-api/problems/' . ($type // 'none'),
            title => $reason{$status} // 'Problem', status => 0 + $status, detail => $detail // '', instance => 'urn:uuid:00000000-0000-4000-8000-000000000000' }) };
}

sub json { my ($status, $what, %headers) = @_; return { status => $status, type => 'application/json', body => Eb::Zustelldienst::State::encode($what), headers => \%headers } }

# All that this connection asks for, until either side has enough. $api is called with the request and answers.
sub converse {
    my ($socket, $state, $api, $parent) = @_;
    while (my $request = read_head($socket, $parent)) {
        $request->{step} = $api->step($request);
        my $kind = $request->{step} ? $state->next_kind($request->{step}) : 'ok';
        $request->{kind} = $kind;
        if ($kind eq 'cut') { $state->note(log => seen($request), answer => 'cut'); last }
        defined read_body($socket, $request) or do { $state->note(log => seen($request), answer => 'incomplete'); last };
        my $answer = $kind =~ /^(?:[1-5]\d\d(?::\d+)?|stall|html|empty|broken|deep|redirect)$/ ? instead($request, $kind) : $api->answer($request);
        $state->note(log => seen($request), answer => $answer->{status}, $answer->{problem} ? (problem => $answer->{problem}) : (),
            $answer->{fault} ? (fault => $answer->{fault}) : ());
        my $open = deliver($socket, $request, $answer, $kind);
        $answer->{then}->() if $answer->{then};
        last unless $open;
    }
    shut($socket);
}

# What of a request is written down: nothing that is secret.
sub seen {
    my ($r) = @_;
    return (map { ($_ => $r->{$_}) } grep { defined $r->{$_} } qw(time pid method path step kind length)), $r->{query}{redirected} ? (redirected => 1) : (), agent => $r->{headers}{'user-agent'} // '',
        authorization => ($r->{headers}{authorization} // '') =~ /^(\w+)/ ? $1 : '';
}

# The body into the request, undef when it breaks off.
sub read_body {
    my ($socket, $r) = @_;
    my $body = '';
    $r->{length} = 0;
    each_piece($socket, $r, sub { $body .= $_[0] }) or return;
    return $r->{body} = $body;
}

# ---- answers that are none

sub instead {
    my ($r, $kind) = @_;
    if ($kind =~ /^(\d\d\d)(?::(\d+))?$/) {
        my $answer = problem($1, undef, 'as the script says');
        $answer->{headers}{'Retry-After'} = $2 if defined $2;
        return $answer;
    }
    my $status = { announce => 201, attachment => 204 }->{ $r->{step} } // 200;
    $status = 200 if $kind ne 'empty';
    return { status => 307, type => 'text/plain', body => '', headers => { Location => "$r->{path}?redirected=1" } } if $kind eq 'redirect';
    return { status => $status, type => 'text/html', body => "<!DOCTYPE html><title>Wartung</title><p>Wir sind gleich wieder da.\n" } if $kind eq 'html';
    return { status => $status, type => 'application/json', body => $kind eq 'broken' ? '{"access_token":"abc","submissionId":"1' : $kind eq 'deep' ? '[' x 100_000 : '' };
}

# True when the connection goes on.
sub deliver {
    my ($socket, $r, $answer, $kind) = @_;
    local $SIG{PIPE} = 'IGNORE';
    return 0 if $kind eq 'cut-after';
    return linger($socket) if $kind =~ /^stall/;
    $answer = { %$answer, %{ problem($1, undef, 'the answer was lost') } } if $kind =~ /^(\d\d\d)-after$/;
    my $body = $answer->{body} // '';
    if ($kind eq 'huge')      { $body = padded($body); }
    if ($kind eq 'duplicate') { $body =~ s/^\{("[^"]+":)/{$1"zweimal",$1/ }
    return endless($socket, $body) if $kind eq 'endless';
    my $text = head($r, $answer, length $body) . $body;
    return write_all($socket, substr $text, 0, length($text) - (length $body || 20) / 2) && 0 if $kind eq 'cut-midway';
    if ($kind =~ /^slow:([\d.]+)$/) {
        my @bytes = split //, $text;
        for (@bytes) { write_all($socket, $_) or return 0; sleep $1 / @bytes }
        return 1;
    }
    return write_all($socket, $text) && lc($r->{headers}{connection} // '') ne 'close';
}

sub padded {
    my ($body) = @_;
    my $fill = 'x' x 8_000_000;
    return $body =~ /^\{/ ? $body =~ s/^\{/{"fuellung":"$fill",/r : qq({"fuellung":"$fill"});
}

sub endless {
    my ($socket, $body) = @_;
    write_all($socket, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n") or return 0;
    my $block = ' ' x 65536;
    for (1 .. 4000) { write_all($socket, "10000\r\n$block\r\n") or return 0 }
    return 0;
}

1;
