# conf/sbom.pl names every library that the build asks for, and what npm brings to visitors; the same build, the same file.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Source;
use JSON::PP;
use Test::More;

chdir $Eb::Source::root or die $!;
my $build = $ENV{EB_BUILD} || 'build';
my @built = grep { -e } "$build/mod_einbuergerung.so", "$build/einbuergerungctl";
plan skip_all => 'not built' unless @built == 2;
plan skip_all => 'no dpkg-query or objdump' if system 'command -v dpkg-query objdump >/dev/null';

my $text = qx{SOURCE_DATE_EPOCH=86400 perl conf/sbom.pl 1.2.3 @built perl-base 2>&1};
is $?, 0, 'it is made' or diag $text;
my $bom  = decode_json($text);
my %part = map { ($_->{name} => $_) } @{ $bom->{components} };
is "$bom->{bomFormat} $bom->{specVersion} $bom->{metadata}{component}{version} $bom->{metadata}{timestamp}", 'CycloneDX 1.5 1.2.3 1970-01-02T00:00:00Z', 'of this version, without the time of day';
for my $needed (map { qx{objdump -p '$_'} =~ /NEEDED\s+(lib[a-z0-9]+)/g } @built) {
    next if $needed =~ /^lib(?:m|c|crypto|ssl)$/;    # packages of other names: libc6, libssl3
    my $name = $needed eq 'libz' ? 'zlib' : $needed;
    ok scalar(grep { /^\Q$name\E/ } keys %part), $needed;
}
ok $part{libc6} && grep({ /^libssl3/ } keys %part) && $part{'perl-base'}, 'libc, OpenSSL, and a package whose data are built in';
my $lock = decode_json(do { local (@ARGV, $/) = 'package-lock.json'; scalar <> })->{packages};
for (grep { $_ ne '' } sort keys %$lock) {
    my $name = s{^node_modules/}{}r;
    if ($lock->{$_}{dev}) { ok !$part{$name}, "not $name, which only tests use" }
    else                  { is length $part{$name}{hashes}[0]{content}, 128, "$name, with its sum" }
}
is scalar(grep { !$_->{purl} || !length $_->{version} } values %part), 0, 'each with its version and address';
is qx{SOURCE_DATE_EPOCH=86400 perl conf/sbom.pl 1.2.3 @built perl-base}, $text, 'and again the same';
done_testing;
