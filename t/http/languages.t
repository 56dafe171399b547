# The service in other languages: the address and the browser choose, switching keeps what was typed, the draft remembers, errors
# speak the language, and the delivered message is the one of a German journey.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Browser;
use Eb::Journey;
use Eb::Server;
use Encode qw(encode_utf8);
use JSON::PP qw(decode_json);
use Test::More;
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

plan skip_all => 'no catalogues (msgfmt is missing)' unless glob Eb::Server::build() . '/stage/share/languages/*.mo';
my $status = '/einbuergerung-status';
my $s = Eb::Server->new(server => "EinbuergerungLanguages de tr ar de-x-leicht\n<Location $status>\nSetHandler einbuergerung-status\n</Location>");
my $visitor = Eb::Browser->new($s);

# --- which language ---
my $res = $visitor->get('/antrag/');
is $res->{headers}{'content-language'}, 'de', 'without a wish: German';
like $res->{headers}{vary} // '', qr/Accept-Language/, 'and it depends on the wish';
like $res->{text}, qr{<html lang='de' dir='ltr'>}, 'says so';
like $res->{text}, qr{<link rel='alternate' hreflang='ar' href='/antrag/ar/'/>}, 'search engines find the others';
like $res->{text}, qr{<a class='kern-link' href='/antrag/tr/' hreflang='tr' lang='tr' dir='ltr'>Türkçe</a>}, 'and so do people';
for (['tr', '/antrag/tr/'], ['tr-TR,tr;q=0.9,de;q=0.5', '/antrag/tr/'], ['fr;q=1, ar-SY;q=0.4, de;q=0.3', '/antrag/ar/'], ['de, tr', undef],
    ['fr', undef], ['tr;q=0', undef], [',;;q=,', undef]) {
    my ($accept, $where) = @$_;
    is $visitor->get('/antrag/', headers => { 'accept-language' => $accept })->{location}, $where, "Accept-Language: $accept";
}
$res = $visitor->get('/antrag/ar/', headers => { 'accept-language' => 'tr' });
is $res->{status}, 200, 'an address with a language is final';
is $res->{headers}{'content-language'}, 'ar', 'in that language';
like $res->{text}, qr{<html lang='ar' dir='rtl'>}, 'from right to left';
is $visitor->get('/antrag/de/', headers => { 'accept-language' => 'tr' })->{headers}{'content-language'}, 'de', 'German has an address, too';
is $visitor->get('/antrag/tr')->{location}, '/antrag/tr/', 'the address without its end';
is $visitor->get('/antrag/uk/')->{status}, 404, 'a language that is not offered is no page';
is $visitor->get('/antrag/tr/gibt-es-nicht')->{headers}{'content-language'}, 'tr', 'notices, too';

# --- switching stores what was typed ---
my $b    = Eb::Browser->new($s);
my $page = Eb::Journey::first_page($s);
$b->get($page);
my $form = $b->form;
my ($text) = grep { $form->{fields}{$_}{type} eq 'text' } @{ $form->{order} };
my $start = $page;
if (!$text) {    # the first page may have nothing to type
    my $walk = Eb::Journey->new($b, '01-ledige-person');
    for (1 .. 12) {
        $page = $walk->page($page);
        $b->get($page);
        $form = $b->form or last;
        ($text) = grep { $form->{fields}{$_}{type} eq 'text' } @{ $form->{order} } and last;
    }
}
ok $text, "a page with something to type: $page";
my ($name) = $page =~ m{^/antrag/(.*)};
my ($choice) = $b->{last}{text} =~ m{(<button[^>]*formaction='/antrag/tr/\Q$name\E'[^>]*>)};
ok $choice, 'it sends itself to another language';
my %values = ($text => 'Getippt');
my @pairs = (@{ $form->{hidden} }, map { ($_ => $values{$_} // ($form->{fields}{$_}{values} || [])->[0] // '') }
    grep { $form->{fields}{$_}{type} !~ /radio|checkbox|file/ } @{ $form->{order} });
$res = $b->post("/antrag/tr/$name", [@pairs, _sprache => 1]);
is $res->{status}, 303, 'sent there it is stored';
is $res->{location}, "/antrag/tr/$name", 'and shown again';
$res = $b->get($res->{location});
is $res->{headers}{'content-language'}, 'tr', 'in Turkish';
like $res->{text}, qr/value='Getippt'/, 'with what was typed';
is $b->get('/antrag/aufgaben')->{location}, '/antrag/tr/aufgaben', 'the draft remembers it';
is $b->get('/antrag/', headers => { 'accept-language' => 'ar' })->{location}, '/antrag/tr/', 'before the browser is asked';
is $b->get('/antrag/de/aufgaben')->{headers}{'content-language'}, 'de', 'German is an address away';
$b->get("/antrag/ar/$name");
$res = $b->submit({ $text => "\x{0639}\x{0644}\x{064A}" });
is $res->{status}, 422, 'letters of another script are refused';
unlike $res->{text}, qr/Bitte schreiben Sie/, '… not in German' if $res->{text} !~ /lang='de'[^>]*>Bitte/;

# --- what binds is German, in every language ---
my $word  = 'Ich bekenne mich zur freiheitlichen demokratischen Grundordnung des Grundgesetzes für die Bundesrepublik Deutschland.';
my $first = qr{<p class='kern-body ez-note'>Yalnızca Almanca metin bağlayıcıdır\.</p>};
$res = $b->get('/antrag/tr/bekenntnis');
my @german = $res->{text} =~ m{<div class='ez-prose' lang='de' dir='ltr'>(.*?)</div>}g;
is scalar @german, 3, 'the German of the text and of both answers to it';
like $german[0], qr/<p>\Q$word\E<\/p>.*Antisemitisch/s, 'the declaration and the law';
is $german[1], '<p>Bekennen Sie sich zur freiheitlichen demokratischen Grundordnung?</p><ul><li>Ja, ich bekenne mich dazu.</li><li>Nein</li></ul>', 'what is asked';
is scalar(() = $res->{text} =~ /$first/g), 1, 'said once that only this is binding';
is scalar(() = $res->{text} =~ /\Q$word\E/g), 1, 'beside a translation, not twice in German';
$res = $b->get('/antrag/tr/erklaerungen');
like $res->{text}, qr{$first.*<h2>Strafe nach § 42 StAG</h2>.*<p>Meine Angaben sind richtig und vollständig\.</p></div></div>}s, 'notices and what is confirmed';
like $b->get('/antrag/ar/bekenntnis')->{text}, qr{lang='de' dir='ltr'>.*\Q$word\E}s, 'from left to right on an Arabic page';
unlike $b->get('/antrag/de/bekenntnis')->{text}, qr/ez-german/, 'a German page has it once';

# --- one message ---
sub message {
    my ($base) = @_;
    my $browser = Eb::Browser->new($s);
    my $before  = () = $s->await_inbox(0);
    my $journey = Eb::Journey->new($browser, '01-ledige-person', base => $base);
    $journey->{look} = sub { my ($path, $page) = @_; is $page->{headers}{'content-language'}, 'tr', "$path in Turkish" if $base =~ m{/tr$} };
    $journey->fill;
    my $copy = $browser->get("$base/kopie.xml");
    is $copy->{status}, 200, "the message of $base";
    my $xml = $copy->{text};
    $xml =~ s{[0-9a-f]{8}-[0-9a-f-]{27}}{UUID}g;
    $xml =~ s{EB-\d{4}-[A-Z0-9-]+}{NUMBER}g;
    $xml =~ s{\d{4}-\d\d-\d\dT[0-9:.+Z]+}{TIME}g;
    return $xml;
}
is message('/antrag/tr'), message('/antrag'), 'the message does not know in which language it was written';

# --- what is missing is counted ---
my %counted = map { $_->{language} => $_ } @{ decode_json(encode_utf8($visitor->get("$status?format=json")->{text}))->{languages} };
is $counted{$_}{untranslated}, 0, "$_ lacks nothing" for qw(tr ar);
cmp_ok $counted{tr}{texts}, '>', 2000, 'of many texts';
cmp_ok $counted{'de-x-leicht'}{untranslated}, '>', 100, 'plain German leaves the form as it is';
my $metrics = $visitor->get("$status?format=prometheus")->{text};
like $metrics, qr/^einbuergerung_untranslated_texts\{language="tr",folder="[^"]+"\} 0$/m, 'a metric says so';
like $metrics, qr/^einbuergerung_untranslated_texts\{language="de-x-leicht",folder="[^"]+"\} $counted{'de-x-leicht'}{untranslated}$/m, 'for each language';
like $visitor->get($status)->{text}, qr{>ar: <bdi>العربية</bdi></td><td[^>]*>$counted{ar}{texts}</td><td[^>]*>0</td>}, 'and the page';
$s->log_is_clean;
done_testing;
