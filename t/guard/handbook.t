# The handbook is in step with the software: its links lead somewhere, the tests it names exist, so do its commands, directives and problems.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Source;
use Test::More;

my $root  = $Eb::Source::root;
my @pages = ('README.md', Eb::Source::files('conf/*.md conf/doc/*.md', 4));
my ($links, @wrong) = 0;
my %anchors;

sub anchor_of { my ($heading) = @_; $heading = lc $heading; $heading =~ s/[^\w -]//g; return $heading =~ tr/ /-/r }
for my $page (@pages) { $anchors{$page} = { map { (anchor_of($_) => 1) } Eb::Source::read_file($page) =~ /^#+ (.*)$/mg } }

for my $page (@pages) {
    my $text = Eb::Source::read_file($page);
    my ($folder) = $page =~ m{^(.*/)};
    while ($text =~ /\]\(([^)\s]+)\)/g) {
        my $link = $1;
        next if $link =~ /^https?:/;
        $links++;
        my ($file, $anchor) = $link =~ /^([^#]*)(?:#(.*))?$/;
        my $path = $file eq '' ? $page : ($folder // '') . $file;
        1 while $path =~ s{[^/]+/\.\./}{};
        push @wrong, "$page links $link, which is not there" unless -e "$root/$path";
        push @wrong, "$page links $link, which has no such heading" if defined $anchor && $anchors{$path} && !$anchors{$path}{$anchor};
    }
    push @wrong, map { "$page names $_, which is not there" } grep { !-e "$root/$_" } $text =~ m{`(t/\w+/[\w.]+)`}g;
}
cmp_ok $links, '>', 20, "$links links looked at";

my %command = map { ($_ => 1) } Eb::Source::read_file('ctl/main.c') =~ /\.name = "([a-z ]+)"/g;
my %problem = map { ($_ => 1) } Eb::Source::read_file('base/problems.def') =~ /"(EB\d{4})"/g;
my $man = Eb::Source::read_file('conf/einbuergerungctl.8');
for my $page (@pages) {
    my $text = Eb::Source::read_file($page);
    for ($text =~ /einbuergerungctl ((?:jobs|keys|form|output|fitconnect|xta) [a-z]+|(?!of\b)[a-z]+)/g) { my $name = s{^(?:fitconnect|xta) check}{output check}r;    # the transport may stand for what it is
        push @wrong, "$page names the command $_" unless $command{$name} }
    for ($text =~ /\b(EB\d{4})\b/g) { push @wrong, "$page names $_, which is no problem" unless $problem{$_} }
}
for my $name (sort keys %command) { push @wrong, "the man page does not tell of $name" if $man !~ /^\.(?:B|BR|BI)\s+"?\Q$name\E\b/m }
is_deeply \@wrong, [], 'all is there' or diag join "\n", @wrong;
done_testing;
