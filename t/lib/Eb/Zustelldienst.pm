package Eb::Zustelldienst;

# FIT-Connect, played: token service, Submission API v2 (and v1), Destination API, and an authority behind it that opens, checks and
# answers what it gets. Written from the specification, with a JOSE of its own; it shares nothing with the product. Everything speaks
# https on one port of 127.0.0.1, in a process of its own, and its memory is a folder: it survives the client, and itself.
#
#   my $zd = Eb::Zustelldienst->new(%o);     # skips the test, aloud, when a Perl module is missing. dir, port, services, start => 0
#   $zd->stop; $zd->start;                   # the same port, the same memory
#
#   $zd->url                                 # https://127.0.0.1:PORT: token_url = /token, api_url = /submission-api, destination_api_url
#   $zd->issuer                              # who signs the service's tokens: the api_url
#   $zd->ca_file, root_file, crl_file        # trust anchors: for TLS, for the certificates of keys, and what was revoked (PEM)
#   $zd->destination_id, client_id, secret, secret_file, encryption_kid
#
#   $zd->script(announce => '503 x2', 'cut-after', 'ok')    # what the next requests of a step meet; kinds: Zustelldienst/Http.pm
#       steps: token destination key signing-key keys announce attachment submit events jwks
#       at token besides: "expires:SECONDS", "revoked" (a token that is good for nothing); $zd->revoke: all that were given out
#   $zd->set(NAME => value)                  # until undef:
#       destination => { status => 'inactive', … }   members that replace the destination's; undef removes one
#       key => 'expired'                             how the encryption key is wrong: @Eb::Zustelldienst::Api::key_faults; "soon": it ends in some days
#       tls => 'expired'|'otherca'|'elsewhere'       the server's certificate
#       verdict => [qw(notify accept)]               events the authority writes; reject, reject-by-service, delete, forward; [] for none
#       problems => [{ type, title, detail, instance }]     of a reject
#       polls => N                                   how many looks at the events show nothing of it
#       sets => { accept => ['wrong-kid', 'ok'] }    a token for each, so spoilt; names: Zustelldienst/Sets.pm, or "mutate:SEED"
#       page => N                                    the most events in one answer
#       max_body => BYTES, strict_ids => 1 (an attachment id may not even be announced twice), blind => 1 (accepts what is wrong)
#       trust => 1                                   keeps only the tags of parts and opens none: for measurements
#
#   $zd->seen, $zd->seen('announce')         # requests: { step method path kind answer problem agent authorization … }
#   $zd->refused                             # of these, what the API refused on its own account, but for tokens: a client's faults
#   $zd->received                            # { submission case number uuid reference attachments fault } in the order of arrival
#   $zd->tally(@numbers)                     # { lost, twice, broken, unknown, changed } like Eb::Receiver; changed: parts sent again, but other
#   $zd->await($count, $seconds), $zd->await_seen($step, $count, $seconds)    # submissions taken in; requests of a step
#   $zd->submissions, $zd->part($submission, 'metadata'|'data'|UUID), $zd->open($jwe), $zd->events($submission)
#   $zd->submission_of($number), $zd->set_of($event, $submission, $fault)    # a submission; a token for it
#   $zd->say($event, $submission, @faults)   # writes such tokens into its event log, at once
#   $zd->forget                              # what comes from now on is counted anew
#   $zd->callback($secret, %o)               # ({ headers }, body): submissions => […], time, body, forge => 'hmac'|'body'|'timestamp'

use strict;
use warnings;
use Eb::Partner;
use Eb::Server;
use File::Temp ();
use Test::More ();

our @ISA = ('Eb::Partner');

sub missing {
    my %package = ('Crypt::PK::RSA' => 'libcryptx-perl', 'Crypt::JWT' => 'libcrypt-jwt-perl', 'IO::Socket::SSL' => 'libio-socket-ssl-perl');
    for (sort keys %package) { return "no $_ (package $package{$_})" unless eval "require $_" }
    return undef;
}

my $leika = 'urn:de:fim:leika:leistung:';

sub new {
    my ($class, %o) = @_;
    my $missing = missing();
    Test::More::plan(skip_all => $missing) if $missing;
    require "Eb/Zustelldienst/$_.pm" for qw(State Keys Jose Sets Http Authority Api);
    my $self = bless { destination_id => '879ee109-a690-4db8-ab32-424284184d7d', client_id => 'mod-einbuergerung-test', owner => $$,
        secret => 'geheim+&=% ' . Eb::Zustelldienst::Sets::uuid(), services => services(), %o }, $class;
    $self->{dir} //= File::Temp->newdir('eb-zd-XXXXXX', TMPDIR => 1);
    chmod 0755, $self->{dir};
    $self->{port} //= Eb::Server::free_port();
    $self->{state} = Eb::Zustelldienst::State->new("$self->{dir}");
    $self->prepare;
    $self->start if $o{start} // 1;
    return $self;
}

sub services {
    return [map { { identifier => "$leika$_", regions => ['DE05711', 'DE09'], submissionSchemas => [
        { schemaUri => 'urn:mod-einbuergerung:nachricht:1', mimeType => 'application/xml' },
        { schemaUri => 'https://schema.example/einbuergerung/1.0.0/schema.json', mimeType => 'application/json' }] } } qw(99099002006002 99099002067003)];
}

sub prepare {
    my ($self) = @_;
    my $keys = $self->{keys} = Eb::Zustelldienst::Keys::kept();
    $self->{kid} = { encryption => 'a1c66e44-23e2-4d4a-9f91-1d818f9ab602', signing => 'b2d77f55-34f3-4e5b-8fa2-2e929fabc713', service => 'c3e88066-4504-4f6c-9fb3-3fa3a0bcd824' };
    Eb::Zustelldienst::State::save("$self->{dir}/ca.pem",   Eb::Zustelldienst::Keys::pem($keys, 'ca'));
    Eb::Zustelldienst::State::save("$self->{dir}/root.pem", Eb::Zustelldienst::Keys::pem($keys, 'root'));
    Eb::Zustelldienst::State::save("$self->{dir}/crl.pem",  Eb::Zustelldienst::State::slurp("$keys/crl.pem"));
    Eb::Zustelldienst::State::save("$self->{dir}/secret",   "$self->{secret}\n");
    chmod 0600, "$self->{dir}/secret";
    my $sets = $self->{sets} = Eb::Zustelldienst::Sets->new(keys => $keys, kid => $self->{kid}, issuer => $self->issuer);
    my $authority = $self->{authority} = Eb::Zustelldienst::Authority->new(state => $self->{state}, sets => $sets, key => sub { $sets->key('encryption') });
    $self->{api} = Eb::Zustelldienst::Api->new(sets => $sets, authority => $authority, map { ($_ => $self->{$_}) } qw(state keys destination_id client_id secret services));
}

sub url                 { return "https://127.0.0.1:$_[0]{port}" }
sub token_url           { return $_[0]->url . '/token' }
sub api_url             { return $_[0]->url . '/submission-api' }
sub destination_api_url { return $_[0]->url . '/destination-api' }
sub issuer              { return $_[0]->api_url }
sub ca_file             { return "$_[0]{dir}/ca.pem" }
sub root_file           { return "$_[0]{dir}/root.pem" }
sub crl_file            { return "$_[0]{dir}/crl.pem" }
sub secret_file         { return "$_[0]{dir}/secret" }
sub destination_id      { return $_[0]{destination_id} }
sub client_id           { return $_[0]{client_id} }
sub secret              { return $_[0]{secret} }
sub encryption_kid      { return $_[0]{kid}{encryption} }

sub logs   { return qw(log received changed again) }
sub revoke { return $_[0]{state}->forget_tokens }

# ---- the process

# Each connection is a process, which must not make all this for itself.
sub warm {
    my ($self) = @_;
    for (qw(encryption signing service)) { $self->{sets}->key($_); $self->{api}->jwk($_) }
    Eb::Zustelldienst::Authority::validator('2.1.0');
    $self->context('tls');
}

sub context {
    my ($self, $certificate) = @_;
    return $self->{context}{$certificate} //= IO::Socket::SSL::SSL_Context->new(SSL_server => 1,
        SSL_cert_file => "$self->{keys}/$certificate.crt", SSL_key_file => "$self->{keys}/tls.key");
}

sub talk {
    my ($self, $client, $parent) = @_;
    my $certificate = join '-', 'tls', grep { defined } $self->{state}->settings->{tls};
    my $tls = IO::Socket::SSL->start_SSL($client, SSL_server => 1, Timeout => 60, SSL_reuse_ctx => $self->context($certificate)) or return;
    Eb::Zustelldienst::Http::converse($tls, $self->{state}, $self->{api}, $parent);
}

# ---- what has happened

sub refused { my ($self) = @_; return grep { $_->{problem} && $_->{problem} ne 'unauthorized' && $_->{kind} eq 'ok' } $self->seen }

# What was submitted and not yet looked at, is now; each submission once, whatever interrupted the service.
sub received {
    my ($self) = @_;
    my $state = $self->{state};
    for my $id ($state->settings->{trust} ? () : $state->submission_ids) {
        my $lock = $state->lock("submissions/$id");
        my $s    = $state->submission($id);
        $self->{authority}->receive($s) if $s->{state} ne 'incomplete' && !exists $s->{fault};
    }
    my %known;
    return grep { !$known{ $_->{submission} }++ } $self->rest('received');
}

sub await { my ($self, $count, $seconds) = @_; return $self->await_count($count, $seconds, sub { scalar(() = $self->rest('received')) }) }

sub tally {
    my ($self, @numbers) = @_;
    my (%arrived, @broken);
    for ($self->received) {
        my $number = $_->{number} // $_->{reference} // '?';
        $arrived{$number}++;
        push @broken, "$number: $_->{fault}" if $_->{fault} ne 'whole';
    }
    my %receipt = map { ($_ => 1) } @numbers;
    return { lost => [grep { !$arrived{$_} } sort keys %receipt], twice => [grep { $arrived{$_} > 1 } sort keys %arrived], broken => \@broken,
        unknown => [grep { !$receipt{$_} } sort keys %arrived], changed => [map { "$_->{submission} $_->{part}" } $self->rest('changed')] };
}

sub submissions { my ($self) = @_; return sort { $a->{created} <=> $b->{created} } map { $self->{state}->submission($_) } $self->{state}->submission_ids }
sub part        { my ($self, $id, $name) = @_; return $self->{state}->part($id, $name) }
sub events      { my ($self, $id) = @_; return $self->{state}->events($id) }
sub open        { my ($self, $jwe) = @_; return Eb::Zustelldienst::Jose::jwe_open($jwe, $self->{sets}->key('encryption')) }

sub submission_of { my ($self, $number) = @_; return map { $self->{state}->submission($_->{submission}) } grep { ($_->{number} // '') eq $number } $self->received }

# A token as it would be written for a submission, spoilt or not.
sub set_of { my ($self, $event, $s, $fault, %o) = @_; return $self->{sets}->make($self->{state}, $event, $s, $fault, %o) }

sub say {
    my ($self, $event, $s, @faults) = @_;
    my $lock = $self->{state}->lock("submissions/$s->{submissionId}");
    $self->{state}->add_event($s->{submissionId}, $self->set_of($event, $s, $_, problems => [])) for @faults ? @faults : 'ok';
}

# ---- callbacks

sub authentication { my ($secret, $timestamp, $body) = @_; return Crypt::Mac::HMAC::hmac_hex('SHA512', $secret, "$timestamp.$body") }

# "hmac": authenticated with another secret; "body" and "timestamp": one that was not what has been authenticated.
sub callback {
    my ($self, $secret, %o) = @_;
    my $time = $o{time} // CORE::time();
    my @about = map { { destinationId => $_->{destinationId}, submissionId => $_->{submissionId}, caseId => $_->{caseId} } } @{ $o{submissions} || [] };
    my $body = $o{body} // Eb::Zustelldienst::State::encode({ type => 'https://schema.fitko.de/fit-connect/submission-api/callbacks/new-events',
        submissionIds => [map { $_->{submissionId} } @about], submissions => \@about });
    my $forge = $o{forge} // '';
    my $hmac  = authentication($forge eq 'hmac' ? "$secret." : $secret, $time, $body);
    $body .= ' ' if $forge eq 'body';
    $time++ if $forge eq 'timestamp';
    return ({ 'content-type' => 'application/json', 'callback-authentication' => $hmac, 'callback-timestamp' => $time }, $body);
}

1;
