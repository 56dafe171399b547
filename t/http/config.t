# An honest configtest: every mistake is found before the server starts, with file and line, what is wrong and what is expected.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Browser;
use Eb::Journey;
use Eb::Server;
use Test::More;
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

my $s    = Eb::Server->new(start => 0);
my $dir  = $s->{dir};
my $good = $s->conf_text;
is [$s->configtest($good)]->[0], 0, 'the base configuration passes' or diag [$s->configtest($good)]->[1];

# An output to FIT-Connect that is right, but for the options given; undef leaves one out.
sub fit {
    my %o = (destination => '879ee109-a690-4db8-ab32-424284184d7d', client => 'a', 'secret-file' => "$dir/passwort", roots => "$dir/wurzel.pem",
        'token-url' => 'https://a.example/token', 'submission-url' => 'https://a.example/api', @_);
    return "EinbuergerungOutput fitconnect\n    EinbuergerungFitConnect" . join '', map { ' ' . ($o{$_} eq '' ? $_ : "$_=$o{$_}") } grep { defined $o{$_} } sort keys %o;
}

# The same to an XTA server.
sub xta {
    my %o = ('management-url' => 'https://a.example/management', 'send-url' => 'https://a.example/send', 'cert-file' => "$dir/eigen.pem", service => 'http://a.example/dienst.wsdl',
        scenario => 'EINBUERGERUNG', 'message-type' => '1', 'message-type-list' => 'urn:a', 'message-type-version' => '1', @_);
    return "EinbuergerungOutput xta\n    EinbuergerungXta" . join '', map { " $_=$o{$_}" } grep { defined $o{$_} } sort keys %o;
}

# name, pattern replaced, by what, what the message must say
my @cases = (
    ['Redis address', qr/EinbuergerungRedis.*/, 'EinbuergerungRedis "nonsense://x"', qr/line \d+ of \S*httpd\.conf/, qr/unix:|host:port/],
    ['Redis without a path', qr/EinbuergerungRedis.*/, 'EinbuergerungRedis "unix:"', qr/unix:/],
    ['Redis option', qr/EinbuergerungRedis .*/, 'EinbuergerungRedis "127.0.0.1:6379" farbe=rot', qr/farbe/, qr/database=/],
    ['Sentinels without a name', qr/EinbuergerungRedis .*/, 'EinbuergerungRedis "sentinel://h1,h2"', qr/name of the master/, qr{sentinel://10}],
    ['too many Sentinels', qr/EinbuergerungRedis .*/, 'EinbuergerungRedis "sentinel://a,b,c,d,e,f,g,h,i/m"', qr/more than 8/],
    ['a password for Sentinels that are none', qr/EinbuergerungRedis .*/, qq(EinbuergerungRedis "127.0.0.1:6379" sentinel-password-file=$dir/passwort), qr{sentinel://}],
    ['a user for Sentinels without a password', qr/EinbuergerungRedis .*/, 'EinbuergerungRedis "sentinel://h/m" sentinel-user=wache', qr/sentinel-password-file=/],
    ['a password file open to others', qr/EinbuergerungRedis .*/, qq(EinbuergerungRedis "127.0.0.1:6379" password-file=$dir/offen), qr/chmod 0600/],
    ['TLS over a unix socket', qr/EinbuergerungRedis .*/, 'EinbuergerungRedis "unix:/run/redis.sock" tls', qr/leave it out/],
    ['certificates without TLS', qr/EinbuergerungRedis .*/, 'EinbuergerungRedis "127.0.0.1:6379" ca-file=/etc/ca.pem', qr{rediss://}],
    ['a certificate without a key', qr/EinbuergerungRedis .*/, 'EinbuergerungRedis "rediss://h:1" cert-file=/etc/c.pem', qr/need each other/],
    ['TLS with what there is', qr/EinbuergerungRedis .*/, qq(EinbuergerungRedis "rediss://h:1" ca-file=$dir/kaputt.xml), qr/stunnel|kaputt\.xml cannot be used/],
    ['replicas', qr/EinbuergerungRedis .*/, 'EinbuergerungRedis "127.0.0.1:6379" replicas=viele', qr/from 0 to 100/],
    ['key file missing', qr/EinbuergerungKeyFile.*/, qq(EinbuergerungKeyFile "$dir/keine"), qr/EB0101/, qr/httpd\.conf:\d+/, qr/keine/],
    ['key file open to others', qr/EinbuergerungKeyFile.*/, qq(EinbuergerungKeyFile "$dir/offen"), qr/EB0102/, qr/chmod/],
    ['key file without a key', qr/EinbuergerungKeyFile.*/, qq(EinbuergerungKeyFile "$dir/leer"), qr/EB0103/, qr/openssl rand/],
    ['no key file', qr/EinbuergerungKeyFile.*/, '', qr/EinbuergerungKeyFile/],
    ['no Redis', qr/EinbuergerungRedis.*/, '', qr/EinbuergerungRedis/],
    ['spool missing', qr/EinbuergerungSpool.*/, qq(EinbuergerungSpool "$dir/kein-spool"), qr/kein-spool/, qr/httpd\.conf:\d+/],
    ['form missing', qr/EinbuergerungForm .*/, 'EinbuergerungForm gibtesnicht', qr/gibtesnicht/, qr/httpd\.conf:\d+/],
    ['form broken', qr/EinbuergerungForm .*/, qq(EinbuergerungForm "$dir/kaputt.xml"), qr/kaputt\.xml:\d+/],
    ['form with a path to nothing', qr/EinbuergerungForm .*/, qq(EinbuergerungForm "$dir/pfad.xml"), qr/pfad\.xml:\d+/, qr/gibtsnicht/],
    ['no authority', qr/<EinbuergerungAuthority.*<\/EinbuergerungAuthority>\n/s, '', qr/EinbuergerungAuthority/],
    ['authority id', qr/<EinbuergerungAuthority 05711000>/, '<EinbuergerungAuthority 0571>', qr/8|12/, qr/line \d+|:\d+/],
    ['authority twice', qr/(<EinbuergerungAuthority.*<\/EinbuergerungAuthority>\n)/s, '$1$1', qr/05711000/],
    ['authority without a name', qr/EinbuergerungAuthorityName.*/, '', qr/EinbuergerungAuthorityName/, qr/httpd\.conf:\d+/],
    ['an authority without a prefix', qr/EinbuergerungOutput/, "EinbuergerungAuthorityReader 05711000\n    EinbuergerungOutput", qr/prefix:value/],
    ['an authority that is only a prefix', qr/EinbuergerungOutput/, "EinbuergerungAuthorityReader ebb:\n    EinbuergerungOutput", qr/prefix:value/],
    ['a portal without a prefix', qr/\z/, "EinbuergerungAuthor :05711000\n", qr/prefix:value/],
    ['a name that no message may hold', qr/EinbuergerungAuthorityName.*/, 'EinbuergerungAuthorityName "Amt „Nord“"', qr/EB05\d\d/, qr/httpd\.conf:\d+/],
    ['authority without output', qr/EinbuergerungOutput.*/, '', qr/EinbuergerungOutput/, qr/httpd\.conf:\d+/],
    ['unknown output', qr/EinbuergerungOutput.*/, 'EinbuergerungOutput brieftaube', qr/brieftaube/, qr/directory/],
    ['a link that is none', qr/EinbuergerungAuthorityImprint.*/, 'EinbuergerungAuthorityImprint "javascript:alert(1)"', qr/https/],
    ['two authorities, no choice', qr/\z/, $s->authority('05711001'), qr/EinbuergerungUseAuthority/, qr/05711000/],
    ['choice of an unknown authority', qr/EinbuergerungForm .*/, "EinbuergerungForm einbuergerung\nEinbuergerungUseAuthority 99999999", qr/99999999/],
    ['stylesheet missing', qr/EinbuergerungOutput/, qq(EinbuergerungMessage xslt=$dir/nix.xsl xsd=$dir/nix.xsd\n    EinbuergerungOutput), qr/nix\.x/],
    ['schema broken', qr/EinbuergerungOutput/, qq(EinbuergerungMessage xsd=$dir/kaputt.xml\n    EinbuergerungOutput), qr/kaputt\.xml/],
    ['test flag', qr/\z/, "EinbuergerungTest vielleicht\n", qr/On|on/],
    ['scan mode', qr/EinbuergerungVirusScan.*/, 'EinbuergerungVirusScan vielleicht', qr/vielleicht/, qr/required/],
    ['scanner over the network', qr/EinbuergerungVirusScan.*/, 'EinbuergerungVirusScan required 127.0.0.1:3310', qr/unix:/],
    ['file size', qr/\z/, "EinbuergerungFileSize riesig\n", qr/riesig/, qr/64K/],
    ['file size without a unit', qr/\z/, "EinbuergerungFileSize 10\n", qr/10M/],
    ['files size', qr/\z/, "EinbuergerungFilesSize 2000M\n", qr/1000M/],
    ['files count', qr/\z/, "EinbuergerungFilesCount 0\n", qr/1 to 200/],
    ['limits that contradict', qr/\z/, "EinbuergerungFileSize 20M\nEinbuergerungFilesSize 10M\n", qr/EB0716/, qr/httpd\.conf:\d+/],
    ['outbox of another kind', qr/\z/, "EinbuergerungOutbox wolke\n", qr/wolke/, qr/neither spool nor redis/],
    ['a lease for a spool', qr/\z/, "EinbuergerungOutbox spool lease=5\n", qr/lease=5/, qr/leave/],
    ['a lease of no time', qr/\z/, "EinbuergerungOutbox redis lease=0\n", qr/1 to 3600/],
    ['an option that is none', qr/\z/, "EinbuergerungOutbox redis dauer=5\n", qr/dauer=5/, qr/lease=SECONDS/],
    ['outbox twice', qr/\z/, "EinbuergerungOutbox redis\nEinbuergerungOutbox spool\n", qr/twice/],
    ['FIT-Connect without a destination', qr/EinbuergerungOutput .*/, 'EinbuergerungOutput fitconnect', qr/EinbuergerungFitConnect/, qr/destination=/, qr/httpd\.conf:\d+/],
    ['FIT-Connect with a folder', qr/EinbuergerungOutput .*/, 'EinbuergerungOutput fitconnect /tmp', qr{nothing stands behind}],
    ['a destination that is none', qr/EinbuergerungOutput .*/, fit(destination => 'Rathaus'), qr/destination=Rathaus is not a UUID/],
    ['FIT-Connect without https', qr/EinbuergerungOutput .*/, fit('token-url' => 'http://a.example/token'), qr{token-url=\S+ is not an https address}],
    ['no client', qr/EinbuergerungOutput .*/, fit(client => undef), qr/client= is missing/],
    ['no secret', qr/EinbuergerungOutput .*/, fit('secret-file' => "$dir/nix"), qr{\Q$dir/nix\E}],
    ['a secret that others may read', qr/EinbuergerungOutput .*/, fit('secret-file' => "$dir/offen"), qr/chmod/],
    ['an environment that is none', qr/EinbuergerungOutput .*/, fit(environment => 'mars'), qr/mars is none of test, stage and prod/],
    ['keys without a certificate where it counts', qr/EinbuergerungOutput .*/, fit(environment => 'prod', 'self-signed' => ''), qr/environment=test only/],
    ['no roots', qr/EinbuergerungOutput .*/, fit(roots => undef), qr/roots= is missing/],
    ['roots that are none', qr/EinbuergerungOutput .*/, fit(roots => "$dir/kaputt.xml"), qr/kaputt\.xml/],
    ['a generation that is none', qr/EinbuergerungOutput .*/, fit(api => 'v9'), qr/v1 or v2/],
    ['a FIT-Connect option that is none', qr/EinbuergerungOutput .*/, fit(farbe => 'rot'), qr/farbe=rot/, qr/there are environment=/],
    ['a pause of no time', qr/EinbuergerungOutput .*/, fit(poll => 0), qr/poll=0 is not a number of seconds from 1 to 3600/],
    ['a short secret for callbacks', qr/EinbuergerungOutput .*/, fit('callback-secret-file' => "$dir/passwort"), qr/32 to 512/],
    ['XTA without a server', qr/EinbuergerungOutput .*/, 'EinbuergerungOutput xta', qr/EinbuergerungXta/, qr/management-url=/],
    ['XTA without a service', qr/EinbuergerungOutput .*/, xta(service => undef), qr/service= is missing/],
    ['a list without its version', qr/EinbuergerungOutput .*/, xta('scenario-list' => 'urn:x'), qr/scenario-version= is missing/],
    ['XTA without https', qr/EinbuergerungOutput .*/, xta('send-url' => 'http://a.example/send'), qr{send-url=\S+ is not an https address}],
    ['no client certificate', qr/EinbuergerungOutput .*/, xta('cert-file' => "$dir/nix"), qr{\Q$dir/nix\E}],
    ['a key that is none', qr/EinbuergerungOutput .*/, xta('key-file' => "$dir/kaputt.xml"), qr/EB0671/, qr/kaputt\.xml.*no private key/, qr/httpd\.conf:\d+/],
    ['a key behind a passphrase', qr/EinbuergerungOutput .*/, xta('key-file' => "$dir/verschlossen.key"), qr/verschlossen\.key.*passphrase/],
    ["another certificate's key", qr/EinbuergerungOutput .*/, xta('key-file' => "$dir/fremd.key"), qr/fremd\.key.*another certificate than the first of \Q$dir\E\/eigen\.pem/],
    ['roots for XTA that are none', qr/EinbuergerungOutput .*/, xta('ca-file' => "$dir/kaputt.xml"), qr/EB0671/, qr/kaputt\.xml/],
    ['a reader without a certificate', qr/EinbuergerungOutput .*/, xta('reader-cert-file' => "$dir/kaputt.xml"), qr/kaputt\.xml/],
    ['a reader whose key encrypts nothing', qr/EinbuergerungOutput .*/, xta('reader-cert-file' => "$dir/eigen.crt"), qr/EB0671/, qr/takes RSA/],
    ['an author without a prefix', qr/EinbuergerungOutput .*/, xta(author => '05711000'), qr/author=05711000 is not of the form prefix:value.*author-type=/],
    ['a reader that is only a prefix', qr/EinbuergerungOutput .*/, xta(reader => 'ebb:', 'reader-type' => 'xoev'), qr/reader=ebb: is not of the form/],
    ['a digest for keys that is none', qr/EinbuergerungOutput .*/, xta('key-digest' => 'md5'), qr/EB0670/, qr/sha256/],
    ['a size without room', qr/EinbuergerungOutput .*/, xta('size-max' => '1M'), qr/EB0670/, qr/no room for documents/],
    ['an XTA option that is none', qr/EinbuergerungOutput .*/, xta(farbe => 'rot'), qr/farbe=rot/, qr/there are management-url=/],
    ['strangers neither kept nor left', qr/EinbuergerungOutput .*/, xta('msgbox-url' => 'https://a.example/box', 'msgbox-unknown' => 'vielleicht'), qr/msgbox-unknown=vielleicht is neither keep nor leave/],
    ['answers without a mailbox', qr/EinbuergerungOutput .*/, xta('msgbox-fetch' => 60), qr/need msgbox-url=/],
    ['answers by a schema that is none', qr/EinbuergerungOutput .*/, xta('msgbox-url' => 'https://a.example/box') . "\n    EinbuergerungMessage reply-xsd=$dir/kaputt.xml", qr/kaputt\.xml/],
    ['more documents than XTA carries', qr/(EinbuergerungOutput .*)/, xta() . "\n</EinbuergerungAuthority>\nEinbuergerungFilesSize 80M\n" . '<EinbuergerungAuthority 05711099>' . "\n    EinbuergerungAuthorityName B\n    \$1", qr/EB0716/, qr/carries documents of/],
    ['FIT-Connect outside of an authority', qr/\z/, "EinbuergerungFitConnect destination=x\n", qr/EinbuergerungAuthority/],
    ['directive outside its block', qr/\z/, "EinbuergerungOutput directory /tmp\n", qr/EinbuergerungAuthority/],
);
for (['passwort', 0600, 'geheim'], ['offen', 0644, 'k ' . `openssl rand -base64 32`], ['leer', 0600, "# nichts\n"], ['kaputt.xml', 0644, "<a>\n<b>\n</a>\n"]) {
    my ($name, $mode, $text) = @$_;
    open my $fh, '>', "$dir/$name" or die $!;
    print $fh $text;
    close $fh;
    chmod $mode, "$dir/$name";
}
my $form = Eb::Server::slurp(Eb::Server::root() . '/schemas/forms/einbuergerung.xml');
$form =~ s{relevant="[^"]+"}{relevant="../gibtsnicht = 'x'"};
open my $fh, '>', "$dir/pfad.xml" or die $!;
print $fh $form;
close $fh;

system('openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -subj /CN=Wurzel -out ' . "$dir/wurzel.pem 2>/dev/null");
system('openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ' . "$dir/eigen.key -subj /CN=Portal -out $dir/eigen.crt 2>/dev/null; cat $dir/eigen.crt $dir/eigen.key > $dir/eigen.pem; chmod 600 $dir/eigen.pem");
system('openssl pkey -aes256 -passout pass:geheim -in ' . "$dir/eigen.key -out $dir/verschlossen.key; openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $dir/fremd.key 2>/dev/null; chmod 600 $dir/*.key");
for (['FIT-Connect', fit()], ['XTA', xta()], ['XTA with a key in a file of its own, and other names', xta('key-file' => "$dir/eigen.key", 'ca-file' => "$dir/wurzel.pem", reader => 'Amt7', 'reader-type' => 'XTA_ID')]) {
    my ($name, $output) = @$_;
    my ($fine, $said) = $s->configtest($good =~ s/EinbuergerungOutput .*/$output/r);
    is $fine, 0, "$name, as it should be, passes without the network" or diag $said;
}

for (@cases) {
    my ($name, $pattern, $replacement, @says) = @$_;
    my $conf = $good;
    my $value = $replacement;
    $conf =~ s/$pattern/my $one = $1; (my $r = $value) =~ s{\$1}{$one}g; $r/e or die "$name: pattern does not match";
    my ($rc, $out) = $s->configtest($conf);
    subtest $name => sub {
        isnt $rc, 0, 'refused';
        like $out, $_, "says $_" for @says;
        unlike $out, qr/Sanitizer|Segmentation/, 'and does not crash';
    };
}

# Loaded but not configured: it costs nothing and stops nobody.
my $bare = $good =~ s/^Einbuergerung.*\n//mgr =~ s/<Location.*?<\/Location>\n//sr =~ s/<EinbuergerungAuthority.*//sr;
my ($rc, $out) = $s->configtest($bare);
is $rc, 0, 'a module that is loaded and not configured passes' or diag $out;
$s->start;
is(Eb::Browser->new($s)->get('/antrag/')->{status}, 404, 'and leaves requests alone');
unlike $s->log, qr/EB\d{4}/, 'and says nothing';
done_testing;
