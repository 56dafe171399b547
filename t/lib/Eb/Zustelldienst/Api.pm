package Eb::Zustelldienst::Api;

# The endpoints of token service, Submission API (v2, and v1 where it differs) and Destination API, and everything they refuse. An
# answer is a hash: status, type, body, headers; `then` is what happens once it has been sent.

use strict;
use warnings;
use Crypt::PRNG qw(random_string_from);
use Eb::Zustelldienst::Http qw();
use Eb::Zustelldienst::Jose qw(jwe_fault jwe_tag public_jwk);
use Eb::Zustelldienst::Keys;
use Eb::Zustelldienst::Sets qw(uuid);
use Eb::Zustelldienst::State;

*problem = \&Eb::Zustelldienst::Http::problem;
*json    = \&Eb::Zustelldienst::Http::json;

my $uuid = qr/[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/;
my $api  = qr{^/submission-api/(v[12])};
my $dest = qr{^/(?:submission|destination)-api/(v[12])/destinations/([^/]+)};

# step, method, path with what it names, type of the body, what answers it. `open`: without a token.
my @endpoints = (
    ['token',       'POST', qr{^/token$},                                       'application/x-www-form-urlencoded', \&token, 'open'],
    ['jwks',        'GET',  qr{^/submission-api/\.well-known/jwks\.json$},      undef, \&jwks, 'open'],
    ['info',        'GET',  qr{$api/info$},                                     undef, \&info, 'open'],
    ['destination', 'GET',  qr{$dest$},                                         undef, \&destination],
    ['key',         'GET',  qr{$dest/keys/([^/]+)$},                            undef, \&key, 'open'],
    ['keys',        'GET',  qr{^/destination-api/(v2)/destinations/([^/]+)/keys$}, undef, \&keys],
    ['announce',    'POST', qr{$api/submissions$},                              'application/json', \&announce],
    ['attachment',  'PUT',  qr{$api/submissions/([^/]+)/attachments/([^/]+)$},  'application/jose', \&attachment],
    ['submit',      'PUT',  qr{$api/submissions/([^/]+)$},                      'application/json', \&submit],
    ['events',      'GET',  qr{$api/(?:cases|submissions)/([^/]+)/events$},     undef, \&events],
);

# state, sets, authority, keys (folder), destination_id, client_id, secret
sub new { my ($class, %o) = @_; return bless {%o}, $class }

sub endpoint {
    my ($r) = @_;
    for my $e (@endpoints) {
        next if $r->{method} ne $e->[1];
        my @named = $r->{path} =~ $e->[2] or next;
        return ($e, @named);
    }
    return;
}

# The step of the script that a request belongs to. Signature keys have one of their own.
sub step {
    my ($self, $r) = @_;
    my ($e, undef, undef, $kid) = endpoint($r);
    return undef unless $e;
    return $e->[0] eq 'key' && $kid ne $self->{sets}{kid}{encryption} ? 'signing-key' : $e->[0];
}

sub answer {
    my ($self, $r) = @_;
    my ($e, @named) = endpoint($r);
    return problem(403, 'bot-detected', 'no User-Agent') unless ($r->{headers}{'user-agent'} // '') =~ /\w/;
    return problem(404, 'not-found', $r->{path}) unless $e;
    return problem(400, 'redirect-followed', 'nobody may follow a redirect') if $r->{query}{redirected};
    my ($step, undef, undef, $type, $do, $open) = @$e;
    if (!$open) {
        my ($token) = ($r->{headers}{authorization} // '') =~ /^Bearer ([A-Za-z0-9._~+\/-]+=*)$/ or return problem(401, 'unauthorized', 'no bearer token');
        return problem(401, 'unauthorized', 'the token is not valid') unless $self->{state}->token_is_good($token);
    }
    my ($sent) = lc($r->{headers}{'content-type'} // '') =~ /^([^;\s]*)/;
    return problem(415, 'unsupported-media-type', "Content-Type: $type is wanted") if $type && $sent ne $type && $step ne 'token';
    my $limit = $self->{state}->settings->{max_body};
    return problem(413, 'content-too-large', 'too large') if $limit && $r->{length} > $limit;
    return $do->($self, $r, @named);
}

# ---- token

sub oauth_error { my ($status, $error) = @_; return { %{ json($status, { error => $error, error_description => 'refused' }) }, problem => $error } }

sub token {
    my ($self, $r) = @_;
    return oauth_error(401, 'invalid_client') if defined $r->{headers}{authorization};
    return oauth_error(400, 'invalid_request') if lc($r->{headers}{'content-type'} // '') !~ m{^application/x-www-form-urlencoded\b};
    my %p = map { my ($k, $v) = split /=/, $_, 2; ($k => decoded($v // '')) } split /&/, $r->{body};
    return oauth_error(400, 'unsupported_grant_type') if ($p{grant_type} // '') ne 'client_credentials';
    return oauth_error(400, 'invalid_scope') if exists $p{scope};
    return oauth_error(401, 'invalid_client') if ($p{client_id} // '') ne $self->{client_id} || ($p{client_secret} // '') ne $self->{secret};
    my $seconds = $r->{kind} =~ /^expires:(\d+)$/ ? $1 : 1800;
    my $token = join '.', map { random_string_from(join('', 'a' .. 'z', 'A' .. 'Z', 0 .. 9, '-_'), $_) } 60, 700, 683;
    $self->{state}->give_token($token, time + $seconds) unless $r->{kind} eq 'revoked';
    return json(200, { access_token => $token, token_type => 'Bearer', expires_in => 0 + $seconds,
        scope => 'https://schema.fitko.de/fit-connect/oauth/scopes/send-submissions' }, 'Cache-Control' => 'no-store');
}

sub decoded { my ($s) = @_; $s =~ tr/+/ /; $s =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge; return $s }

# ---- keys and destination

sub certificates { my ($self, @names) = @_; return [map { Eb::Zustelldienst::Keys::der($self->{keys}, $_) } @names] }

# A fresh copy each time: it may be spoilt.
sub jwk {
    my ($self, $name, $certificate) = @_;
    $certificate //= $name;
    my ($alg, $op) = $name =~ /^(?:encryption|small)$/ ? ('RSA-OAEP-256', 'wrapKey') : ('PS512', 'verify');
    my $text = $self->{jwk}{"$name $certificate"} //= Eb::Zustelldienst::State::encode(public_jwk(Eb::Zustelldienst::Keys::key($self->{keys}, $name),
        kid => $self->{sets}{kid}{ $name eq 'small' ? 'encryption' : $name }, alg => $alg, key_ops => [$op], x5c => $self->certificates($certificate, 'below')));
    return Eb::Zustelldienst::State::decode($text);
}

# How the encryption key may be wrong: the setting `key`.
my %key_fault = (
    map({ my $name = $_; ($name => sub { $_[0] = $_[1]->jwk('encryption', $name) }) } qw(expired early revoked wrong-chain self-signed)),
    'small'        => sub { $_[0] = $_[1]->jwk('small') },
    'other-n'      => sub { $_[0]{n} = $_[1]->jwk('signing')->{n} },
    'other-x5c'    => sub { $_[0]{x5c} = $_[1]->jwk('signing')->{x5c} },
    'other-kid'    => sub { $_[0]{kid} = uuid() },
    'signing-key'  => sub { my $kid = $_[0]{kid}; $_[0] = $_[1]->jwk('signing'); $_[0]{kid} = $kid },
    'key-ops'      => sub { $_[0]{key_ops} = ['wrapKey', 'encrypt'] },
    'verify'       => sub { $_[0]{key_ops} = ['verify'] },
    'no-key-ops'   => sub { delete $_[0]{key_ops} },
    'oaep'         => sub { $_[0]{alg} = 'RSA-OAEP' },
    'ec'           => sub { $_[0]{kty} = 'EC' },
    'exponent'     => sub { $_[0]{e} = 'Aw' },
    'no-x5c'       => sub { delete $_[0]{x5c} },
    'empty-x5c'    => sub { $_[0]{x5c} = [] },
    'strange-x5c'  => sub { $_[0]{x5c} = ['bm8gY2VydGlmaWNhdGU='] },
    'long-n'       => sub { $_[0]{n} = 'AA' . $_[0]{n} },
);
our @key_faults = sort keys %key_fault;
$key_fault{soon} = sub { Eb::Zustelldienst::Keys::soon($_[1]{keys}); $_[0] = $_[1]->jwk('encryption', 'soon') };    # as yet it is none

sub key {
    my ($self, $r, $version, $id, $kid) = @_;
    return problem(404, 'destination-not-found', $id) if $id ne $self->{destination_id};
    my ($name) = grep { $kid eq $self->{sets}{kid}{$_} } qw(encryption signing);
    return problem(404, 'key-not-found', $kid) unless $name;
    my $jwk   = $self->jwk($name);
    my $fault = $key_fault{ $self->{state}->settings->{key} // '' };
    $fault->($jwk, $self) if $fault && $name eq 'encryption';
    return json(200, $jwk, 'Cache-Control' => 'no-cache, no-store');
}

sub keys { my ($self) = @_; return json(200, { keys => [map { $self->jwk($_) } qw(signing encryption)] }) }

# The service's own key is never the first.
sub jwks {
    my ($self) = @_;
    my $other = $self->jwk('encryption');
    @$other{qw(kid alg key_ops)} = ('00000000-0000-4000-8000-000000000001', 'PS512', ['verify']);
    return json(200, { keys => [$other, $self->jwk('service')] });
}

sub info { return json(200, { version => { major => 2, minor => 0, patch => 0 } }) }

# As it is, with what the test changed in it.
sub destination_now {
    my ($self) = @_;
    my $d = $self->{state}->settings->{destination} // {};
    my %all = (destinationId => $self->{destination_id}, name => 'Stadt Musterstadt', status => 'active', encryptionKid => $self->{sets}{kid}{encryption},
        metadataVersions => ['1.0.0', '2.1.0'], replyChannels => { eMail => { usePgp => Eb::Zustelldienst::State::no() } },
        contactInformation => { legalName => 'Stadt Musterstadt', email => 'amt@musterstadt.example' }, publicServices => $self->{services}, %$d);
    delete $all{$_} for grep { !defined $all{$_} } CORE::keys %all;
    return \%all;
}

sub destination {
    my ($self, $r, $version, $id) = @_;
    return problem(404, 'destination-not-found', $id) if $id ne $self->{destination_id};
    my $d = $self->destination_now;
    $d->{services} = delete $d->{publicServices} if $version eq 'v1';
    return json(200, $d, 'Cache-Control' => 'no-cache, no-store');
}

# ---- submissions

sub object { my ($r) = @_; my $o = eval { Eb::Zustelldienst::State::decode($r->{body}) }; return ref $o eq 'HASH' ? $o : undef }

sub announce {
    my ($self, $r, $version) = @_;
    my $o = object($r) or return problem(400, 'bad-request', 'no JSON object');
    my ($ids, $service) = ($o->{announcedAttachments}, $o->{ $version eq 'v1' ? 'serviceType' : 'publicService' });
    return problem(400, 'bad-request', 'destinationId') if ($o->{destinationId} // '') !~ /^$uuid$/;
    return problem(400, 'bad-request', 'announcedAttachments') if ref $ids ne 'ARRAY' || grep { ref || ($_ // '') !~ /^$uuid$/ } @$ids;
    return problem(400, 'bad-request', 'service') if ref $service ne 'HASH' || ($service->{identifier} // '') !~ /^urn:[a-z0-9][a-z0-9-]{0,31}:\S+$/ || !length($service->{name} // '');
    return problem(400, 'bad-request', 'region') if defined $o->{region} && $o->{region} !~ /^DE[0-9]{0,12}$/;
    return problem(404, 'destination-not-found', $o->{destinationId}) if $o->{destinationId} ne $self->{destination_id};
    my $d = $self->destination_now;
    return problem(422, 'destination-state-invalid', "the destination is $d->{status}") if $d->{status} ne 'active';
    my ($offered) = grep { $_->{identifier} eq $service->{identifier} } @{ $d->{publicServices} };
    return problem(422, 'unsupported-service', $service->{identifier}) unless $offered;
    return problem(422, 'unsupported-region', $o->{region}) if defined $o->{region} && !grep { index($o->{region}, $_) == 0 } @{ $offered->{regions} };
    my %once = map { ($_ => 1) } @$ids;
    return problem(422, 'attachment-id-reused', 'an attachment id twice') if CORE::keys %once != @$ids;
    return $self->{state}->locked(announce => sub { $self->create($o, $service, $d, $version) });
}

# An attachment id is the world's only one; of submissions that never got a part the answer may have been lost.
sub create {
    my ($self, $o, $service, $d, $version) = @_;
    my $state = $self->{state};
    for my $id (@{ $o->{announcedAttachments} }) {
        my $owner = Eb::Zustelldienst::State::slurp("$state->{dir}/attachments/$id") // next;
        return problem(422, 'attachment-id-reused', $id) if defined $state->part($owner, $id) || $state->settings->{strict_ids};
    }
    my $s = { submissionId => uuid(), caseId => uuid(), destinationId => $o->{destinationId}, announcedAttachments => $o->{announcedAttachments},
        service => $service->{identifier}, destination => $d, state => 'incomplete', version => $version, created => time };
    $state->store($s);
    Eb::Zustelldienst::State::save("$state->{dir}/cases/$s->{caseId}", $s->{submissionId});
    Eb::Zustelldienst::State::save("$state->{dir}/attachments/$_", $s->{submissionId}) for @{ $o->{announcedAttachments} };
    $self->event('create', $s);
    return json(201, { $self->reduced($s, $service), announcedAttachments => $s->{announcedAttachments} });
}

sub reduced { my ($self, $s, $service) = @_; return ((map { ($_ => $s->{$_}) } qw(destinationId submissionId caseId)), $service ? (($s->{version} eq 'v1' ? 'serviceType' : 'publicService') => $service) : ()) }

sub event {
    my ($self, $name, $s) = @_;
    my $faults = $self->{state}->settings->{sets}{$name} // ['ok'];
    $self->{state}->add_event($s->{submissionId}, $self->{sets}->make($self->{state}, $name, $s, $_)) for @$faults;
}

# The submission, locked until the handle goes; or a problem.
sub incomplete {
    my ($self, $id) = @_;
    return (problem(404, 'submission-not-found', $id)) if $id !~ /^$uuid$/ || !-e $self->{state}->folder($id);
    my $lock = $self->{state}->lock("submissions/$id");
    my $s    = $self->{state}->submission($id);
    return (undef, $s, $lock);
}

sub jwe_problem {
    my ($self, $s, $what, $jwe) = @_;
    return undef if $self->{state}->settings->{trust} && length($jwe // '');
    my @allowed = $what eq 'attachment' ? () : (cty => [qw(application/json application/xml)]);
    my $fault = ref $jwe || !length($jwe // '') ? "no $what" : jwe_fault($jwe, kid => $s->{destination}{encryptionKid}, @allowed, cty_optional => $s->{version} eq 'v1');
    return defined $fault ? { %{ problem(422, 'invalid-jwe', $fault) }, fault => $fault } : undef;
}

# Keeps a part; whether it was there with other bytes is written down.
sub keep {
    my ($self, $s, $name, $jwe) = @_;
    return $self->{state}->put_part($s->{submissionId}, $name, '....' . jwe_tag($jwe)) if $self->{state}->settings->{trust};
    my $before = $self->{state}->part($s->{submissionId}, $name);
    $self->{state}->note(changed => submission => $s->{submissionId}, part => $name) if defined $before && $before ne $jwe;
    $self->{state}->note(again => submission => $s->{submissionId}, part => $name) if defined $before && $before eq $jwe;
    $self->{state}->put_part($s->{submissionId}, $name, $jwe);
}

sub attachment {
    my ($self, $r, $version, $id, $attachment) = @_;
    my ($wrong, $s, $lock) = $self->incomplete($id);
    return $wrong if $wrong;
    return problem(422, 'attachment-not-announced', $attachment) unless grep { $_ eq $attachment } @{ $s->{announcedAttachments} };
    return problem(422, 'submission-state-invalid', "it is $s->{state}") if $s->{state} ne 'incomplete';
    my $bad = $self->jwe_problem($s, 'attachment', $r->{body});
    return $bad if $bad;
    $self->keep($s, $attachment, $r->{body});
    return { status => 204 };
}

sub submit {
    my ($self, $r, $version, $id) = @_;
    my ($wrong, $s, $lock) = $self->incomplete($id);
    return $wrong if $wrong;
    my $o = object($r) or return problem(400, 'bad-request', 'no JSON object');
    for (qw(metadata data)) { my $bad = $self->jwe_problem($s, $_, $o->{ 'encrypted' . ucfirst }); return $bad if $bad }
    return problem(422, 'submission-state-invalid', "it is $s->{state}") if $s->{state} ne 'incomplete';
    my ($missing) = grep { !defined $self->{state}->part($id, $_) } @{ $s->{announcedAttachments} };
    return problem(422, 'submission-incomplete', "announced attachment $missing has not been uploaded") if defined $missing;
    $self->keep($s, $_, $o->{ 'encrypted' . ucfirst }) for qw(metadata data);
    $s->{state} = 'submitted';
    $self->{state}->store($s);
    $self->event('submit', $s);
    my $answer = json($version eq 'v1' ? 202 : 200, { $self->reduced($s), attachments => $s->{announcedAttachments} });
    $answer->{then} = sub { $self->{authority}->receive($s) unless $self->{state}->settings->{trust}; undef $lock };
    return $answer;
}

sub events {
    my ($self, $r, $version, $id) = @_;
    $id = Eb::Zustelldienst::State::slurp("$self->{state}{dir}/cases/$id") // $id if $r->{path} =~ m{/cases/} && $id =~ /^$uuid$/;
    my ($wrong, $s, $lock) = $self->incomplete($id);
    return problem(404, 'case-not-found', $id) if $wrong;
    my ($limit, $offset) = ($r->{query}{limit} // 100, $r->{query}{offset} // 0);
    return problem(400, 'bad-request', 'limit or offset') if $limit !~ /^\d{1,3}$/ || $limit < 1 || $limit > 500 || $offset !~ /^\d{1,9}$/;
    my $settings = $self->{state}->settings;
    $self->{authority}->decide($s, $self->{state}->polled($id)) if $s->{state} ne 'incomplete';
    my @all  = $self->{state}->events($id);
    $limit = $settings->{page} if $settings->{page} && $settings->{page} < $limit;
    my @page = $offset > $#all ? () : @all[$offset .. ($offset + $limit > @all ? $#all : $offset + $limit - 1)];
    return json(200, { count => scalar @page, offset => 0 + $offset, totalCount => scalar @all, eventLog => \@page });
}

1;
