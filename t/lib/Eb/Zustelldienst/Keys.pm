package Eb::Zustelldienst::Keys;

# Keys and certificates, made once by openssl and kept below the build folder, as RSA keys of 4096 bits take their time. There is a
# test authority for TLS, and a root with an authority below it that stands for the Verwaltungs-PKI: RSA 4096, PSS with SHA-512.
#
#   my $keys = Eb::Zustelldienst::Keys::kept();     # the folder
#   key($keys, 'encryption')                        # Crypt::PK::RSA: encryption signing service small
#   der($keys, 'expired')                           # a certificate

use strict;
use warnings;
use Crypt::PK::RSA;
use Eb::Server;
use Eb::Zustelldienst::State;
use Fcntl qw(:DEFAULT :flock);
use MIME::Base64 qw(decode_base64);
use POSIX ();

my @rsa = qw(root below encryption signing service);

sub kept {
    my $folder = Eb::Server::build() =~ s{/sanitize/?$}{}r . '/t';
    mkdir $_ for Eb::Server::build() =~ s{/sanitize/?$}{}r, $folder;
    sysopen my $lock, "$folder/zustelldienst.lock", O_RDWR | O_CREAT or die "$folder/zustelldienst.lock: $!";
    flock $lock, LOCK_EX or die "$folder/zustelldienst.lock: $!";
    my $kept = "$folder/zustelldienst-2";
    return $kept if -e "$kept/.done" && (stat _)[9] > time - 300 * 86_400;
    mkdir $kept;
    make($kept);
    Eb::Zustelldienst::State::save("$kept/.done", '');
    return $kept;
}

sub key { my ($folder, $name) = @_; return Crypt::PK::RSA->new("$folder/$name.key") }
sub pem { my ($folder, $name) = @_; return Eb::Zustelldienst::State::slurp("$folder/$name.crt") // die "no certificate $name" }
sub der { my ($folder, $name) = @_; return pem($folder, $name) =~ /-----BEGIN CERTIFICATE-----(.*?)-----END/s ? decode_base64($1) : die $name }

sub openssl {
    my @command = ('openssl', @_);
    my $quoted  = join ' ', map { "'$_'" } @command;
    my $out     = qx($quoted 2>&1);
    die "@command: $out" if $? != 0;
}

# Two processors at a time are enough.
sub make {
    my ($f) = @_;
    my @pids;
    for my $half (0, 1) {
        my $pid = fork // die "fork: $!";
        if (!$pid) {
            my $good = eval { openssl('genrsa', '-out', "$f/$rsa[$_].key", 4096) for grep { $_ % 2 == $half } 0 .. $#rsa; 1 };
            warn $@ unless $good;
            POSIX::_exit($good ? 0 : 1);
        }
        push @pids, $pid;
    }
    for (@pids) { waitpid $_, 0; die 'no keys' if $? }
    openssl('genrsa', '-out', "$f/small.key", 2048);
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', "$f/$_.key") for qw(ca otherca tls stranger);
    write_conf($f);
    authorities($f);
    leaves($f);
    revoke($f);
}

# `openssl ca` is the one command that takes any dates.
sub write_conf {
    my ($f) = @_;
    Eb::Zustelldienst::State::save("$f/ca.conf", <<CONF);
[ca]
default_ca = here
[here]
new_certs_dir = $f
crlnumber = $f/crlnumber
default_crl_days = 6000
database = $f/index
rand_serial = yes
unique_subject = no
default_md = sha512
policy = any
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[below]
basicConstraints = critical,CA:true,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[encryption]
basicConstraints = CA:false
keyUsage = critical,keyEncipherment
authorityKeyIdentifier = keyid
[signing]
basicConstraints = CA:false
keyUsage = critical,digitalSignature
authorityKeyIdentifier = keyid
[tls]
basicConstraints = CA:false
subjectAltName = IP:127.0.0.1,DNS:localhost
extendedKeyUsage = serverAuth
[elsewhere]
basicConstraints = CA:false
subjectAltName = DNS:anderswo.example
extendedKeyUsage = serverAuth
CONF
    Eb::Zustelldienst::State::save("$f/index", '');
    Eb::Zustelldienst::State::save("$f/crlnumber", "01\n");
}

# key => NAME, issuer => NAME or nothing for itself, kind => section above, from, to => YYYYMMDD
sub certificate {
    my ($f, $name, %o) = @_;
    my $signer = $o{issuer} // $o{key};
    my @issuer = $o{issuer} ? ('-cert', "$f/$o{issuer}.crt") : '-selfsign';
    my @pss    = grep({ $_ eq $signer } @rsa) ? ('-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:64') : ();
    openssl('req', '-new', '-config', "$f/ca.conf", '-key', "$f/$o{key}.key", '-subj', "/CN=Test $name, not FITKO", '-out', "$f/$name.csr");
    openssl('ca', '-batch', '-notext', '-config', "$f/ca.conf", '-in', "$f/$name.csr", '-out', "$f/$name.crt", '-extensions', $o{kind},
        '-startdate', ($o{from} // '20250101') . '000000Z', '-enddate', ($o{to} // '20450101') . '000000Z', '-keyfile', "$f/$signer.key", @issuer, @pss);
}

# For the encryption key, one that ends in twelve days, made anew when it is older than a day.
sub soon {
    my ($f) = @_;
    sysopen my $lock, "$f/soon.lock", O_RDWR | O_CREAT or die "$f/soon.lock: $!";
    flock $lock, LOCK_EX or die "$f/soon.lock: $!";
    return if -e "$f/soon.crt" && -M _ < 1;
    certificate($f, 'soon', key => 'encryption', kind => 'encryption', issuer => 'below', to => POSIX::strftime('%Y%m%d', gmtime time + 12 * 86_400));
}

sub authorities {
    my ($f) = @_;
    certificate($f, 'ca',      key => 'ca',      kind => 'root');
    certificate($f, 'otherca', key => 'otherca', kind => 'root');
    certificate($f, 'root',    key => 'root',    kind => 'root');
    certificate($f, 'below',   key => 'below',   kind => 'below', issuer => 'root');
}

sub leaves {
    my ($f) = @_;
    my %past = (from => '20200101', to => '20210101');
    certificate($f, 'tls',          key => 'tls', kind => 'tls',       issuer => 'ca');
    certificate($f, 'tls-expired',  key => 'tls', kind => 'tls',       issuer => 'ca', %past);
    certificate($f, 'tls-otherca',  key => 'tls', kind => 'tls',       issuer => 'otherca');
    certificate($f, 'tls-elsewhere', key => 'tls', kind => 'elsewhere', issuer => 'ca');
    certificate($f, 'encryption',   key => 'encryption', kind => 'encryption', issuer => 'below');
    certificate($f, 'expired',      key => 'encryption', kind => 'encryption', issuer => 'below', %past);
    certificate($f, 'early',        key => 'encryption', kind => 'encryption', issuer => 'below', from => '20400101');
    certificate($f, 'wrong-chain',  key => 'encryption', kind => 'encryption', issuer => 'otherca');
    certificate($f, 'revoked',      key => 'encryption', kind => 'encryption', issuer => 'below');
    certificate($f, 'self-signed',  key => 'encryption', kind => 'encryption');
    certificate($f, 'small',        key => 'small',      kind => 'encryption', issuer => 'below');
    certificate($f, 'signing',      key => 'signing',    kind => 'signing',    issuer => 'below');
    certificate($f, 'service',      key => 'service',    kind => 'signing',    issuer => 'below');
}

# Lists of both authorities in one file.
sub revoke {
    my ($f) = @_;
    my @pss = ('-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:64');
    openssl('ca', '-config', "$f/ca.conf", '-keyfile', "$f/below.key", '-cert', "$f/below.crt", '-revoke', "$f/revoked.crt");
    openssl('ca', '-config', "$f/ca.conf", '-keyfile', "$f/$_.key", '-cert', "$f/$_.crt", '-gencrl', @pss, '-out', "$f/$_.crl") for qw(root below);
    Eb::Zustelldienst::State::save("$f/crl.pem", join '', map { Eb::Zustelldienst::State::slurp("$f/$_.crl") } qw(root below));
}

1;
