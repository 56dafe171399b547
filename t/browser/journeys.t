# Whole journeys in a real browser, and that an application is the same in whatever language it was filled in. Three of them begin with
# drafts that are complete; EB_JOURNEYS=1 (make journeys) makes all fourteen, from the first page on, which takes twenty minutes.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Chromium;
use Eb::Journey;
use Eb::Load;
use Eb::Server;
use Test::More;

Eb::Chromium::or_skip();
my @foreign = -e Eb::Server::build() . '/stage/share/languages/ar.mo' ? qw(ar tr uk) : ();
my @all     = (qw(single family refugee eu minor errors back tabs elsewhere noscript), @foreign ? ('de', @foreign) : ());
my @short   = (qw(elsewhere noscript), @foreign ? 'ar' : ());
my %options = (server => "EinbuergerungLanguages de @foreign");

my ($server, @people, %number);
if ($ENV{EB_JOURNEYS}) {
    $server = Eb::Server->new(%options);
    @people = map { { name => $_ } } grep { $ENV{EB_JOURNEYS} eq 1 || $ENV{EB_JOURNEYS} =~ /\b$_\b/ } @all;
}
else {
    diag 'eight of ten journeys and two of three languages are left out, and the others are short (make journeys)';
    my $load   = Eb::Load->new(receiver => 0, %options);
    my @drafts = $load->browsers;
    $server = $load->{server};
    @people = map { { name => $short[$_], cookie => Eb::Chromium::cookie($drafts[$_]) } } 0 .. $#short;
    $number{de} = Eb::Journey::number(Eb::Journey->new($drafts[@short], '01-ledige-person')->send);
}
my $files = Eb::Chromium::documents(qw(01-ledige-person 02-familie 07-fluechtling 08-eu-buergerin 11-minderjaehrig));
Eb::Chromium::walk('journeys.mjs', $server, files => "$files", people => \@people);
/^(\w\w), a receipt: (EB-\S+)/ and $number{$1} = $2 for @Eb::Chromium::said;
my $count = keys %{ { map { ($_ => 1) } keys %number, map { $_->{name} } @people } };
my @inbox = $server->await_inbox($count);
is scalar @inbox, $count, "$count applications arrived, each once";

# What an application has of its own: its number, the identifiers of message and documents, and when it was made.
my %own = (NUMBER => qr/EB-\d{4}-\w{4}-\w{4}-\w/, ID => qr/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/,
    TIME => qr/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/);
sub message {
    my ($language) = @_;
    my ($file) = grep { m{/\Q$number{$language}\E_} } @inbox or return "no message of $language";
    my $xml = Eb::Server::slurp($file);
    for my $name (sort keys %own) { $xml =~ s/$own{$name}/$name/g }
    return $xml;
}
if ($number{de}) {
    like message('de'), qr/NUMBER.*ID|ID.*NUMBER/s, 'the German message has a number and identifiers of its own';
    for (grep { $number{$_} } @foreign) {
        ok message($_) eq message('de'), "$_: apart from these and its time it is the German message, byte for byte" or diag differs(message('de'), message($_));
    }
}
sub differs { my ($a, $b) = map { [split /\n/] } @_; for (0 .. $#$a) { return "$a->[$_]\n$b->[$_]" if $a->[$_] ne ($b->[$_] // '') } return 'more lines' }
$server->log_is_clean;
done_testing;
