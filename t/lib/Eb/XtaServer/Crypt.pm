package Eb::XtaServer::Crypt;

# XML Encryption, opened: the content key by RSA-OAEP, the content by AES-GCM, from file to file. Written from the W3C recommendation
# (xmlenc-core1); OAEP is undone here by hand, as its two digests may differ and libraries take but one.
#
#   my ($file, $key) = open_data($thin, $context, $element, $rsa, $folder);    # dies with "crypt: why\n"

use strict;
use warnings;
use Crypt::AuthEnc::GCM;
use Crypt::Digest qw(digest_data);
use Eb::Partner::State;
use Eb::XtaServer::Xml qw(blob text);
use Exporter qw(import);

our @EXPORT_OK = qw(open_data);

my $xmlenc   = 'http://www.w3.org/2001/04/xmlenc#';
my $xmlenc11 = 'http://www.w3.org/2009/xmlenc11#';
my %digest = ('http://www.w3.org/2000/09/xmldsig#sha1' => 'SHA1', "${xmlenc}sha256" => 'SHA256', "${xmlenc}sha512" => 'SHA512',
    'http://www.w3.org/2001/04/xmldsig-more#sha384' => 'SHA384', map { ("${xmlenc11}mgf1sha$_" => "SHA$_") } 1, 224, 256, 384, 512);
my %key_size = ("${xmlenc11}aes256-gcm" => 32);

sub open_data {
    my ($thin, $x, $data, $rsa, $dir) = @_;
    my $algorithm = algorithm($x, $data, 'xenc:EncryptionMethod');
    my $size = $key_size{$algorithm} or die "crypt: the content is encrypted with $algorithm\n";
    my $type = $data->getAttribute('Type') // '';
    die "crypt: Type is $type\n" if $type ne "${xmlenc}Element";
    my @keys = $x->findnodes('ds:KeyInfo//xenc:EncryptedKey', $data);
    die 'crypt: ' . @keys . " keys\n" if @keys != 1;
    my $key = open_key($thin, $x, $keys[0], $rsa);
    die 'crypt: a key of ' . length($key) . " bytes\n" if length $key != $size;
    my ($value) = $x->findnodes('xenc:CipherData/xenc:CipherValue', $data) or die "crypt: no CipherValue\n";
    return (open_content(blob($thin, $value), $key, $dir), $key);
}

sub algorithm {
    my ($x, $element, $path) = @_;
    return text($x, "$path/\@Algorithm", $element) // '';
}

sub open_key {
    my ($thin, $x, $element, $rsa) = @_;
    my $algorithm = algorithm($x, $element, 'xenc:EncryptionMethod');
    my $digest    = algorithm($x, $element, 'xenc:EncryptionMethod/ds:DigestMethod') || 'http://www.w3.org/2000/09/xmldsig#sha1';
    my $mgf       = algorithm($x, $element, 'xenc:EncryptionMethod/*[local-name() = "MGF"]') || "${xmlenc11}mgf1sha1";
    die "crypt: the key is encrypted with $algorithm\n" if $algorithm ne "${xmlenc}rsa-oaep-mgf1p" && $algorithm ne "${xmlenc11}rsa-oaep";
    $mgf = "${xmlenc11}mgf1sha1" if $algorithm eq "${xmlenc}rsa-oaep-mgf1p";
    my @hashes = map { $digest{$_} // die "crypt: unknown digest $_\n" } $digest, $mgf;
    my ($value) = $x->findnodes('xenc:CipherData/xenc:CipherValue', $element) or die "crypt: a key without CipherValue\n";
    my $raw = eval { $rsa->decrypt(Eb::Partner::State::slurp(blob($thin, $value)->{file}), 'none') } // die "crypt: not for this key\n";
    return oaep($raw, $rsa->size, @hashes);
}

# RFC 8017, 7.1.2, step 3, with an empty label.
sub oaep {
    my ($raw, $size, $hash, $mgf) = @_;
    $raw = ("\0" x ($size - length $raw)) . $raw;
    my $label = digest_data($hash, '');
    my $h     = length $label;
    my ($zero, $masked_seed, $masked) = (substr($raw, 0, 1), substr($raw, 1, $h), substr $raw, 1 + $h);
    my $seed = $masked_seed ^ mask($mgf, $masked, $h);
    my $data = $masked ^ mask($mgf, $seed, length $masked);
    die "crypt: the key is not for us, or OAEP is another\n" if $zero ne "\0" || substr($data, 0, $h) ne $label || substr($data, $h) !~ /^\0*\x01/;
    return substr($data, $h) =~ s/^\0*\x01//r;
}

sub mask {
    my ($hash, $seed, $length) = @_;
    my ($out, $n) = ('', 0);
    $out .= digest_data($hash, $seed . pack 'N', $n++) while length $out < $length;
    return substr $out, 0, $length;
}

# Twelve bytes of IV, the text, sixteen of tag. What has been written is good only when the tag is.
sub open_content {
    my ($blob, $key, $dir) = @_;
    die "crypt: too short for IV and tag\n" if $blob->{size} < 28;
    open my $in,  '<:raw', $blob->{file} or die "$blob->{file}: $!";
    open my $out, '>:raw', "$dir/plain"  or die "$dir/plain: $!";
    read $in, my $iv, 12;
    my $gcm  = Crypt::AuthEnc::GCM->new('AES', $key, $iv);
    my $left = $blob->{size} - 28;
    while ($left && read $in, my $bytes, $left < 65536 ? $left : 65536) { $left -= length $bytes; print $out $gcm->decrypt_add($bytes) }
    read $in, my $tag, 16;
    close $out or die "$dir/plain: $!";
    die "crypt: the tag is wrong\n" if $gcm->decrypt_done ne $tag;
    return "$dir/plain";
}

1;
