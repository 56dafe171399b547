# The main job: a whole application, from the first page to the authority's inbox, with every answer found again in the message.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Browser;
use Eb::Journey;
use Eb::Server;
use Test::More;
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

my @fixtures = map { m{([^/]+)\.txt$} } sort glob Eb::Server::root() . '/t/message/instances/*.txt';
plan skip_all => 'no fixtures' unless @fixtures;
my $server = Eb::Server->new;
my $xsd    = Eb::Server::root() . '/schemas/message/einbuergerung.xsd';
my $xmllint = system('command -v xmllint >/dev/null') == 0;

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
        # Several chosen codes are an element each.
        my @lost = grep { my $v = $journey->{fixture}{$_}; my @v = $v =~ /^[a-z_]+(?: [a-z_]+)+$/ ? split ' ', $v : $v;
            $v !~ /^(?:true|false)$/ && grep { index($text, $_) < 0 } @v } sort keys %{ $journey->{fixture} };
        ok !@lost, 'every answer stands in the message' or diag join ' ', @lost;
    };
}
is scalar(() = glob "$server->{dir}/spool/05711000/queue/*"), 0, 'the queue is empty';
$server->log_is_clean;
done_testing;
