# Directives, README and conf/ say the same.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Source;
use Test::More;

my $source = join '', map { Eb::Source::read_file($_) } Eb::Source::files('httpd/*.c httpd/*.h', 8);
my %directive = map { $_ => 1 } $source =~ /"<?(Einbuergerung[A-Z]\w*)"/g;
cmp_ok scalar keys %directive, '>', 12, scalar(keys %directive) . ' directives';

my $readme = Eb::Source::read_file('README.md');
my @wrong = map { "README.md has no table row for $_" } grep { $readme !~ /^\| `<?$_\b/m } sort keys %directive;
my $reference = Eb::Source::read_file('conf/reference.conf');
push @wrong, map { "conf/reference.conf does not show $_" } grep { $reference !~ /^\s*#?\s*<?$_\b/m } sort keys %directive;
for my $file ('README.md', Eb::Source::files('conf/*.conf conf/*.md conf/demo/* conf/init/* conf/examples/* conf/doc/*', 4)) {
    my %seen;
    my $text = Eb::Source::read_file($file);
    $seen{$1}++ while $text =~ /\b(Einbuergerung[A-Z]\w*)/g;
    push @wrong, map { "$file names $_, which is no directive" } grep { !$directive{$_} } sort keys %seen;
}
ok !@wrong, 'directives, README and conf/ agree' or diag join "\n", @wrong;
done_testing;
