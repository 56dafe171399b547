# Pages that run from right to left, in headless Chromium, beside the German ones: the same layout in a mirror, 0 axe violations, and what
# is German or Latin on them runs as it does. A page of every language is looked at, and which fonts it loads. EB_PICTURES=FOLDER keeps pictures, EB_LANGUAGES="ar fa tr" compares others as well.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Chromium;
use Eb::Load;
use Eb::Server;
use Test::More;

Eb::Chromium::or_skip();
plan skip_all => 'no catalogues (msgfmt is missing)' unless -e Eb::Server::build() . '/stage/share/languages/ar.mo';
my @languages = split ' ', $ENV{EB_LANGUAGES} || 'ar';
my @all       = map { m{([^/]+)\.mo$} } glob Eb::Server::build() . '/stage/share/languages/*.mo';
my $load      = Eb::Load->new(receiver => 0, server => <<CONF);
EinbuergerungLanguages de @all
<Location "/quickcheck">
    SetHandler einbuergerung
    EinbuergerungForm quickcheck
</Location>
CONF
my $server = $load->{server};
my %quick  = map { /^(\w\S+) = (.*)/ ? ($1 => $2) : () } split /\n/, Eb::Server::slurp(Eb::Server::root() . '/t/unit/data/quickcheck/basis.txt');
my $lines  = Eb::Chromium::walk('languages.mjs', $server, languages => \@languages, all => ['de', @all], quickcheck => \%quick,
    cookie => Eb::Chromium::cookie(($load->browsers)[0]), pictures => $ENV{EB_PICTURES});
cmp_ok $lines, '>', 50, "$lines looks";
$server->log_is_clean;
done_testing;
