package Eb::Zustelldienst::Jose;

# JOSE for the partner of the product, with CryptX: what shares no line with the product cannot share its mistakes.
# It is strict where a lenient reader would hide a fault: alphabet, lengths, and members of the header.

use strict;
use warnings;
use Crypt::AuthEnc::GCM qw(gcm_decrypt_verify);
use Crypt::Mac::HMAC qw(hmac);
use Crypt::PK::RSA;
use Exporter qw(import);
use JSON::PP;
use MIME::Base64 qw(encode_base64);

our @EXPORT_OK = qw(b64url unb64url jwe_fault jwe_open jwe_tag jws_signed public_jwk);

my $json = JSON::PP->new->utf8->canonical;

sub b64url { my $s = encode_base64($_[0], ''); $s =~ tr{+/}{-_}; $s =~ s/=+$//; return $s }

# undef unless the text is the one encoding of its bytes.
sub unb64url {
    my ($text) = @_;
    return if $text !~ /^[A-Za-z0-9_-]*$/ || length($text) % 4 == 1;
    my $bytes = MIME::Base64::decode_base64(($text =~ tr{-_}{+/}r) . '=' x (-length($text) % 4));
    return b64url($bytes) eq $text ? $bytes : undef;
}

# What is wrong with a JWE as the API sees it, without any key; undef when nothing is. cty => [those allowed], or undef for any.
sub jwe_fault {
    my ($jwe, %want) = @_;
    my @segment = split /\./, $jwe, -1;
    return "$#segment dots in a JWE" if @segment != 5;
    my @bytes = map { unb64url($_) } @segment;
    for (0 .. 4) { return "segment $_ is not base64url" unless defined $bytes[$_] }
    my $header = eval { $json->decode($bytes[0]) };
    return 'the header is not a JSON object' if ref $header ne 'HASH';
    return "Invalid JWE Header 'alg'" if ($header->{alg} // '') ne 'RSA-OAEP-256';
    return "Invalid JWE Header 'enc'" if ($header->{enc} // '') ne 'A256GCM';
    return "Invalid JWE Header 'zip'" if exists $header->{zip};
    return "Invalid JWE Header 'kid'" if ($header->{kid} // '') ne $want{kid};
    return "Invalid JWE Header 'cty'" if !defined $header->{cty} && !$want{cty_optional};
    return "Invalid JWE Header 'cty'" if defined $header->{cty} && $header->{cty} !~ m{^[-\w.]+/[-\w.+]+$};
    return "Invalid JWE Header 'cty'" if $want{cty} && defined $header->{cty} && !grep { $header->{cty} eq $_ } @{ $want{cty} };
    for (sort keys %$header) { return "Invalid JWE Header '$_'" unless /^(?:alg|enc|kid|cty|typ)$/ }
    my @lengths = map { length } @bytes;
    return "an encrypted key of $lengths[1] bytes" if $lengths[1] != 512;
    return "an IV of $lengths[2] bytes"            if $lengths[2] != 12;
    return "a tag of $lengths[4] bytes"            if $lengths[4] != 16;
    return undef;
}

# (plaintext, header, content key), or nothing when it is not for this key or not whole.
sub jwe_open {
    my ($jwe, $key) = @_;
    my ($aad) = split /\./, $jwe;
    my ($header, $wrapped, $iv, $sealed, $tag) = map { unb64url($_) } split /\./, $jwe, -1;
    my $cek   = eval { $key->decrypt($wrapped, 'oaep', 'SHA256') } // return;
    return if length $cek != 32;
    my $plain = gcm_decrypt_verify('AES', $cek, $iv, $aad, $sealed, $tag) // return;
    return ($plain, $json->decode($header), $cek);
}

sub jwe_tag { return substr $_[0], 1 + rindex $_[0], '.' }

# A JWS over exactly these bytes of header and payload. salt and hash may be what they should not be.
sub jws_signed {
    my ($header, $payload, $key, %o) = @_;
    my $input = b64url($header) . '.' . b64url($payload);
    my $alg   = $o{alg} // 'PS512';
    my $bits  = $alg =~ /(\d+)$/ ? $1 : 512;
    my $signature = $alg eq 'none'   ? ''
        : $alg =~ /^HS/ ? hmac("SHA$bits", $o{secret}, $input)
        : $alg =~ /^RS/ ? $key->sign_message($input, "SHA$bits", 'v1.5')
        :                 $key->sign_message($input, "SHA$bits", 'pss', $o{salt} // $bits / 8);
    return "$input." . b64url($signature);
}

# The public half as the API shows it; certificates are DER, the key's own first.
sub public_jwk {
    my ($key, %o) = @_;
    my $jwk = $key->export_key_jwk('public', 1);
    return { kty => 'RSA', n => $jwk->{n}, e => $jwk->{e}, kid => $o{kid}, alg => $o{alg}, key_ops => $o{key_ops},
        x5c => [map { encode_base64($_, '') } @{ $o{x5c} }] };
}

1;
