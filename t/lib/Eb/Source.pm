package Eb::Source;

# The source tree as the guards read it. Fatal when it finds suspiciously little: a guard that reads nothing guards nothing.

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);

our $root = abs_path(dirname(__FILE__) . '/../../..');
our @core = qw(base form page store message delivery);
our @rooms = (@core, qw(httpd ctl));

sub read_file {
    my ($file) = @_;
    open my $fh, '<:encoding(UTF-8)', "$root/$file" or die "$file: $!";
    local $/;
    return scalar <$fh>;
}

# Paths from the root, sorted.
sub files {
    my ($pattern, $least) = @_;
    my @found = sort map { substr $_, length($root) + 1 } glob join ' ', map { "$root/$_" } split / /, $pattern;
    die "only " . @found . " files match $pattern" if @found < ($least // 1);
    return @found;
}

sub c_files { return files(join(' ', map { "$_/*.c $_/*.h" } @rooms, 'delivery/*'), $_[0] // 60) }

# The functions of a C file in the house's style: [name, first line, length in lines from the name to the closing brace].
sub functions {
    my ($file) = @_;
    my @lines = split /\n/, read_file($file);
    my (@found, $start, $name);
    for my $i (0 .. $#lines) {
        local $_ = $lines[$i];
        if (/^[A-Za-z_].*?\b(\w+)\(/ && !/;\s*$/ && !/^(?:#|typedef|struct|enum|union|extern)/) { ($start, $name) = ($i, $1) }
        elsif (/^\}\s*$/ && defined $name && defined $start) { push @found, [$name, $start + 1, $i - $start + 1]; undef $name }
        elsif (/;\s*$/ && !/^\s/) { undef $name }
    }
    return @found;
}

1;
