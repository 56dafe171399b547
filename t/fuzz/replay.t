#!/usr/bin/perl
# Replays the fuzz corpora through the targets that `make replay` has built.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(basename dirname);
use File::Spec;
use Test::More;

my $here  = abs_path(dirname(__FILE__));
my $root  = dirname(dirname($here));
my $build = File::Spec->rel2abs($ENV{EB_BUILD} || 'build', $root);

for my $source (sort glob "$here/*_fuzz.c") {
    my $topic  = basename($source, '_fuzz.c');
    my $replay = "$build/t/fuzz/${topic}_replay";
    my $corpus = "$here/corpus/$topic";
  SKIP: {
        skip "$topic: not built, see make replay", 1 unless -x $replay;
        my @files = grep { -f } glob "$corpus/*";
        my @lines = qx('$replay' '$corpus');
        my $status = $?;
        my $good = grep { /^ok / } @lines;
        ok($status == 0 && @files && $good == @files, "$topic: $good of " . @files . ' seeds')
            or diag "the last lines, status $status:\n", @lines > 3 ? @lines[-3 .. -1] : @lines;
    }
}
done_testing;
