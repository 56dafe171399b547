package Eb::XtaServer;

# The XTA 2.1.1 interface of an OSCI gateway, played, with an authority behind it that opens and checks what it gets, and a mailbox for
# the portal. Written from the WSDL and the schemas, with MIME, SOAP and XML Encryption of its own; it shares nothing with the product.
# Three ports under one https server on 127.0.0.1, which wants a client certificate; its memory is a folder: it survives the client,
# and itself. Every request is validated with KoSIT's schemas where ../shared has them. Documents go to files as they arrive.
#
#   my $xta = Eb::XtaServer->new(%o);      # skips the test, aloud, when a Perl module is missing. dir, port, expected, schema, start => 0
#   $xta->stop; $xta->start;               # the same port, the same memory
#
#   $xta->management_url, send_url, msgbox_url
#   $xta->ca_file                          # whom to trust for TLS (PEM)
#   $xta->certificate($who), key($who)     # for the client, PEM: client guest nobody client-expired client-otherca (XtaServer/Keys.pm)
#   $xta->reader_certificate               # to encrypt for; ($name): expired, revoked …; $xta->roots_file, crl_file: that lead to it
#   $xta->expected                         # { author type reader service scenario message_type … }: what the service profile wants
#   $xta->schema_missing                   # why nothing is validated, or undef
#
#   $xta->script(send => '9030 x2', 'cut-after', 'ok')     # what the next requests of a step meet; kinds: XtaServer/Wire.pm
#       steps: account lookup create report cancel send sync list nextlist fetch next close
#   $xta->set(NAME => value)               # until undef:
#       polls => N, report => 'green'|'yellow'|'red'|'open'    the report is open N times, and then that
#       meanwhile => 'yellow'              … or not open, but so
#       records => { red => [[code, text], …] }                its lines
#       fault_status => 500|400|200        of HTTP, for faults
#       mtom => 'always'|'never'           answers in MTOM, or not; without: when there is something to attach
#       tls => 'expired'|'otherca'|'elsewhere'                 the server's certificate
#       encrypted => 1, tokens => 1, test => 0|1               the profile demands it: encryption, X509TokenContainer, TestMsg
#       max_content, max_body => BYTES     40 MB and 100 MB;   locked => 1: 9011;   trust => 1: nothing is opened, for measurements
#
#   $xta->seen, $xta->seen('send')         # requests: { step method path kind answer fault problem id message_id agent mtom parts … }
#   $xta->refused                          # of these, what was refused on the server's own account: a client's faults. Not 9024: to ask again is none
#   $xta->received                         # { id number uuid about message attachments encrypted remarks fault }, in the order of sending
#   $xta->tally(@numbers)                  # { lost, twice, broken, unknown } like Eb::Receiver
#   $xta->await($count, $seconds), $xta->await_seen($step, $count, $seconds)      # messages sent; requests of a step
#   $xta->messages, $xta->message($id)     # what is known of ids given out: { id created sent cancelled about }
#   $xta->forget                           # what comes from now on is counted anew
#
#   $xta->put(xml => …, in_reply_to => [ID], process => NUMBER, attachments => [{ name type data }], %o)    # a message for the portal: its id
#   $xta->reply($received, $kind, %o)      # an answer to that, likewise: XtaServer/Replies.pm
#   $xta->box                              # { id in_reply_to fetched closed … }: fetched when a client has said that it has it

use strict;
use warnings;
use Eb::Partner;
use Eb::Server;
use File::Temp ();
use Test::More ();

our @ISA = ('Eb::Partner');

sub missing {
    my %package = ('Crypt::PK::RSA' => 'libcryptx-perl', 'IO::Socket::SSL' => 'libio-socket-ssl-perl', 'XML::LibXML' => 'libxml-libxml-perl', 'XML::Parser' => 'libxml-parser-perl');
    for (sort keys %package) { return "no $_ (package $package{$_})" unless eval "require $_" }
    return undef;
}

# What this gateway's service profile wants.
sub profile {
    return { author => 'eip:000000000000', type => 'xoev', reader => 'ebb:05711000', service => 'urn:test:dvdv:einbuergerung.wsdl', scenario => 'XEINBUERGERUNG_DATA',
        message_type => 'antrag.0001', message_list => 'urn:test:codeliste:nachrichtentyp', message_version => '1' };
}

sub new {
    my ($class, %o) = @_;
    my $missing = missing();
    Test::More::plan(skip_all => $missing) if $missing;
    require "Eb/XtaServer/$_.pm" for qw(State Keys Wire Api Authority Replies);
    my $self = bless { owner => $$, %o, expected => { %{ profile() }, %{ $o{expected} || {} } } }, $class;
    $self->{dir} //= File::Temp->newdir('eb-xta-XXXXXX', TMPDIR => 1);
    chmod 0755, $self->{dir};
    $self->{port} //= Eb::Server::free_port();
    $self->{keys}  = Eb::XtaServer::Keys::kept();
    $self->{state} = Eb::XtaServer::State->new("$self->{dir}");
    $self->{rsa}   = sub { $self->{opener} //= Eb::Zustelldienst::Keys::key($self->{keys}, 'encryption') };
    $self->{authority} = Eb::XtaServer::Authority->new(state => $self->{state}, key => $self->{rsa}, schema => $o{schema});
    $self->{api} = Eb::XtaServer::Api->new(state => $self->{state}, expected => $self->{expected}, accounts => { client => $self->{expected}{author}, guest => 'eip:gast' });
    $self->start if $o{start} // 1;
    return $self;
}

sub url            { return "https://127.0.0.1:$_[0]{port}" }
sub management_url { return $_[0]->url . '/xta/management' }
sub send_url       { return $_[0]->url . '/xta/send' }
sub msgbox_url     { return $_[0]->url . '/xta/msgbox' }
sub expected       { return $_[0]{expected} }
sub ca_file        { return "$_[0]{keys}/ca.crt" }
sub roots_file     { return "$_[0]{keys}/root.crt" }
sub crl_file       { return "$_[0]{keys}/crl.pem" }
sub certificate    { my ($self, $who) = @_; return "$self->{keys}/" . ($who // 'client') . '.crt' }
sub key            { my ($self, $who) = @_; return "$self->{keys}/" . (($who // 'client') =~ /^([a-z]+)/)[0] . '.key' }
sub reader_certificate { my ($self, $name) = @_; return "$self->{keys}/" . ($name // 'encryption') . '.crt' }
sub schema_missing { return Eb::XtaServer::Schema::missing() }

# ---- the process

sub logs { return qw(log received) }
sub warm { Eb::XtaServer::Schema::compile() }

sub talk {
    my ($self, $client, $parent) = @_;
    my $certificate = join '-', 'tls', grep { defined } $self->{state}->settings->{tls};
    my $tls = IO::Socket::SSL->start_SSL($client, SSL_server => 1, Timeout => 60, SSL_cert_file => "$self->{keys}/$certificate.crt", SSL_key_file => "$self->{keys}/tls.key",
        SSL_verify_mode => IO::Socket::SSL::SSL_VERIFY_PEER() | IO::Socket::SSL::SSL_VERIFY_FAIL_IF_NO_PEER_CERT(), SSL_ca_file => $self->ca_file);
    return $self->{state}->note(log => step => 'tls', path => '', kind => 'ok', answer => 'refused', problem => "tls: " . IO::Socket::SSL::errstr()) unless $tls;
    Eb::XtaServer::Wire::converse($tls, $self->{state}, $self->{api}, Eb::XtaServer::Keys::account($tls->peer_certificate('cn')), $self->url, $parent);
}

# ---- what has happened

sub refused { my ($self) = @_; return grep { $_->{problem} && ($_->{step} // '') ne 'tls' && ($_->{fault} // '') ne '9024' && $_->{kind} !~ /^9\d\d\d|^(?:sender|receiver)$/ } $self->seen }

sub messages { my ($self) = @_; return sort { $a->{created} <=> $b->{created} } $self->{state}->messages }
sub message  { my ($self, $id) = @_; return $self->{state}->message($id) }
sub box      { my ($self) = @_; return $self->{state}->box }

# What was sent and not yet looked at, is now; each message once, whatever interrupted the gateway.
sub received {
    my ($self) = @_;
    my $state = $self->{state};
    for my $m ($state->settings->{trust} ? () : sort { $a->{sent} <=> $b->{sent} } grep { $_->{sent} && !exists $_->{fault} } $self->messages) {
        my $lock = $state->lock("messages/$m->{uuid}");
        my $now  = $state->message($m->{id});
        $self->{authority}->receive($now) unless exists $now->{fault} || $now->{cancelled};
    }
    my %known;
    return grep { !$known{ $_->{id} }++ } $self->rest('received');
}

sub await { my ($self, $count, $seconds) = @_; return $self->await_count($count, $seconds, sub { scalar(() = $self->received) }) }

sub tally {
    my ($self, @numbers) = @_;
    my (%arrived, %named, @broken);
    for ($self->received) {
        my $number = $_->{number} // $_->{id};
        $arrived{$number}++;
        push @broken, "$number: $_->{fault}" if $_->{fault} ne 'whole';
        push @broken, "$number: called as $named{$_->{uuid}}" if ($named{ $_->{uuid} // '' } //= $number) ne $number;
    }
    my %receipt = map { ($_ => 1) } @numbers;
    return { lost => [grep { !$arrived{$_} } sort keys %receipt], twice => [grep { $arrived{$_} > 1 } sort keys %arrived], broken => \@broken, unknown => [grep { !$receipt{$_} } sort keys %arrived] };
}

# ---- messages for the portal

sub put {
    my ($self, %o) = @_;
    return Eb::XtaServer::Replies::put($self->{state}, $self->{expected}, %o);
}

sub reply {
    my ($self, $received, $kind, %o) = @_;
    my %about = Eb::XtaServer::Replies::about($self->{expected}, $received, $kind, %o);
    delete $o{xml};
    return $self->put(%about, %o);
}

1;
