# Functions and files that a reader can hold in the head, measured.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Source;
use Test::More;

my $generated = qr{^form/din91379_table\.c$};    # a table, not prose
my (@lengths, @long, @files, @style);
for my $file (Eb::Source::c_files()) {
    my @lines = split /\n/, Eb::Source::read_file($file), -1;
    push @files, sprintf('%s: %d lines', $file, scalar @lines) if @lines > 401 && $file !~ $generated;
    push @style, "$file does not begin with its idea" if $lines[0] !~ m{^/\*} && $file !~ $generated;
    for my $i (0 .. $#lines) {
        push @style, "$file:" . ($i + 1) . ' is wider than 100 columns' if length $lines[$i] > 100 && $file !~ $generated;
        push @style, "$file:" . ($i + 1) . ' has a tab or trailing space' if $lines[$i] =~ /\t|\s$/;
        push @style, "$file:" . ($i + 1) . ' uses goto'                    if $lines[$i] =~ /\bgoto\b\s+\w+;/;
        push @style, "$file:" . ($i + 1) . ' leaves something undone'      if $lines[$i] =~ /\b(?:TODO|FIXME|XXX|HACK)\b/;
    }
    next unless $file =~ /\.c$/;
    for (Eb::Source::functions($file)) {
        my ($name, $line, $length) = @$_;
        push @lengths, $length;
        push @long, "$file:$line $name: $length lines" if $length > 60;
    }
}
@lengths = sort { $a <=> $b } @lengths;
my $at = sub { $lengths[int($#lengths * $_[0])] };
cmp_ok scalar @lengths, '>', 300, scalar(@lengths) . ' functions measured';
diag sprintf 'function length: median %d, p90 %d, p99 %d, longest %d', map { $at->($_) } .5, .9, .99, 1;
ok !@long,  'no function is longer than 60 lines' or diag join "\n", @long;
cmp_ok $at->(.5), '<=', 14, 'the median function is short';
ok !@files, 'no file is longer than 400 lines'    or diag join "\n", @files;
ok !@style, 'the style holds'                     or diag join "\n", @style[0 .. ($#style > 20 ? 20 : $#style)];
done_testing;
