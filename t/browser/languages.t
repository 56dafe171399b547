# Pages that run from right to left, in headless Chromium: 0 axe violations, and what is German or Latin on them runs as it does.
# EB_PICTURES=FOLDER keeps pictures.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Chromium;
use Eb::Server;
use Test::More;

Eb::Chromium::or_skip();
plan skip_all => 'no catalogues (msgfmt is missing)' unless -e Eb::Server::build() . '/stage/share/languages/ar.mo';
my $server = Eb::Server->new(server => 'EinbuergerungLanguages de ar');
my $lines  = Eb::Chromium::walk('languages.mjs', $server, pictures => $ENV{EB_PICTURES});
cmp_ok $lines, '>', 7, "$lines looks";
$server->log_is_clean;
done_testing;
