# The Quick-Check in headless Chromium, with axe-core: 0 violations. EB_PICTURES=FOLDER keeps pictures.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Server;
use Test::More;

my $root = Eb::Server::root();
my ($chromium) = grep { -x } '/usr/bin/chromium', '/usr/bin/chromium-browser';
plan skip_all => 'no Chromium (package chromium)' unless $chromium;
plan skip_all => 'no playwright-core or axe-core (npm ci)' unless -d "$root/node_modules/playwright-core" && -d "$root/node_modules/axe-core";
plan skip_all => 'no node' if system('command -v node >/dev/null');
my $version = qx(node --version) =~ /v(\d+)/ ? $1 : 0;
plan skip_all => "node $version is too old for playwright-core" if $version < 18;

my $server = Eb::Server->new(server => <<CONF);
<Location "/quickcheck">
    SetHandler einbuergerung
    EinbuergerungForm quickcheck
</Location>
CONF
open my $node, '-|', 'node', "$FindBin::Bin/quickcheck.mjs", "http://127.0.0.1:$server->{port}", $chromium, $root, $ENV{EB_PICTURES} // () or die $!;
my $lines = 0;
while (<$node>) {
    if    (/^ok (.*)/)     { pass($1); $lines++ }
    elsif (/^not ok (.*)/) { fail($1); $lines++ }
    else                   { diag($_ =~ s/\n//r) }
}
close $node;
is $?, 0, 'the walks ran to their ends';
cmp_ok $lines, '>', 15, "$lines pages looked at";
$server->log_is_clean;
done_testing;
