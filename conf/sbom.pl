# Prints what a build is made of, as CycloneDX 1.5 (a "software bill of materials"):   perl conf/sbom.pl VERSION BINARY|PACKAGE ... > sbom.cdx.json
# The libraries that these binaries ask for, in the versions that dpkg has of them, packages whose data are built in, and what npm brings
# of the theme, as package-lock.json has it. The same build says the same: no number, and no time but SOURCE_DATE_EPOCH's.
use strict;
use warnings;
use JSON::PP;
use MIME::Base64 qw(decode_base64);
use POSIX qw(strftime);

my ($version, @of) = @ARGV;
die "sbom.pl VERSION BINARY|PACKAGE ...\n" unless @of;

sub slurp { my ($file) = @_; open my $fh, '<', $file or die "$file: $!"; local $/; return scalar <$fh> }
sub escape { my ($text) = @_; return $text =~ s/([^A-Za-z0-9.\-_~])/sprintf '%%%02X', ord $1/ger }

# The files that are loaded for what a binary itself needs.
sub loaded {
    my ($binary) = @_;
    my %needed = map { ($_ => 1) } qx{objdump -p '$binary'} =~ /^\s+NEEDED\s+(\S+)/mg;
    return map { /^\s+(\S+) => (\S+)/ && $needed{$1} ? $2 : () } qx{ldd '$binary'};
}

# The packages of libraries; with a merged /usr dpkg may know a file by either of its names. It takes long to answer: ask once.
sub packages_of {
    my %wanted = map { my ($bare) = m{^(?:/usr)?(/.*)}; ($bare => 1) } @_;
    my $names  = join ' ', map { "'$_' '/usr$_'" } sort keys %wanted;
    my %package;
    for (qx{dpkg-query -S $names 2>/dev/null}) { $package{$3} = $1 if m{^([^:,\s]+)[^/]*: (/usr)?(/.*)} }
    my @unknown = grep { !$package{$_} } sort keys %wanted;
    die "no package has @unknown\n" if @unknown;
    return values %package;
}

sub debian {
    my ($package) = @_;
    my ($name, $number, $arch, $source, $origin) = split /\t/, qx{dpkg-query -W -f='\${Package}\\t\${Version}\\t\${Architecture}\\t\${source:Package}\\t\${source:Version}' '$package'};
    my $purl = "pkg:deb/debian/" . escape($name) . '@' . escape($number) . "?arch=$arch";
    return { type => 'library', 'bom-ref' => $purl, name => $name, version => $number, purl => $purl,
        properties => [{ name => 'debian:source', value => "$source $origin" }] };
}

sub npm {
    my ($path, $entry) = @_;
    my ($name) = $path =~ m{node_modules/(.+)$};
    my $purl = 'pkg:npm/' . ($name =~ s/^@/%40/r) . "\@$entry->{version}";
    my ($sum) = $entry->{integrity} =~ /^sha512-(.+)/ or die "$name has no sum\n";
    return { type => 'library', 'bom-ref' => $purl, name => $name, version => $entry->{version}, purl => $purl,
        licenses => [{ license => { id => $entry->{license} } }], hashes => [{ alg => 'SHA-512', content => unpack 'H*', decode_base64($sum) }] };
}

my %package  = map { ($_ => 1) } packages_of(map { -e ? loaded($_) : () } @of), grep { !-e } @of;
my $packages = decode_json(slurp('package-lock.json'))->{packages};
my @parts    = ((map { debian($_) } sort keys %package), (map { npm($_, $packages->{$_}) } grep { $_ ne '' && !$packages->{$_}{dev} } sort keys %$packages));
my $self     = "pkg:generic/mod_einbuergerung\@$version";
print JSON::PP->new->canonical->pretty->encode({
    bomFormat => 'CycloneDX', specVersion => '1.5', version => 1,
    metadata => { $ENV{SOURCE_DATE_EPOCH} ? (timestamp => strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $ENV{SOURCE_DATE_EPOCH})) : (),
        component => { type => 'application', 'bom-ref' => $self, name => 'mod_einbuergerung', version => $version, purl => $self, licenses => [{ license => { id => 'EUPL-1.2' } }] } },
    components => \@parts,
    dependencies => [{ ref => $self, dependsOn => [map { $_->{'bom-ref'} } @parts] }, map { { ref => $_->{'bom-ref'} } } @parts],
});
