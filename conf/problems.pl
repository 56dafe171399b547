# Prints conf/problems.md from base/problems.def:  perl conf/problems.pl > conf/problems.md
use strict;
use warnings;
open my $def, '<', 'base/problems.def' or die "base/problems.def: $!";
my $text = do { local $/; <$def> };
print "# Problems\n\nEvery failure that a person must read carries one of these ids, in the error log and on the status page.\n",
      "This page is made from `base/problems.def` by `perl conf/problems.pl`.\n\n| id | cause | remedy |\n|---|---|---|\n";
my $string = qr/((?:"(?:[^"\\]|\\.)*"\s*)+)/;
my $join = sub { my $s = join '', map { s/\\(.)/$1/gr } $_[0] =~ /"((?:[^"\\]|\\.)*)"/g; $s =~ s/\|/\\|/g; $s };
while ($text =~ /^EB_PROBLEM\(\s*\w+\s*,\s*"(EB\d{4})"\s*,\s*$string,\s*$string\)/mg) {
    my ($id, $cause, $remedy) = ($1, $2, $3);
    printf "| %s | %s | %s |\n", $id, $join->($cause), $join->($remedy);
}
