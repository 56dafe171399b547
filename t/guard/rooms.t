# The floors of the house, from the real includes: nothing runs upwards or sideways, and only httpd/ knows httpd.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Source;
use Test::More;

my %below = (
    base     => [],
    form     => [qw(base)],
    page     => [qw(base form)],
    store    => [qw(base)],
    message  => [qw(base form)],
    delivery => [qw(base form store message)],
    httpd    => [@Eb::Source::core],
    ctl      => [@Eb::Source::core],
);
my $httpd_header = qr/^(?:httpd|http_\w+|ap_\w+|util_\w+|mod_\w+|mpm_common|scoreboard|unixd)\.h$/;

my ($includes, @wrong) = (0);
for my $file (Eb::Source::c_files()) {
    my ($room) = $file =~ m{^(\w+)/};
    my %allowed = map { $_ => 1 } $room, @{ $below{$room} };
    my $line = 0;
    for (split /\n/, Eb::Source::read_file($file)) {
        $line++;
        next unless /^\s*#\s*include\s*(["<])([^">]+)[">]/;
        my ($kind, $what) = ($1, $2);
        $includes++;
        if ($kind eq '<') {
            push @wrong, "$file:$line includes httpd's <$what>" if $room ne 'httpd' && $what =~ $httpd_header;
            next;
        }
        my $target = $what =~ m{^(\w+)/} ? $1 : $room;
        push @wrong, "$file:$line includes $what, which is not below $room/" unless $allowed{$target};
        my $path = $what =~ m{/} ? $what : $file =~ s{[^/]+$}{$what}r;
        push @wrong, "$file:$line includes $what, which does not exist" unless -e "$Eb::Source::root/$path";
    }
}
cmp_ok $includes, '>', 200, "$includes includes looked at";
ok !@wrong, 'every include goes downwards' or diag join "\n", @wrong;
done_testing;
