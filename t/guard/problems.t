# Every problem id is unique, used, and listed with cause and remedy.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Source;
use Test::More;

my $def = Eb::Source::read_file('base/problems.def');
my (%id, %name, @wrong);
while ($def =~ /^EB_PROBLEM\(\s*(\w+)\s*,\s*"([^"]+)"/mg) {
    my ($name, $id) = ($1, $2);
    push @wrong, "$id is not EBnnnn"     unless $id =~ /^EB\d{4}$/;
    push @wrong, "$id is given twice"    if $id{$id}++;
    push @wrong, "$name is given twice"  if $name{$name}++;
}
cmp_ok scalar keys %id, '>', 20, scalar(keys %id) . ' ids';
my $source = join '', map { Eb::Source::read_file($_) } Eb::Source::c_files();
push @wrong, "$_ is never used" for grep { $source !~ /\bEB_P_$_\b/ } sort keys %name;
push @wrong, "$_ is written into the source instead of base/problems.def"
    for do { my %seen; grep { !$seen{$_}++ } map { s{/\*.*?\*/}{}gsr =~ /"[^"\n]*(EB\d{4})/g } grep { length } $source };
ok !@wrong, 'ids are unique and used' or diag join "\n", @wrong;
chdir $Eb::Source::root;
is Eb::Source::read_file('conf/problems.md'), do { local $_ = qx{perl conf/problems.pl}; utf8::decode($_); $_ },
    'conf/problems.md is up to date (perl conf/problems.pl > conf/problems.md)';
done_testing;
