# A whole application in headless Chromium, with axe-core on every page: 0 violations. Its documents are sent by the script of their pages;
# how the same goes without any is t/browser/journeys.t's and t/http's.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Chromium;
use Eb::Server;
use Test::More;

Eb::Chromium::or_skip();
my $server = Eb::Server->new;
my $files  = Eb::Chromium::documents('02-familie');
my $lines  = Eb::Chromium::walk('journey.mjs', $server, files => "$files");
cmp_ok $lines, '>', 60, "$lines looks";
is scalar $server->await_inbox(1), 1, 'the application arrived';
$server->log_is_clean;
done_testing;
