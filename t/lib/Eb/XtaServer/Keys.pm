package Eb::XtaServer::Keys;

# Certificates for both ends of mutual TLS, beside those of Eb::Zustelldienst::Keys, whose authority issues them; the keys that a reader
# opens messages with are that one's as well. Made once, and kept below the build folder.
#
#   client             the portal's       guest      of another account      nobody     of none
#   client-expired     no longer valid    client-otherca      issued by somebody else

use strict;
use warnings;
use Eb::Partner::State;
use Eb::Server;
use Eb::Zustelldienst::Keys;
use Fcntl qw(:DEFAULT :flock);

my @copied = qw(ca.crt ca.key otherca.crt otherca.key tls.key tls.crt tls-expired.crt tls-otherca.crt tls-elsewhere.crt
    encryption.key encryption.crt expired.crt revoked.crt signing.key signing.crt root.crt below.crt crl.pem);

sub kept {
    my $from = Eb::Zustelldienst::Keys::kept();
    my $kept = Eb::Server::build() =~ s{/sanitize/?$}{}r . '/t/xta-1';
    sysopen my $lock, "$kept.lock", O_RDWR | O_CREAT or die "$kept.lock: $!";
    flock $lock, LOCK_EX or die "$kept.lock: $!";
    return $kept if -e "$kept/.done" && (stat _)[9] >= (stat "$from/.done")[9];
    mkdir $kept;
    Eb::Partner::State::save("$kept/$_", Eb::Partner::State::slurp("$from/$_")) for @copied;
    make($kept);
    Eb::Partner::State::save("$kept/.done", '');
    return $kept;
}

sub make {
    my ($f) = @_;
    Eb::Zustelldienst::Keys::openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', "$f/$_.key") for qw(client guest nobody);
    Eb::Zustelldienst::Keys::write_conf($f);
    Eb::Partner::State::append("$f/ca.conf", "[client]\nbasicConstraints = CA:false\nkeyUsage = critical,digitalSignature\nextendedKeyUsage = clientAuth");
    my %common = (kind => 'client', issuer => 'ca');
    Eb::Zustelldienst::Keys::certificate($f, $_, key => $_, %common) for qw(client guest nobody);
    Eb::Zustelldienst::Keys::certificate($f, 'client-expired', key => 'client', %common, from => '20200101', to => '20210101');
    Eb::Zustelldienst::Keys::certificate($f, 'client-otherca', key => 'client', kind => 'client', issuer => 'otherca');
}

# Which of them this is, by its name; undef for a stranger.
sub account { my ($common_name) = @_; return ($common_name // '') =~ /^Test (\S+), not/ ? $1 : undef }

1;
