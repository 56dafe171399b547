# The Quick-Check in headless Chromium, with axe-core: 0 violations. EB_PICTURES=FOLDER keeps pictures.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Chromium;
use Eb::Server;
use Test::More;

Eb::Chromium::or_skip();
my $server = Eb::Server->new(server => <<CONF);
<Location "/quickcheck">
    SetHandler einbuergerung
    EinbuergerungForm quickcheck
</Location>
CONF
my $lines = Eb::Chromium::walk('quickcheck.mjs', $server, pictures => $ENV{EB_PICTURES});
cmp_ok $lines, '>', 15, "$lines pages looked at";
$server->log_is_clean;
done_testing;
