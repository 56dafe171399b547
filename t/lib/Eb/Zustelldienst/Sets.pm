package Eb::Zustelldienst::Sets;

# Security event tokens as the service and the authority write them, and as they must never be believed.
#
# An event is one of create, submit, notify, delete (the service's), accept, reject, forward (the destination's), reject-by-service.
# A fault is one of the names below, or "mutate:SEED" for one random change of the finished token; "ok" is none.
#   header    wrong-kid other-kid no-kid wrong-typ no-typ crit jku jwk
#   claims    wrong-iss other-iss url-iss wrong-txn wrong-sub sub-reply no-jti no-iat text-iat no-event two-events other-event twice-txn
#   tags      wrong-metadata wrong-data wrong-attachment missing-tags missing-data missing-attachment extra-attachment array-tags
#   signature none none-signed RS512 PS256 HS512 salt-32 other-signer flipped no-signature
#   form      four-parts padded spaced not-json

use strict;
use warnings;
use Digest::SHA ();
use Eb::Zustelldienst::Jose qw(b64url jwe_tag jws_signed unb64url);
use Eb::Zustelldienst::Keys;
use Eb::Zustelldienst::State;
use Exporter qw(import);

our @EXPORT_OK = qw(uuid);
our $events  = 'https://schema.fitko.de/fit-connect/events/';
our $schema  = 'https://schema.fitko.de/fit-connect/set-payload/1.2.2/set-payload.schema.json';
our @faults = qw(wrong-kid other-kid no-kid wrong-typ no-typ crit jku jwk wrong-iss other-iss url-iss wrong-txn wrong-sub sub-reply no-jti no-iat text-iat
    no-event two-events other-event twice-txn wrong-metadata wrong-data wrong-attachment missing-tags missing-data missing-attachment
    extra-attachment array-tags none none-signed RS512 PS256 HS512 salt-32 other-signer flipped no-signature four-parts padded spaced not-json);

sub uuid {
    open my $fh, '<:raw', '/dev/urandom' or die $!;
    read $fh, my $bytes, 16;
    my @n = unpack 'n8', $bytes;
    return sprintf '%04x%04x-%04x-%04x-%04x-%04x%04x%04x', @n[0 .. 2], $n[3] & 0x0fff | 0x4000, $n[4] & 0x3fff | 0x8000, @n[5 .. 7];
}

# What makes them: keys => folder, and who is who.
sub new { my ($class, %o) = @_; return bless { %o, loaded => {} }, $class }

sub key { my ($self, $name) = @_; return $self->{loaded}{$name} //= Eb::Zustelldienst::Keys::key($self->{keys}, $name) }

# The tags of all parts of a submission, as they were when it was submitted.
sub tags {
    my ($self, $state, $s) = @_;
    return { metadata => jwe_tag($state->part($s->{submissionId}, 'metadata')), data => jwe_tag($state->part($s->{submissionId}, 'data')),
        attachments => { map { ($_ => jwe_tag($state->part($s->{submissionId}, $_))) } @{ $s->{announcedAttachments} } } };
}

# One token. problems => [{type, title, detail, instance}] goes with reject.
sub make {
    my ($self, $state, $event, $s, $fault, %o) = @_;
    $fault //= 'ok';
    my $by_destination = $event =~ /^(?:accept|reject|forward)$/;
    my ($name)         = $event =~ /^(\w+)/;
    my %payload        = $event =~ /^(?:submit|accept|reject)/ ? (authenticationTags => $self->tags($state, $s)) : ();
    $payload{problems} = $o{problems} if $event =~ /^reject/;
    my %t = (key => $by_destination ? 'signing' : 'service', other => $by_destination ? 'service' : 'signing', event => "$events$name-submission",
        tags => $payload{authenticationTags}, sign => {}, submission => $s);
    $t{header} = { typ => 'secevent+jwt', alg => 'PS512', kid => $self->{kid}{ $t{key} } };
    $t{claims} = { %payload ? ('$schema' => $schema) : (), jti => uuid(), iss => $by_destination ? $s->{destinationId} : $self->{issuer}, iat => time,
        sub => "submission:$s->{submissionId}", txn => "case:$s->{caseId}", events => { $t{event} => \%payload } };
    return mutate($self->{good}{"$event $s->{submissionId}"} //= $self->finish(\%t, ''), $1) if $fault =~ /^mutate:(.*)/;
    $self->spoil(\%t, $fault);
    return $self->finish(\%t, $fault);
}

my $other_tag = b64url('anderer Anhang!!');

my %spoil = (
    'wrong-kid'  => sub { $_[0]{header}{kid} = uuid() },
    'other-kid'  => sub { $_[0]{header}{kid} = $_[1]{kid}{ $_[0]{other} } },
    'no-kid'     => sub { delete $_[0]{header}{kid} },
    'wrong-typ'  => sub { $_[0]{header}{typ} = 'JWT' },
    'no-typ'     => sub { delete $_[0]{header}{typ} },
    'crit'       => sub { @{ $_[0]{header} }{qw(crit exp)} = (['exp'], 1) },
    'jku'        => sub { $_[0]{header}{jku} = "$_[1]{issuer}/fremd/jwks.json"; $_[0]{header}{kid} = uuid(); $_[0]{key} = 'encryption' },
    'jwk'        => sub { $_[0]{header}{jwk} = $_[1]->key('encryption')->export_key_jwk('public', 1); $_[0]{key} = 'encryption' },
    'wrong-iss'  => sub { $_[0]{claims}{iss} = uuid() },
    'other-iss'  => sub {    # signed by the other party in its own name: the wrong one for this event
        $_[0]{key} = $_[0]{other};
        $_[0]{header}{kid} = $_[1]{kid}{ $_[0]{key} };
        $_[0]{claims}{iss} = $_[0]{key} eq 'signing' ? $_[0]{submission}{destinationId} : $_[1]{issuer};
    },
    'url-iss'    => sub { $_[0]{claims}{iss} = 'https://127.0.0.1:9/anderswo' },
    'wrong-txn'  => sub { $_[0]{claims}{txn} = 'case:' . uuid() },
    'wrong-sub'  => sub { $_[0]{claims}{sub} = 'submission:' . uuid() },
    'sub-reply'  => sub { $_[0]{claims}{sub} = 'reply:' . uuid() },
    'no-jti'     => sub { delete $_[0]{claims}{jti} },
    'no-iat'     => sub { delete $_[0]{claims}{iat} },
    'text-iat'   => sub { $_[0]{claims}{iat} = "heute" },
    'no-event'   => sub { $_[0]{claims}{events} = {} },
    'two-events' => sub { $_[0]{claims}{events}{"${events}forward-submission"} = {} },
    'other-event' => sub { $_[0]{claims}{events} = { "${events}verspeise-submission" => delete $_[0]{claims}{events}{ $_[0]{event} } } },
    'wrong-metadata'   => sub { $_[0]{tags}{metadata} = $other_tag },
    'wrong-data'       => sub { $_[0]{tags}{data}     = $other_tag },
    'wrong-attachment' => sub { my $a = $_[0]{tags}{attachments}; $a->{ (sort keys %$a)[0] // uuid() } = $other_tag },
    'missing-tags'     => sub { delete $_[0]{claims}{events}{ $_[0]{event} }{authenticationTags} },
    'missing-data'     => sub { delete $_[0]{tags}{data} },
    'missing-attachment' => sub { my $a = $_[0]{tags}{attachments}; delete $a->{ (sort keys %$a)[0] // '' } },
    'extra-attachment' => sub { $_[0]{tags}{attachments}{ uuid() } = $other_tag },
    'array-tags'       => sub { $_[0]{tags}{attachments} = [values %{ $_[0]{tags}{attachments} }] },
    'none'         => sub { $_[0]{header}{alg} = $_[0]{sign}{alg} = 'none' },
    'none-signed'  => sub { $_[0]{header}{alg} = 'none' },
    'RS512'        => sub { $_[0]{header}{alg} = $_[0]{sign}{alg} = 'RS512' },
    'PS256'        => sub { $_[0]{header}{alg} = $_[0]{sign}{alg} = 'PS256' },
    'HS512'        => sub { $_[0]{header}{alg} = 'HS512'; $_[0]{sign} = { alg => 'HS512', secret => $_[1]->key($_[0]{key})->export_key_pem('public_x509') } },
    'salt-32'      => sub { $_[0]{sign}{salt} = 32 },
    'other-signer' => sub { $_[0]{key} = 'encryption' },
);

sub spoil {
    my ($self, $t, $fault) = @_;
    my $how = $spoil{$fault} or return;
    $how->($t, $self);
}

sub finish {
    my ($self, $t, $fault) = @_;
    my $payload = $fault eq 'not-json' ? 'angenommen' : Eb::Zustelldienst::State::encode($t->{claims});
    $payload =~ s/\}\z/,"txn":"case:$t->{submission}{caseId}"}/ if $fault eq 'twice-txn';
    my $jws = jws_signed(Eb::Zustelldienst::State::encode($t->{header}), $payload, $self->key($t->{key}), %{ $t->{sign} });
    return "$jws.e30"               if $fault eq 'four-parts';
    return "$jws=="                 if $fault eq 'padded';
    return $jws =~ s/\./. /r        if $fault eq 'spaced';
    return $jws =~ s/[^.]+\z//r     if $fault eq 'no-signature';
    return $jws =~ s/\.[^.]*\z/'.' . b64url(flipped(unb64url((split m{\.}, $jws)[2]), 100))/er if $fault eq 'flipped';
    return $jws;
}

sub flipped { my ($bytes, $bit) = @_; vec($bytes, $bit % (8 * length $bytes), 1) ^= 1; return $bytes }

# One change of a token, from the seed alone: a bit, a character, a part, a claim. What comes out is another text, never the same.
sub mutate {
    my ($jws, $seed) = @_;
    my $n = 0;
    my $random = sub { return unpack('N', Digest::SHA::sha256("$seed/" . $n++)) % $_[0] };
    while (1) {
        my @part = split /\./, $jws, -1;
        my $which = $random->(3);
        my $bytes = unb64url($part[$which]);
        my $at = $random->(length $jws);
        my @ways = (
            sub { $part[$which] = b64url(flipped($bytes, $random->(8 * length $bytes))); join '.', @part },
            sub { substr $bytes, $random->(length $bytes), 1, chr $random->(256); $part[$which] = b64url($bytes); join '.', @part },
            sub { substr $bytes, $random->(length $bytes), 1 + $random->(8), ''; $part[$which] = b64url($bytes); join '.', @part },
            sub { substr $bytes, $random->(length $bytes), 0, chr $random->(256); $part[$which] = b64url($bytes); join '.', @part },
            sub { substr $jws, $at, 1, chr(33 + $random->(94)); $jws },
            sub { substr $jws, $at, 0, ('A', '.', ' ', '=', "\n", '-')[$random->(6)]; $jws },
            sub { substr $jws, $at, 1, ''; $jws },
            sub { substr $jws, $at },
            sub { substr $jws, 0, $at },
            sub { my $order = ([1, 0, 2], [0, 2, 1], [2, 1, 0], [1, 2, 0])[$random->(4)]; join '.', @part[@$order] },
            sub { altered(\@part, $random) },
        );
        my $other = $ways[$random->(scalar @ways)]->();
        return $other if $other ne $_[0];
        $jws = $_[0];
    }
}

# Header or payload read, one member changed, written again; the signature stays.
sub altered {
    my ($part, $random) = @_;
    my $which = $random->(2);
    my $what  = Eb::Zustelldienst::State::decode(unb64url($part->[$which]));
    my @names = sort keys %$what;
    my $name  = $names[$random->(scalar @names)];
    if    ($random->(2)) { delete $what->{$name} }
    elsif (ref $what->{$name}) { $what->{$name} = {} }
    else  { $what->{$name} = (reverse($what->{$name}) . 'x', 0, undef, 'none', uuid())[$random->(5)] }
    $part->[$which] = b64url(Eb::Zustelldienst::State::encode($what));
    return join '.', @$part;
}

1;
