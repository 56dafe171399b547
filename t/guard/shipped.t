# Whatever conf/ ships is started or used by a test, which names it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Source;
use Test::More;

my %used = (
    'conf/apparmor/einbuergerung'           => [qw(t/guard/confined.t)],
    'conf/einbuergerung.conf'               => [qw(debian/tests/installed)],
    'conf/einbuergerung.load'               => [qw(debian/tests/installed)],
    'conf/einbuergerungctl.8'               => [qw(t/guard/handbook.t)],
    'conf/examples/behind-a-proxy.conf'     => [qw(t/http/examples.t)],
    'conf/examples/sentinel.conf'           => [qw(t/http/examples.t)],
    'conf/examples/twenty-authorities.conf' => [qw(t/http/examples.t)],
    'conf/init/vhost.conf'                  => [qw(t/http/init.t)],
    'conf/logrotate.conf'                   => [qw(t/package/quickstart)],
    'conf/modsecurity-einbuergerung.conf'   => [qw(t/package/shipped)],
    'conf/problems.pl'                      => [qw(t/guard/problems.t)],
    'conf/prometheus-alerts.yml'            => [qw(t/guard/alerts.t)],
    'conf/redis-users.acl'                  => [qw(t/http/redis_acl.t)],
    'conf/redis.conf'                       => [qw(t/http/init.t)],
    'conf/reference.conf'                   => [qw(t/http/examples.t t/guard/directives.t)],
    'conf/sbom.pl'                          => [qw(t/guard/sbom.t)],
    'conf/systemd/einbuergerung.conf'       => [qw(t/guard/confined.t t/package/quickstart)],
    'conf/vhost-example.conf'               => [qw(t/http/examples.t)],
);

my @shipped = grep { !m{^conf/(?:demo|theme)/|\.md$} } split /\n/, qx{git -C '$Eb::Source::root' ls-files conf 2>/dev/null};
plan skip_all => 'no history here' unless @shipped;
my @wrong = map { "$_ is used by no test" } grep { !$used{$_} } @shipped;
for my $file (sort keys %used) {
    my ($name) = $file =~ m{([^/]+)$};
    $name = 'einbuergerung' if $file =~ m{/init/|conf/einbuergerung\.};    # as httpd knows it
    push @wrong, map { "$_ does not name $name" } grep { index(Eb::Source::read_file($_), $name) < 0 } @{ $used{$file} };
    push @wrong, "$file is not there" unless -e "$Eb::Source::root/$file";
}
cmp_ok scalar @shipped, '>', 15, scalar(@shipped) . ' files';
is_deeply \@wrong, [], 'each has its test' or diag join "\n", @wrong;
done_testing;
