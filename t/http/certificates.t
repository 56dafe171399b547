# Until when certificates are valid: every form of the status, the alert in time, health, the log at start, and the doctor. Certificates
# are made here, by openssl, with the dates that are wanted; nothing is sent anywhere.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Server;
use HTTP::Tiny;
use JSON::PP qw(decode_json);
use POSIX qw(strftime);
use Test::More;

my $place  = '/einbuergerung-status';
my $server = Eb::Server->new(start => 0);
my $dir    = $server->{dir};
my $keys   = "$dir/zertifikate";
mkdir $keys;

sub save { my ($file, $text) = @_; open my $fh, '>', $file or die "$file: $!"; print $fh $text; close $fh }
sub openssl { my $said = qx{cd '$keys' && openssl @_ 2>&1}; $? == 0 or die "openssl @_: $said" }
sub day { my ($days) = @_; return strftime '%Y%m%d%H%M%SZ', gmtime time + $days * 86_400 }

# `openssl ca` is the one command that takes any dates; half a day more, so that the days that are left do not change in the test.
sub certificate {
    my ($name, $from, $to) = @_;
    openssl(qq{req -new -config ca.conf -newkey rsa:2048 -nodes -keyout $name.key -subj "/CN=Probe $name" -out $name.csr});
    openssl(qq{ca -batch -notext -config ca.conf -selfsign -keyfile $name.key -in $name.csr -out $name.crt -startdate ${\ day($from)} -enddate ${\ day($to + 0.5)}});
}

save("$keys/ca.conf", join "\n", '[ca]', 'default_ca = here', '[here]', "new_certs_dir = $keys", "database = $keys/index", "crlnumber = $keys/crlnumber", 'rand_serial = yes',
    'unique_subject = no', 'default_md = sha256', 'policy = any', 'default_crl_days = 1', 'x509_extensions = leaf', '[any]', 'commonName = supplied', '[req]',
    'distinguished_name = name', '[name]', '[leaf]', 'basicConstraints = CA:false', '');
save("$keys/index", '');
save("$keys/crlnumber", "01\n");
certificate('eigen',    -30,  12);
certificate('alt',      -300, -3);
certificate('neu',      -300, 400);
certificate('anker',    -300, 2);
certificate('naechster', -1,  100);
openssl("ca -config ca.conf -keyfile anker.key -cert anker.crt -gencrl -crlhours 12 -out sperrliste.pem");
sub together { my ($out, @in) = @_; save("$keys/$out", join '', map { Eb::Server::slurp("$keys/$_") } @in) }
together('eigen.pem',  'eigen.crt', 'naechster.crt', 'eigen.key');    # TLS shows the first
together('anker.pem',  'anker.crt', 'naechster.crt');                 # the next is there already
together('leser.pem',  'alt.crt');
save("$keys/geheim", "geheim\n");
chmod 0600, "$keys/geheim";

my $xta = qq(xta\n    EinbuergerungXta management-url=https://127.0.0.1:1/m send-url=https://127.0.0.1:1/s cert-file=$keys/eigen.pem reader-cert-file=$keys/leser.pem )
    . qq(author=eip:1 reader=eip:2 service=urn:x:y scenario=a message-type=b message-type-list=urn:l message-type-version=1);
my $fit = qq(fitconnect\n    EinbuergerungFitConnect destination=879ee109-a690-4db8-ab32-424284184d7d client=a secret-file=$keys/geheim )
    . qq(token-url=https://127.0.0.1:1/t submission-url=https://127.0.0.1:1/s roots=$keys/anker.pem crl=$keys/sperrliste.pem);
$server->{vhost}  = join "\n", $server->authority('05711000', $xta), $server->authority('05712000', $xta), $server->authority('05713000', $fit);
$server->{location} = "SetHandler einbuergerung\n    EinbuergerungForm einbuergerung\n    EinbuergerungUseAuthority 05711000";
$server->{server} = "<Location $place>\n    SetHandler einbuergerung-status\n</Location>";
$server->write_conf;
$server->start_redis;
$server->start;

my $http = HTTP::Tiny->new(timeout => 30);
sub ask { my ($form) = @_; my $res = $http->get("http://127.0.0.1:$server->{port}$place?format=$form"); utf8::decode($res->{text} = $res->{content}); return $res }
sub certificates { return map { ($_->{file} =~ s{.*/}{}r => $_) } @{ decode_json(ask('json')->{content})->{certificates} } }
sub doctor {
    local %ENV = $server->environment;
    return decode_json(scalar qx{'${\ Eb::Server::build()}/stage/usr/bin/einbuergerungctl' --httpd ${\ Eb::Server::apache()} -f '$dir/httpd.conf' doctor --json 2>/dev/null});
}

subtest 'JSON' => sub {
    my %c = certificates();
    is_deeply [sort keys %c], [qw(anker.pem eigen.pem leser.pem sperrliste.pem)], 'each file once';
    is_deeply [map { $c{"$_.pem"}{role} } qw(eigen leser anker sperrliste)], [qw(own reader trust revocations)], 'what for';
    is_deeply [@{ $c{'eigen.pem'} }{qw(name days user)}, !!$c{'eigen.pem'}{valid}], ['Probe eigen', 12, '05711000 (+1)', 1], 'ours: the first of the file';
    is_deeply [@{ $c{'anker.pem'} }{qw(name days fault user)}], ['Probe naechster', 100, undef, '05713000'], 'an anchor: the one that is valid longest';
    is_deeply [@{ $c{'leser.pem'} }{qw(days)}, !!$c{'leser.pem'}{valid}], [-3, ''], 'the reader\'s: expired';
    is_deeply [@{ $c{'sperrliste.pem'} }{qw(name days)}, !!$c{'sperrliste.pem'}{valid}], ['Probe anker', 0, 1], 'a list of revocations, by its issuer';
    like $c{'eigen.pem'}{fault}{what}, qr/^The certificate of Probe eigen expires on 20\d\d-\d\d-\d\d \(12 days\)$/, 'the end is near';
    like $c{'eigen.pem'}{fault}{remedy}, qr/successor/, 'what to do';
    my ($until) = $c{'eigen.pem'}{until} =~ /^(\d{4}-\d\d-\d\dT\d\d:\d\d)/;
    my ($openssl) = qx{openssl x509 -in '$keys/eigen.crt' -noout -enddate -dateopt iso_8601} =~ /notAfter=(\S+ \S+)Z/;
    is $until, do { local $ENV{TZ} = 'Europe/Berlin'; qx{date -d '$openssl UTC' +%FT%H:%M} =~ s/\n//r }, 'the date is that which openssl tells';
};

subtest 'everywhere else' => sub {
    my %c      = certificates();
    my $health = ask('health');
    is $health->{status}, 503, 'what has expired makes unwell';
    is_deeply [$health->{text} =~ /^certificate: (.*)$/mg], ["file $keys/leser.pem: The certificate of Probe alt expired on " . substr $c{'leser.pem'}{until}, 0, 10], 'and nothing else does';
    my $page = ask('html')->{text};
    like $page, qr{<h2[^>]*>Zertifikate</h2>}, 'the page has a table';
    like $page, qr{leser\.pem.*eigen\.pem.*anker\.pem.*noch 100 Tage}s, 'those to look at come first';
    my %until = ask('prometheus')->{text} =~ /^einbuergerung_certificate_expiry_timestamp_seconds\{file="[^"]*\/(\w+)\.pem",role="\w+"\} (\d+)$/mg;
    is_deeply { map { ($_ => int(($until{$_} - time) / 86_400)) } keys %until }, { eigen => 12, leser => -2, anker => 100, sperrliste => 0 }, 'metrics';
    my @warned = $server->log =~ /:warn\].*EB0105 \S*\/(\w+\.pem)/g;
    is_deeply [sort keys %{ { map { ($_ => 1) } @warned } }], [qw(eigen.pem leser.pem sperrliste.pem)], 'the log warns at start';
};

subtest 'the doctor' => sub {
    my %found = map { ($_->{what} =~ m{/(\w+)\.pem} ? $1 : '' => $_->{state}) } grep { $_->{subject} =~ /^certificates/ } @{ doctor() };
    is_deeply \%found, { eigen => 'look', leser => 'wrong', anker => 'good', sperrliste => 'look', '' => 'unknown' }, 'says of each';
    my $spool = "$dir/spool/05713000";
    for ([12, 'look', 'EB0656'], [200, 'good', undef]) {
        my ($days, $state, $id) = @$_;
        my $day = strftime '%Y-%m-%d', gmtime time + $days * 86_400;
        mkdir "$spool$_" for '', qw(/tmp /queue /done);
        save("$spool/journal.log", join("\t", '2026-11-26T10:00:00.000+01:00', '05713000', 'EB-2026-7K4M-92QX-4', '7a3f4e0c-0000-4000-8000-000000000000', 'announced',
            'fitconnect', "submission=a case=b key=c, until $day") . "\n");
        my ($key) = grep { $_->{subject} eq 'certificates of 05713000' && $_->{what} !~ /pem/ } @{ doctor() };
        is_deeply [@$key{qw(state id)}], [$state, $id], "a destination's key of $days days: $key->{what}";
    }
};

subtest 'renewed' => sub {
    together('leser.pem', 'alt.crt', 'neu.crt');
    $server->restart;
    my %c = certificates();
    is_deeply [@{ $c{'leser.pem'} }{qw(name days fault)}], ['Probe neu', 400, undef], 'beside the old one';
    is ask('health')->{text}, "ok\n", 'well again, though one ends soon';
};

$server->expect(qr/EB0105/);
$server->log_is_clean;
done_testing;
