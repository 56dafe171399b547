package Eb::Files;

# Documents as people have them, made on the spot: real PDF, JPEG and PNG files of any size, each with a content of its own.

use strict;
use warnings;
use Compress::Zlib qw(compress crc32);
use Digest::SHA qw(sha512_hex sha256);

# Bytes that depend on the seed only.
sub noise {
    my ($size, $seed) = @_;
    utf8::encode($seed);
    my ($out, $n) = ('', 0);
    my $block = join '', map { sha256("$seed $_") } 1 .. 2048;    # 64 kB
    while (length($out) < $size) { $out .= sha256("$seed+" . $n++) . $block }
    return substr $out, 0, $size;
}

sub pdf {
    my ($size, $seed) = @_;
    my $stream = noise($size > 600 ? $size - 600 : 16, $seed // 'pdf');
    my @objects = ('<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
        '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R >>',
        '<< /Length ' . length($stream) . " >>\nstream\n$stream\nendstream", "<< /Length 0 >>\nstream\n\nendstream");
    my ($pdf, @at) = ("%PDF-1.5\n%\xE2\xE3\xCF\xD3\n");
    for my $i (0 .. $#objects) { push @at, length $pdf; $pdf .= $i + 1 . " 0 obj\n$objects[$i]\nendobj\n" }
    my $xref = length $pdf;
    $pdf .= sprintf "xref\n0 %d\n0000000000 65535 f \n%s", @at + 1, join '', map { sprintf "%010d 00000 n \n", $_ } @at;
    return $pdf . sprintf "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", @at + 1, $xref;
}

sub segment { my ($marker, $data) = @_; return pack('CCn', 0xFF, $marker, length($data) + 2) . $data }

# A grey picture of 8 by 8 points, and comments to the size that is wanted.
sub jpeg {
    my ($size, $seed) = @_;
    my $head = "\xFF\xD8" . segment(0xE0, "JFIF\0" . pack 'CCCnnCC', 1, 1, 0, 1, 1, 0, 0);
    my $tail = segment(0xDB, "\0" . "\1" x 64) . segment(0xC0, pack 'CnnCCCC', 8, 8, 8, 1, 1, 0x11, 0)
        . segment(0xC4, "\x00\1" . "\0" x 15 . "\0") . segment(0xC4, "\x10\1" . "\0" x 15 . "\0")
        . segment(0xDA, pack 'CCCCCC', 1, 1, 0, 0, 63, 0) . "\x3F\xFF\xD9";
    my $left = $size - length($head) - length($tail);
    my $fill = $left > 4 ? noise($left, $seed // 'jpeg') : '';
    my $comments = '';
    while (length $fill > 4) {
        my $n = length($fill) > 65000 ? 65000 : length $fill;
        $comments .= segment(0xFE, substr($fill, 4, $n - 4));
        substr($fill, 0, $n) = '';
    }
    return $head . $comments . $tail;
}

sub chunk { my ($type, $data) = @_; return pack('N', length $data) . $type . $data . pack 'N', crc32($type . $data) }

sub png {
    my ($size, $seed) = @_;
    my $rows = int($size / 1001) || 1;
    my $raw  = noise($rows * 1000, $seed // 'png');
    my $data = join '', map { "\0" . substr $raw, $_ * 1000, 1000 } 0 .. $rows - 1;
    return "\x89PNG\r\n\x1A\n" . chunk('IHDR', pack 'NNCCCCC', 1000, $rows, 8, 0, 0, 0, 0) . chunk('IDAT', compress($data, 0)) . chunk('IEND', '');
}

my %maker = (pdf => \&pdf, jpg => \&jpeg, jpeg => \&jpeg, png => \&png);
my %type  = (pdf => 'application/pdf', jpg => 'image/jpeg', jpeg => 'image/jpeg', png => 'image/png');

# A file by its name: { name, type, data, sha512 }.
sub make {
    my ($name, $size) = @_;
    my ($ending) = lc($name) =~ /\.([a-z]+)$/ or die "no ending: $name";
    my $data = ($maker{$ending} or die "no maker for $name")->($size // 3000, $name);
    return { name => $name, type => $type{$ending}, data => $data, sha512 => sha512_hex($data) };
}

1;
