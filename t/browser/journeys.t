# Whole journeys in a real browser. Two of them begin with drafts that are complete; EB_JOURNEYS=1 (make journeys) makes all ten, from the
# first page on, which takes a quarter of an hour.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Chromium;
use Eb::Load;
use Eb::Server;
use Test::More;

Eb::Chromium::or_skip();
my @all   = qw(single family refugee eu minor errors back tabs elsewhere noscript);
my @short = qw(elsewhere noscript);

my ($server, @people);
if ($ENV{EB_JOURNEYS}) {
    $server = Eb::Server->new;
    @people = map { { name => $_ } } grep { $ENV{EB_JOURNEYS} eq 1 || $ENV{EB_JOURNEYS} =~ /\b$_\b/ } @all;
}
else {
    diag 'eight of ten journeys are left out, and two are short (make journeys)';
    my $load   = Eb::Load->new(receiver => 0);
    my @drafts = $load->browsers;
    $server = $load->{server};
    @people = map { { name => $short[$_], cookie => Eb::Chromium::cookie($drafts[$_]) } } 0 .. $#short;
}
my $files = Eb::Chromium::documents(qw(01-ledige-person 02-familie 07-fluechtling 08-eu-buergerin 11-minderjaehrig));
Eb::Chromium::walk('journeys.mjs', $server, files => "$files", people => \@people);
is scalar $server->await_inbox(scalar @people), scalar @people, scalar(@people) . ' applications arrived, each once';
$server->log_is_clean;
done_testing;
