# The main job: a whole application, from the first page to the authority's inbox, with every answer found again in the message.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Browser;
use Eb::Journey;
use Eb::Server;
use Digest::SHA qw(sha512_hex);
use Test::More;
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

my @fixtures = map { m{([^/]+)\.txt$} } sort glob Eb::Server::root() . '/t/message/instances/*.txt';
plan skip_all => 'no fixtures' unless @fixtures;
my $server = Eb::Server->new;
my $xsd    = Eb::Server::root() . '/schemas/message/einbuergerung.xsd';
my $xmllint = system('command -v xmllint >/dev/null') == 0;

sub is_document { return $_[0] =~ /^(?:datei |ungeprueft |spaeter$)/ }

# Every file is named in the message with its digest, and lies beside it, byte for byte, under the name that the message says.
sub check_documents {
    my ($journey, $file, $text) = @_;
    my @files    = map { @$_ } values %{ $journey->{files} || {} };
    my $promised = grep { /(?:^|\| )spaeter$/ } values %{ $journey->{fixture} };
    my %beside   = map { sha512_hex(Eb::Server::slurp($_)) => s{.*/}{}r } glob(($file =~ s/\.xml$//r) . '/*');
    my @missing  = grep { my $f = $_; index($text, $f->{name}) < 0 || index($text, $f->{sha512}) < 0 || !$beside{ $f->{sha512} }
        || index($text, $beside{ $f->{sha512} }) < 0 } @files;
    ok !@missing, scalar(@files) . ' documents' or diag join ' ', map { $_->{name} } @missing;
    is scalar(keys %beside), scalar(@files), 'and nothing else beside the message';
    is scalar(() = $text =~ /<nachreichung\b/g), $promised, "$promised are promised for later";
}

my $delivered = 0;
for my $name (@fixtures) {
    subtest $name => sub {
        my $journey = Eb::Journey->new(Eb::Browser->new($server), $name);
        ok eval { $journey->fill; 1 }, 'every page takes its answers' or return diag $@;
        my @unused = $journey->unused;
        ok !@unused, 'every answer of the fixture was asked for' or diag join ' ', @unused;

        my $review = $journey->{browser}->open('/antrag/pruefen');
        is $review->{status}, 200, 'review';
        my $receipt = eval { $journey->send };
        ok $receipt, 'sent' or return diag $@;
        is $receipt->{status}, 200, 'receipt';
        my $number = Eb::Journey::number($receipt);
        ok $number, "Vorgangsnummer $number";
        is Eb::Journey::number($journey->{browser}->open('/antrag/quittung')), $number, 'the same receipt after a reload';

        my @inbox = $server->await_inbox(++$delivered);
        is scalar @inbox, $delivered, 'one message arrived';
        my ($file) = grep { m{/\Q$number\E_} } @inbox;
        ok $file, 'under its number' or return;
      SKIP: {
            skip 'no xmllint', 1 unless $xmllint;
            is system("xmllint --nonet --noout --schema '$xsd' '$file' 2>/dev/null"), 0, 'xmllint accepts it';
        }
        my $xml = Eb::Server::slurp($file);
        utf8::decode($xml);
        my $text = Eb::Browser::unescape($xml);
        # Several chosen codes are an element each; documents are looked at on their own.
        my @lost = grep { my $v = $journey->{fixture}{$_}; my @v = $v =~ /^[a-z_]+(?: [a-z_]+)+$/ ? split ' ', $v : $v;
            $v !~ /^(?:true|false)$/ && !is_document($v) && grep { index($text, $_) < 0 } @v } sort keys %{ $journey->{fixture} };
        ok !@lost, 'every answer stands in the message' or diag join ' ', @lost;
        check_documents($journey, $file, $text);
    };
}
is scalar(() = glob "$server->{dir}/spool/05711000/queue/*"), 0, 'the queue is empty';
$server->log_is_clean;
done_testing;
