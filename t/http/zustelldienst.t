# The scripted FIT-Connect partner of the tests, looked at with a small client of its own: one whole submission, what it refuses, how it
# misbehaves, and the vectors of ../shared. Nothing of the product takes part.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(sha512_hex);
use Eb::Files;
use Eb::Server;
use Eb::Zustelldienst;
use HTTP::Tiny;
use JSON::PP;
use Test::More;
use Time::HiRes qw(time);

plan skip_all => 'no sanitizer is needed for Perl' if $ENV{EB_SANITIZE};
my $zd   = Eb::Zustelldienst->new;
my $json = JSON::PP->new->utf8->canonical;
my $http = HTTP::Tiny->new(keep_alive => 1, max_redirect => 0, timeout => 60, agent => 'zustelldienst.t', verify_SSL => 1, SSL_options => { SSL_ca_file => $zd->ca_file });
our $token;
require Crypt::JWT;

# An answer: status, what it said, the name of a problem.
sub ask {
    my ($method, $path, $body, %headers) = @_;
    my %all = ($token ? (authorization => "Bearer $token") : (), %headers);
    my $res = $http->request($method, $path =~ /^https/ ? $path : $zd->url . $path, { headers => { map { ($_ => $all{$_}) } grep { defined $all{$_} } keys %all }, defined $body ? (content => $body) : () });
    $res->{content} //= '';
    my $said = length $res->{content} < 1_000_000 ? eval { $json->decode($res->{content}) } : undef;
    my ($problem) = ref $said eq 'HASH' && ($res->{headers}{'content-type'} // '') eq 'application/problem+json' ? $said->{type} =~ m{([^/]+)$} : '';
    return { status => $res->{status}, said => $said, problem => $problem, headers => $res->{headers}, text => $res->{content} };
}

sub refused {
    my ($res, $status, $problem, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    is "$res->{status} $res->{problem}", "$status $problem", $name or diag $res->{text};
}

sub login {
    my (%o) = @_;
    my %p = (grant_type => 'client_credentials', client_id => $zd->client_id, client_secret => $zd->secret, %{ $o{body} || {} });
    local $token;
    return ask('POST', '/token', $http->www_form_urlencode(\%p), 'content-type' => 'application/x-www-form-urlencoded', %{ $o{headers} || {} });
}

our $v2 = '/submission-api/v2';
my ($destination, $jwk);

sub seal {
    my ($plain, %headers) = @_;
    my %extra = (kid => $destination->{encryptionKid}, cty => 'application/xml', %headers);
    delete $extra{$_} for grep { !defined $extra{$_} } keys %extra;
    my $alg = delete $extra{alg};
    return Crypt::JWT::encode_jwt(payload => $plain, alg => $alg // 'RSA-OAEP-256', enc => 'A256GCM', key => $jwk, extra_headers => \%extra);
}

# All that makes a submission: parts sealed, ready to be sent.
sub prepared {
    my ($number, %o) = @_;
    my @files = map { { id => Eb::Zustelldienst::Sets::uuid(), name => "0$_-nachweis.pdf", data => Eb::Files::pdf(20_000, "$number $_") } } 1 .. $o{files} // 2;
    my $uuid  = Eb::Zustelldienst::Sets::uuid();
    my $xml = "<?xml version=\"1.0\"?><nachricht><nachrichtenUUID>$uuid</nachrichtenUUID><vorgangsnummer>$number</vorgangsnummer><anlagen>"
        . join('', map { "<anlage><anhang>$_->{name}</anhang><sha512>" . sha512_hex($_->{data}) . '</sha512></anlage>' } @files) . '</anlagen></nachricht>';
    my $metadata = { '$schema' => 'https://schema.fitko.de/fit-connect/metadata/2.1.0/metadata.schema.json', contentStructure => {
        data => { hash => { type => 'sha512', content => sha512_hex($o{hash_of} // $xml) }, submissionSchema => { schemaUri => 'urn:mod-einbuergerung:nachricht:1', mimeType => 'application/xml' } },
        attachments => [map { { attachmentId => $_->{id}, purpose => $o{purpose} // 'attachment', mimeType => 'application/pdf', filename => $_->{name}, hash => { type => 'sha512', content => sha512_hex($_->{data}) } } } @files] },
        additionalReferenceInfo => { senderReference => $number } };
    return { number => $number, files => \@files, metadata => seal($json->encode($metadata), cty => 'application/json'), data => seal($xml), parts => { map { ($_->{id} => seal($_->{data}, cty => 'application/pdf')) } @files } };
}

sub announce {
    my ($p, %o) = @_;
    return ask('POST', "$v2/submissions", $json->encode({ destinationId => $zd->destination_id, announcedAttachments => [map { $_->{id} } @{ $p->{files} }],
        publicService => { name => 'Einbürgerung', identifier => 'urn:de:fim:leika:leistung:99099002006002' }, region => 'DE05711000', %o }), 'content-type' => 'application/json');
}

sub attach { my ($s, $id, $jwe, %h) = @_; return ask('PUT', "$v2/submissions/$s->{submissionId}/attachments/$id", $jwe, 'content-type' => 'application/jose', %h) }
sub submit { my ($s, $p, %h) = @_; return ask('PUT', "$v2/submissions/$s->{submissionId}", $json->encode({ encryptedMetadata => $p->{metadata}, encryptedData => $p->{data} }), 'content-type' => 'application/json', %h) }
sub events { my ($s, $q) = @_; return ask('GET', "$v2/cases/$s->{caseId}/events" . ($q // '')) }

sub send_all {
    my ($p) = @_;
    my $s = announce($p)->{said};
    attach($s, $_, $p->{parts}{$_}) for sort keys %{ $p->{parts} };
    my $done = submit($s, $p);
    return ($s, $done);
}

# The claims of a token, if it is one and its signature is the named key's. (Crypt::JWT itself bears padding.)
sub claims {
    my ($jws, $key) = @_;
    my @parts = split /\./, $jws, -1;
    return undef if @parts != 3 || grep { !defined Eb::Zustelldienst::Jose::unb64url($_) } @parts;
    return eval { Crypt::JWT::decode_jwt(token => $jws, key => $key, accepted_alg => 'PS512', verify_iat => undef) };
}
sub name_of { my ($jws) = @_; my ($c) = map { Eb::Zustelldienst::Jose::unb64url($_) } (split /\./, $jws)[1]; return $c =~ m{/events/(\w+)-submission} ? $1 : '?' }

subtest 'a token' => sub {
    my $res = login();
    is $res->{status}, 200, 'client_secret_post';
    is $res->{said}{expires_in}, 1800, 'half an hour';
    refused(ask('GET', "$v2/destinations/" . $zd->destination_id), 401, 'unauthorized', 'nothing without it');
    $token = $res->{said}{access_token};
    is login(headers => { authorization => 'Basic eDp5' })->{said}{error}, 'invalid_client', 'Basic is not known';
    is login(body => { client_secret => 'falsch' })->{said}{error}, 'invalid_client', 'another secret';
    is login(body => { scope => 'x' })->{said}{error}, 'invalid_scope', 'a scope is not for the client to name';
    is login(headers => { 'content-type' => 'application/json' })->{said}{error}, 'invalid_request', 'a form is wanted';
    my $none = HTTP::Tiny->new(agent => ' ', SSL_options => { SSL_ca_file => $zd->ca_file }, verify_SSL => 1);
    is $none->get($zd->url . "$v2/info", { headers => { 'user-agent' => '-' } })->{status}, 403, 'no User-Agent, no answer';
};

subtest 'destination and key' => sub {
    my $res = ask('GET', "$v2/destinations/" . $zd->destination_id);
    $destination = $res->{said};
    is $destination->{status}, 'active', 'active';
    ok $destination->{publicServices}, 'with services';
    ok !ask('GET', '/submission-api/v1/destinations/' . $zd->destination_id)->{said}{publicServices}, 'that are called otherwise in v1';
    my $key = ask('GET', "$v2/destinations/" . $zd->destination_id . "/keys/$destination->{encryptionKid}")->{said};
    is "$key->{alg} @{$key->{key_ops}} $key->{e}", 'RSA-OAEP-256 wrapKey AQAB', 'the key to encrypt with';
    is length $key->{n}, 683, '4096 bits';
    $jwk = Crypt::PK::RSA->new({ map { ($_ => $key->{$_}) } qw(kty n e) });
    for my $fault (qw(expired other-n small)) {
        $zd->set(key => $fault);
        my $other = ask('GET', "$v2/destinations/" . $zd->destination_id . "/keys/$destination->{encryptionKid}")->{said};
        isnt $json->encode($other), $json->encode($key), "a key that is wrong: $fault";
    }
    $zd->set(key => undef);
    my $folder = $zd->{keys};
    my $chain = sub { my ($name, @more) = @_; qx(openssl verify @more -CAfile '@{[$zd->root_file]}' -untrusted '$folder/below.crt' '$folder/$name.crt' 2>&1) };
    like $chain->('revoked', '-crl_check_all', '-CRLfile', $zd->crl_file), qr/certificate revoked/, 'one has been revoked';
    like $chain->('encryption', '-crl_check_all', '-CRLfile', $zd->crl_file), qr/: OK$/, 'the one in use has not';
    like $chain->('encryption'),  qr/: OK$/, 'its certificate leads to the root';
    like $chain->('wrong-chain'), qr/unable to get local issuer/, 'another does not';
    like $chain->('expired'),     qr/has expired/, 'and a third did once';
};

my ($first, $submission);
subtest 'a submission from beginning to end' => sub {
    $first = prepared('EB-2026-AAAA-AAAA-1');
    my $res = announce($first);
    is $res->{status}, 201, 'announced' or diag $res->{text};
    $submission = $res->{said};
    my @ids = map { $_->{id} } @{ $first->{files} };
    refused(submit($submission, $first), 422, 'submission-incomplete', 'not before all attachments are there');
    is attach($submission, $ids[0], $first->{parts}{ $ids[0] })->{status}, 204, 'attached';
    is attach($submission, $ids[0], $first->{parts}{ $ids[0] })->{status}, 204, 'and once more';
    refused(submit($submission, $first), 422, 'submission-incomplete', 'still one is missing');
    is attach($submission, $ids[1], $first->{parts}{ $ids[1] })->{status}, 204, 'attached';
    $zd->set(polls => 1);
    is submit($submission, $first)->{status}, 200, 'submitted';
    refused(submit($submission, $first), 422, 'submission-state-invalid', 'but not twice');
    is_deeply [map { name_of($_) } @{ events($submission)->{said}{eventLog} }], [qw(create submit)], 'the log, at the first look';
    my $log = events($submission)->{said};
    is_deeply [map { name_of($_) } @{ $log->{eventLog} }], [qw(create submit notify accept)], 'and at the second';
    is_deeply [map { name_of($_) } @{ events($submission, '?limit=2&offset=1')->{said}{eventLog} }], [qw(submit notify)], 'a page of it';
    $zd->set(polls => undef);
    my ($jwks) = grep { $_->{kid} eq $zd->{kid}{service} } @{ ask('GET', '/submission-api/.well-known/jwks.json')->{said}{keys} };
    my $sign = ask('GET', "$v2/destinations/" . $zd->destination_id . "/keys/$zd->{kid}{signing}")->{said};
    my $submitted = claims($log->{eventLog}[1], $jwks);
    my $accepted  = claims($log->{eventLog}[3], $sign);
    is $submitted->{iss}, $zd->issuer, 'the service says that it has been submitted';
    is $accepted->{iss}, $zd->destination_id, 'the authority that it has been accepted';
    is $accepted->{txn}, "case:$submission->{caseId}", 'of this case';
    my $tags = { metadata => (split /\./, $first->{metadata})[4], data => (split /\./, $first->{data})[4], attachments => { map { ($_ => (split /\./, $first->{parts}{$_})[4]) } @ids } };
    is_deeply $accepted->{events}{'https://schema.fitko.de/fit-connect/events/accept-submission'}{authenticationTags}, $tags, 'with the tags of what was sent';
    ok !claims($log->{eventLog}[3], $jwks), 'and its signature is not the other one\'s';
    my ($seen) = $zd->received;
    is "$seen->{number} $seen->{reference} $seen->{fault}", 'EB-2026-AAAA-AAAA-1 EB-2026-AAAA-AAAA-1 whole', 'the authority has it whole';
    is_deeply $zd->tally('EB-2026-AAAA-AAAA-1', 'EB-fehlt'), { lost => ['EB-fehlt'], twice => [], broken => [], unknown => [], changed => [] }, 'and counts';
};

subtest 'version 1' => sub {
    local $v2 = '/submission-api/v1';
    my $p = prepared('EB-2026-CCCC-CCCC-3', files => 1);
    refused(announce($p), 400, 'bad-request', 'the service is called otherwise');
    my $s = announce($p, serviceType => { name => 'Einbürgerung', identifier => 'urn:de:fim:leika:leistung:99099002006002' })->{said};
    ok $s->{caseId}, 'announced';
    my ($id) = map { $_->{id} } @{ $p->{files} };
    attach($s, $id, $p->{parts}{$id});
    is submit($s, $p)->{status}, 202, 'accepted';
    is_deeply [map { name_of($_) } @{ events($s)->{said}{eventLog} }], [qw(create submit notify accept)], 'its log';
};

subtest 'what is refused' => sub {
    my $p = prepared('EB-2026-BBBB-BBBB-2', files => 1);
    my $s = announce($p)->{said};
    my ($id) = map { $_->{id} } @{ $p->{files} };
    my $attach = sub { my ($jwe, @more) = @_; attach($s, $id, $jwe, @more) };
    my $why = sub { my ($res, $name) = @_; local $Test::Builder::Level = $Test::Builder::Level + 1; is "$res->{status} $res->{said}{detail}", "422 Invalid JWE Header '$name'", "a JWE with a wrong $name" };
    $why->($attach->(seal('x', cty => undef)), 'cty');
    $why->($attach->(seal('x', zip => 'DEF')), 'zip');
    $why->($attach->(seal('x', kid => 'ein-anderer')), 'kid');
    $why->($attach->(seal('x', alg => 'RSA-OAEP')), 'alg');
    $why->($attach->(seal('x', crit => ['exp'])), 'crit');
    $why->(submit($s, { %$p, data => seal('x', cty => 'application/pdf') }), 'cty');
    refused($attach->('a.b.c'), 422, 'invalid-jwe', 'three parts');
    refused($attach->($p->{parts}{$id} . '='), 422, 'invalid-jwe', 'padding');
    refused($attach->($p->{parts}{$id}, 'content-type' => 'application/json'), 415, 'unsupported-media-type', 'an attachment is application/jose');
    refused(submit($s, $p, 'content-type' => 'application/jose'), 415, 'unsupported-media-type', 'a submission is JSON');
    refused(attach($s, Eb::Zustelldienst::Sets::uuid(), $p->{parts}{$id}), 422, 'attachment-not-announced', 'an attachment nobody announced');
    refused(announce($first), 422, 'attachment-id-reused', 'ids of another submission');
    refused(announce({ files => [@{ $p->{files} }, @{ $p->{files} }] }), 422, 'attachment-id-reused', 'an id twice');
    refused(announce($p, publicService => { name => 'x', identifier => 'urn:de:fim:leika:leistung:99' }), 422, 'unsupported-service', 'another service');
    refused(announce($p, region => 'DE01'), 422, 'unsupported-region', 'another region');
    refused(announce($p, destinationId => Eb::Zustelldienst::Sets::uuid()), 404, 'destination-not-found', 'another destination');
    $zd->set(destination => { status => 'inactive' });
    refused(announce($p), 422, 'destination-state-invalid', 'an inactive destination');
    $zd->set(destination => undef);
    refused(ask('GET', "$v2/cases/" . Eb::Zustelldienst::Sets::uuid() . '/events'), 404, 'case-not-found', 'no such case');
    refused(events($s, '?limit=501'), 400, 'bad-request', 'a page too long');
    my $changed = seal($p->{files}[0]{data}, cty => 'application/pdf');
    $attach->($_) for $p->{parts}{$id}, $changed;
    is_deeply $zd->tally->{changed}, ["$s->{submissionId} $id"], 'a part sent again with other bytes is counted';
};

subtest 'what the authority finds' => sub {
    my %wrong = ('hash of other data' => [{ hash_of => 'x' }, qr/^data: hash-mismatch/], 'a document of no purpose' => [{ purpose => 'zierde' }, qr/schema-violation/]);
    for my $name (sort keys %wrong) {
        my ($options, $pattern) = @{ $wrong{$name} };
        SKIP: {
            Eb::Zustelldienst::Authority::validator('2.1.0') or skip $Eb::Zustelldienst::Authority::missing, 1 if $name =~ /purpose/;
            my ($s) = send_all(prepared("EB-$name", files => 1, %$options));
            events($s);
            is name_of(($zd->events($s->{submissionId}))[-1]), 'reject', "$name: rejected";
            like((grep { $_->{submission} eq $s->{submissionId} } $zd->received)[0]{fault}, $pattern, "$name: why");
        }
    }
};

subtest 'a key for each part' => sub {
    my $p = prepared('EB-2026-DDDD-DDDD-4', files => 0);
    my ($s) = send_all({ %$p, data => $p->{metadata} });
    like((grep { $_->{submission} eq $s->{submissionId} } $zd->received)[0]{fault}, qr/key of data was used before/, 'one for two is found');
};

subtest 'misbehaviour' => sub {
    my $path = "$v2/destinations/" . $zd->destination_id;
    my $get  = sub { $zd->script(destination => @_); return ask('GET', $path) };
    for my $status (401, 403, 404, 409, 413, 422, 429, 500, 503) { is $get->($status)->{status}, $status, "a $status" }
    is $get->('429:7')->{headers}{'retry-after'}, 7, 'with Retry-After';
    is $get->('redirect')->{status}, 307, 'a redirect';
    is $get->('html')->{headers}{'content-type'}, 'text/html', 'a page';
    cmp_ok length $get->('huge')->{text}, '>', 8_000_000, 'much';
    cmp_ok(() = $get->('duplicate')->{text} =~ /"contactInformation":/g, '==', 2, 'a member twice');
    is $get->("$_ x2")->{status}, 599, "none: $_" for qw(cut cut-after cut-midway);    # a GET is tried twice
    my $began = time;
    is $get->('slow:1')->{said}{status}, 'active', 'a slow one';
    cmp_ok time - $began, '>', 0.9, 'it takes its time';
    $get->('503 x2');
    is ask('GET', $path)->{status}, 503, 'twice';
    is ask('GET', $path)->{status}, 200, 'and then no more';
    is ask('POST', '/token', '', 'content-type' => 'application/x-www-form-urlencoded')->{status}, 401, 'others are not touched';
    my $before = () = $zd->submissions;
    $zd->script(announce => 'cut-after', '503-after');
    is announce(prepared("EB-x", files => 0))->{status}, $_, "lost with $_" for 599, 503;
    is scalar(() = $zd->submissions), $before + 2, 'but with effect';
    $zd->stop;
    is ask('GET', $path)->{status}, 599, 'not there at all';
    $zd->start;
    is ask('GET', $path)->{status}, 200, 'and there again, with its memory';
    $zd->revoke;
    is ask('GET', $path)->{status}, 401, 'tokens revoked';
    $token = login()->{said}{access_token};
    $zd->set(tls => 'expired');
    $http = HTTP::Tiny->new(max_redirect => 0, agent => 'zustelldienst.t', verify_SSL => 1, SSL_options => { SSL_ca_file => $zd->ca_file });
    like ask('GET', $path)->{text}, qr/certificate verify failed/, 'an expired certificate';
    $zd->set(tls => undef);
};

subtest 'tokens that are not to be believed' => sub {
    my ($s) = $zd->submission_of('EB-2026-AAAA-AAAA-1');
    my $key = ask('GET', "$v2/destinations/" . $zd->destination_id . "/keys/$zd->{kid}{signing}")->{said};
    my $good = $zd->set_of('accept', $s);
    ok claims($good, $key), 'the good one';
    my ($same, $valid) = (0, 0);
    for my $seed (1 .. 50) {
        my $bad = Eb::Zustelldienst::Sets::mutate($good, $seed);
        $same++  if $bad eq $good;
        $valid++ if claims($bad, $key);
    }
    is $same,  0, '50 mutations, each another text';
    is $valid, 0, 'none of them valid';
    my @signed = grep { claims($zd->set_of('accept', $s, $_), $key) }
        qw(none none-signed RS512 PS256 HS512 salt-32 other-signer flipped no-signature four-parts padded spaced jwk jku other-iss);
    is_deeply \@signed, [], 'nor is what is signed otherwise';
};

subtest 'callbacks, and the vectors of ../shared' => sub {
    my $folder = Eb::Zustelldienst::Authority::schema_folder() or plan skip_all => '../shared/data/fit-connect is not there';
    my $slurp = sub { Eb::Zustelldienst::State::slurp("$folder/vectors/$_[0]") };
    my ($v) = @{ $json->decode($slurp->('callback-hmac.json')) };
    my ($headers, $body) = $zd->callback($v->{secret}, time => $v->{timestamp}, body => $v->{body});
    is $headers->{'callback-authentication'}, $v->{hmac_sha512_hex}, 'the published example';
    for my $forge (qw(hmac body timestamp)) {
        my ($h, $b) = $zd->callback($v->{secret}, time => $v->{timestamp}, body => $v->{body}, forge => $forge);
        isnt $h->{'callback-authentication'}, Eb::Zustelldienst::authentication($v->{secret}, $h->{'callback-timestamp'}, $b), "forged: $forge";
    }
    my $key = $json->decode($slurp->('sig.pub.jwk.json'));
    ok claims($slurp->($_) =~ s/\s+//gr, $key), "$_ is signed" for 'accept.set.jws', 'reject.set.jws';
    my $metadata = $json->decode($slurp->('plain.metadata.json'));
    is $metadata->{contentStructure}{data}{hash}{content}, sha512_hex($slurp->('plain.data.json')), 'hash of the data';
    is $metadata->{contentStructure}{attachments}[0]{hash}{content}, sha512_hex($slurp->('plain.attachment.bin')), 'hash of the attachment';
    my $validator = Eb::Zustelldienst::Authority::validator('2.1.0') or return diag $Eb::Zustelldienst::Authority::missing;
    is_deeply [$validator->validate($metadata)], [], 'the metadata keep to their schema';
    $metadata->{contentStructure}{attachments}[0]{purpose} = 'zierde';
    isnt scalar(() = $validator->validate($metadata)), 0, 'and the schema can say no';
};

is_deeply [$zd->faults], [], 'the partner itself had no fault';
done_testing;
