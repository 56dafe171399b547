package Eb::XtaServer::Wire;

# Conversations: requests streamed into a folder of their own, answers written, as envelope or in MTOM, and everything that can go wrong
# between. What an answer is, the operations say; what becomes of it on its way, the script: one kind for each request of a step.
#
#   NNN, NNN:SECONDS     that status and a page, without effect (and Retry-After);   NNN-after: the effect, but that status
#   CODE, CODE-after     of four digits: the fault with that code, without and with the effect;   CODE@Exception: in another exception
#   sender, receiver     faults of SOAP without a detail
#   cut, cut-after, cut-midway    hangs up: before the body is read (or the effect), after the effect, in the middle of the answer
#   stall, stall-after, slow:SECONDS     no answer until the client goes, without or with the effect; byte by byte in that time
#   html, empty, broken, deep    with 200 and without effect: a page, nothing, half an envelope, elements in each other
#   huge, endless        8 MB more in the header; an answer that never ends (both after the effect)
#   redirect             307 to the same path, marked; whoever follows is noted
#   wrong-relates no-relates two-relates wrong-action no-action soap11 dtd pi other-namespace no-body two-bodies other-body understand
#   text-xml latin1 not-utf8 no-id other-id empty-id id-space      envelopes that are not to be believed, after the effect
#   mime-no-root mime-cut mime-cid mime-boundary mime-header mime-twice mime-encoding mime-type mime-extra    likewise, in MTOM
#   odd, mime-odd        unusual in all that may be unusual, in letters, order, folding, prefixes and what else is there; it is an answer
#   open green yellow red    of a report: this time
#   ok                   as it should be

use strict;
use warnings;
use Eb::Partner::Wire qw(%reason each_piece head linger read_head shut write_all);
use Eb::XtaServer::Mime;
use Eb::XtaServer::Soap qw(envelope operation_of soap_fault uuid);
use Eb::XtaServer::Spoil;
use Eb::XtaServer::State;
use File::Path qw(remove_tree);
use MIME::Base64 qw(encode_base64);
use Time::HiRes qw(sleep);

my $n = 0;

# All that this connection asks for, until either side has enough.
sub converse {
    my ($socket, $state, $api, $account, $url, $parent) = @_;
    while (my $r = read_head($socket, $parent)) {
        @$r{qw(account dir kind)} = ($account, "$state->{dir}/incoming/$$-" . $n++, 'ok');
        ($r->{port}) = $r->{path} =~ m{^/xta/(management|send|msgbox)$};
        $r->{url} = $url . $r->{path};
        mkdir $r->{dir} or die "$r->{dir}: $!";
        my $goes_on = exchange($socket, $state, $api, $r);
        remove_tree($r->{dir});
        last unless $goes_on;
    }
    shut($socket);
}

sub exchange {
    my ($socket, $state, $api, $r) = @_;
    my $early = operation_of(early_action($r));
    choose($state, $r, $early) if $early;
    if ($early && $r->{kind} eq 'cut') { note($state, $r, 'cut'); return 0 }
    my $whole = receive($socket, $r, $state->settings->{max_body} // 100_000_000);
    if (!$whole) { note($state, $r, 'incomplete'); return 0 }
    choose($state, $r, operation_of($r->{mime}->action)) if !$r->{step} && !$r->{broken};
    if ($r->{kind} eq 'cut') { note($state, $r, 'cut'); return 0 }
    my $answer = instead($r) // refused($r) // $api->answer($r);
    note($state, $r, $answer);
    return deliver($socket, $state, $r, $answer);
}

# What this request is to meet.
sub choose {
    my ($state, $r, $operation) = @_;
    return unless $operation;
    $r->{step} = $operation->{step};
    $r->{operation} = $operation;
    $r->{kind} = $state->next_kind($r->{step});
}

# The action as the head of a request tells it, or undef.
sub early_action {
    my ($r) = @_;
    my (undef, $param) = Eb::XtaServer::Mime::media_type($r->{headers}{'content-type'});
    my (undef, $info)  = Eb::XtaServer::Mime::media_type(($param // {})->{'start-info'});
    return ($param // {})->{action} // ($info // {})->{action};
}

sub receive {
    my ($socket, $r, $most) = @_;
    $r->{length} = 0;
    eval { $r->{mime} = Eb::XtaServer::Mime->new($r->{headers}{'content-type'}, $r->{dir}); 1 } or broken($r, $@);
    my $whole = each_piece($socket, $r, sub {
        return if $r->{broken};
        return broken($r, "mime: more than $most bytes\n") if $r->{length} > $most;
        eval { $r->{mime}->feed($_[0]); 1 } or broken($r, $@);
    });
    if ($whole && !$r->{broken}) { eval { $r->{mime}->end; 1 } or broken($r, $@) }
    return $whole;
}

sub broken { my ($r, $why) = @_; $r->{broken} = soap_fault('s:Sender', undef, $why =~ s/\s+\z//r); return }

# What of a request is written down.
sub note {
    my ($state, $r, $a) = @_;
    my %answer = ref $a ? %$a : (status => $a);
    my $fault  = $answer{fault};
    $state->note(log => (map { ($_ => $r->{$_}) } grep { defined $r->{$_} } qw(time pid method path step kind length account id message_id)), $r->{query}{redirected} ? (redirected => 1) : (),
        memory => Eb::XtaServer::State::slurp('/proc/self/status') =~ /VmHWM:\s*(\d+)/ ? 0 + $1 : 0, agent => $r->{headers}{'user-agent'} // '', mtom => $r->{mime} && $r->{mime}{delimiter} ? 1 : 0, parts => $r->{mime} ? scalar @{ $r->{mime}{parts} } : 0,
        (map { ($_ => $answer{$_}) } grep { defined $answer{$_} } qw(light listed closed id)), answer => $answer{status} // ($fault ? 'fault' : 200), $fault ? (fault => $fault->{code} // $fault->{value}, problem => $fault->{problem}) : ());
}

# ---- answers

sub page { my ($status, $text, %headers) = @_; return { status => $status, type => 'text/html', raw => "<!DOCTYPE html><title>$text</title><p>$text\n", headers => \%headers } }

# What HTTP itself refuses.
sub refused {
    my ($r) = @_;
    my $answer = !$r->{port} ? page(404, 'Not Found') : $r->{method} ne 'POST' ? page(405, 'Method Not Allowed', Allow => 'POST') : undef;
    $answer->{fault} = { value => 'http', problem => "$answer->{status} $r->{method} $r->{path}" } if $answer;
    return $answer;
}

# Answers that are none of the operation: nothing has been done.
sub instead {
    my ($r) = @_;
    my $kind = $r->{kind};
    my $action = { action => ($r->{operation} // {})->{action} };
    if ($kind =~ /^([1-5]\d\d)(?::(\d+))?$/) { return page($1, 'as the script says', defined $2 ? ('Retry-After' => $2) : ()) }
    if ($kind =~ /^(9\d\d\d)(?:\@(\w+))?$/ || $kind =~ /^()(sender|receiver)$/) { return { %$action, scripted($1, $2), relates => peek($r) } }
    return { status => 200, type => '', raw => '' } if $kind eq 'stall';
    return { status => 307, type => 'text/plain', raw => '', headers => { Location => "$r->{path}?redirected=1" } } if $kind eq 'redirect';
    return page(200, 'Wartung') if $kind eq 'html';
    my %text = (empty => '', broken => '<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Bo', deep => '<a>' x 100_000);
    return { status => 200, type => 'application/soap+xml; charset=utf-8', raw => $text{$kind} } if exists $text{$kind};
    return undef;
}

sub scripted {
    my ($code, $more) = @_;
    return (fault => $code ? { code => $code, exception => $more } : { value => $more eq 'sender' ? 's:Sender' : 's:Receiver', reason => 'as the script says' });
}

# The request's MessageID, when nobody reads the rest of it.
sub peek {
    my ($r) = @_;
    return undef if !$r->{mime} || $r->{broken};
    my $text = Eb::XtaServer::State::slurp($r->{mime}->root->{file});
    return $text =~ m{<(?:[\w.-]+:)?Header\b.*?<(?:[\w.-]+:)?MessageID[^>]*>\s*([^<\s]+)}s ? $1 : undef;
}

# True when the connection goes on.
sub deliver {
    my ($socket, $state, $r, $a) = @_;
    local $SIG{PIPE} = 'IGNORE';
    my $kind = $r->{kind};
    return 0 if $kind eq 'cut-after';
    return linger($socket) if $kind =~ /^stall/;
    if ($kind =~ /^(\d\d\d)-after$/)       { $a = page($1, 'the answer was lost') }
    if ($kind =~ /^(9\d\d\d)-after$/)      { $a = { action => $a->{action}, relates => $a->{relates}, scripted($1) } }
    my $settings = $state->settings;
    my $status   = $a->{status} // ($a->{fault} ? $settings->{fault_status} // 500 : 200);
    my @pieces   = defined $a->{raw} ? { text => $a->{raw} } : rendered($a, $settings, $kind);
    my $type     = $a->{type} // shift @pieces;
    my $length   = 0;
    $length += defined $_->{file} ? -s $_->{file} : length $_->{text} for @pieces;
    return endless($socket, $type, $pieces[0]{text}) if $kind eq 'endless';
    my $first = head($r, { %$a, status => $status, type => $type }, $length);
    my $left  = $kind eq 'cut-midway' ? length($first) + int(($length || -20) / 2) : undef;
    my $pace  = $kind =~ /^slow:([\d.]+)$/ ? $1 / (length($first) + $length) : 0;
    for my $piece ({ text => $first }, @pieces) {
        each_of($piece, sub {
            my ($text) = @_;
            $text = substr $text, 0, $left if defined $left;
            $left -= length $text if defined $left;
            return write_all($socket, $text) unless $pace;
            for (split //, $text) { write_all($socket, $_) or return 0; sleep $pace }
            return 1;
        }) or return 0;
    }
    return !defined $left && lc($r->{headers}{connection} // '') ne 'close';
}

sub each_of {
    my ($piece, $do) = @_;
    return $do->($piece->{text}) unless defined $piece->{file};
    open my $in, '<:raw', $piece->{file} or die "$piece->{file}: $!";
    while (read $in, my $bytes, 65536) { $do->($bytes) or return 0 }
    return 1;
}

# The media type, and the pieces of an answer. mtom => 'always', 'never', or when there is something to go with the envelope.
sub rendered {
    my ($a, $settings, $kind) = @_;
    my $mtom  = $settings->{mtom} // 'content';
    my @parts = @{ $a->{parts} || [] };
    my $as_mtom = $kind =~ /^mime-/ || ($mtom eq 'always' || @parts) && $mtom ne 'never';
    my $body = $a->{body};
    $body =~ s{\0(\d+)\0}{$as_mtom ? qq(<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:) . ($parts[$1]{id} =~ s/\@/%40/r) . '"/>' : encode_base64(Eb::XtaServer::State::slurp($parts[$1]{file}), '')}ge if defined $body;
    my $text = Eb::XtaServer::Spoil::envelope(envelope({ %$a, body => $body }), $kind);
    my $soap = 'application/soap+xml';
    return (Eb::XtaServer::Spoil::type("$soap; charset=UTF-8; action=\"$a->{action}\"", $kind), { text => $text }) unless $as_mtom;
    my $boundary = 'MIMEBoundary_' . uuid();
    my @all = ({ id => 'root@xta.test', type => qq(application/xop+xml; charset=UTF-8; type="$soap"), text => $text }, map { { %$_, more => 1 } } @parts);
    my $type = qq(multipart/related; type="application/xop+xml"; boundary="$boundary"; start="<root\@xta.test>"; start-info="$soap"; action="$a->{action}");
    return Eb::XtaServer::Spoil::mime($type, $boundary, \@all, $kind);
}

sub endless {
    my ($socket, $type, $text) = @_;
    my $start = $text =~ s{</s:Header>.*}{}sr;
    write_all($socket, "HTTP/1.1 200 OK\r\nContent-Type: $type\r\nTransfer-Encoding: chunked\r\n\r\n" . sprintf("%x\r\n%s\r\n", length $start, $start)) or return 0;
    my $block = ' ' x 65536;
    for (1 .. 4000) { write_all($socket, "10000\r\n$block\r\n") or return 0 }
    return 0;
}

1;
