# Bad input: a clear German page with the right status, nothing lost, nothing of the content in the log.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Browser;
use Eb::Journey;
use Eb::Server;
use IO::Socket::INET;
use Test::More;
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

my $server = Eb::Server->new;
my $first  = Eb::Journey::first_page($server);
my %valid  = Eb::Journey::page_values($server, $first, '01-ledige-person');
my $b      = Eb::Browser->new($server);
$b->open($first);
is $b->submit(\%valid)->{status}, 303, 'a draft exists';
$b->open($first);
my $form   = $b->form;
my ($text) = grep { $form->{fields}{$_}{type} eq 'text' && length($valid{$_} // '') } @{ $form->{order} };
my $secret_word = 'Qzxwvgeheim';

sub body { my (%v) = (%valid, @_); return Eb::Browser::encode_form(@{ $form->{hidden} }, (map { ($_ => $v{$_}) } sort keys %v), '_weiter', 1) }

# A page for people: German, with our shell, the status that was asked, and no stored answer changed.
sub refused {
    my ($what, $status, $res) = @_;
    subtest $what => sub {
        is $res->{status}, $status, "status $status";
        like $res->{headers}{'content-type'} // '', qr{^text/html; ?charset=utf-8}i, 'HTML in UTF-8';
        like $res->{text}, qr{<html[^>]* lang='?"?de}, 'a German page';
        like $res->{text}, qr{<h1}, 'with a heading';
        like $res->{headers}{'content-security-policy'} // '', qr/default-src 'none'/, 'with its CSP';
        like $res->{headers}{'cache-control'} // '', qr/no-store/, 'not cached';
        my $now = $b->get($first);
        is $now->{status}, 200, 'the draft is still there';
        $b->{last} = $now;
        is $b->form($now)->{fields}{$text}{values}[0], $valid{$text}, 'and its answers unchanged';
    };
}

refused 'an unknown field', 400, $b->post($first, body('person.schuhgroesse' => $secret_word));
refused 'a repeated field', 400, $b->post($first, body() . "&" . Eb::Browser::encode_pair($text, $secret_word));
refused 'a bad percent sign', 400, $b->post($first, body() . '&x=%zz');
refused 'invalid UTF-8', 400, $b->post($first, body() =~ s/\Q$text\E=[^&]*/$text=%C3%28/r);
refused 'an overlong UTF-8 form', 400, $b->post($first, body() =~ s/\Q$text\E=[^&]*/$text=%C0%AF/r);
refused 'a NUL', 400, $b->post($first, body() =~ s/\Q$text\E=[^&]*/$text=a%00b/r);
refused 'a control character', 400, $b->post($first, body() =~ s/\Q$text\E=[^&]*/$text=a%1Bb/r);
refused '10,000 parameters', 413, $b->post($first, body() . join '', map { "&p$_=1" } 1 .. 10_000);
refused 'a value of 20 kB', 413, $b->post($first, body($text => 'A' x 20_000));
refused 'an overlong name', 422, $b->post($first, body($text => 'A' x 300));
refused 'a body of 1 MB', 413, $b->post($first, 'a=' . 'b' x 1_000_000);
refused 'a letter that DIN 91379 does not know', 422, $b->post($first, body($text => "\x{416}\x{43e}\x{440}\x{430}"));
refused 'JSON', 415, $b->post($first, '{"a":1}', headers => { 'content-type' => 'application/json' });
refused 'multipart', 415, $b->post($first, "--x\r\n\r\n--x--\r\n", headers => { 'content-type' => 'multipart/form-data; boundary=x' });
refused 'another charset', 415, $b->post($first, body(), headers => { 'content-type' => 'application/x-www-form-urlencoded; charset=utf-16' });
refused 'PUT', 405, $b->request('PUT', $first, content => 'x');
refused 'DELETE', 405, $b->request('DELETE', $first);
refused 'POST on the start page', 405, $b->post('/antrag/', 'a=b');
refused 'POST on the receipt', 405, $b->post('/antrag/quittung', 'a=b');
refused 'a page that does not exist', 404, $b->get('/antrag/gibt-es-nicht');
refused 'an entry that does not exist', 404, $b->get('/antrag/kinder/999999999999');
is $b->get('/antrag/-/..%2f..%2fetc%2fpasswd')->{status}, 404, 'a path with tricks (httpd answers itself)';
refused 'an asset that is none', 404, $b->get('/antrag/-/0/passwd');
refused 'review before everything is answered', 409, $b->get('/antrag/pruefen');
refused 'a receipt before sending', 409, $b->get('/antrag/quittung');

# The word „ж“ is named, and what was typed stands in the field.
my $res = $b->post($first, body($text => "Жора"));
like $res->{text}, qr/„Ж“/, 'the offending character is named';
is $b->form($res)->{fields}{$text}{values}[0], 'Жора', 'what was typed is still in the field';

# Tickets
my $ticket = body();
refused 'no ticket', 403, $b->post($first, $ticket =~ s/_ticket=[^&]*&//r);
refused 'a changed ticket', 403, $b->post($first, $ticket =~ s/_ticket=(.)/'_ticket=' . ($1 eq 'A' ? 'B' : 'A')/er);
refused 'a ticket for another page', 403, do { $b->get('/antrag/loeschen'); my $f = $b->form; $b->post($first, body() =~ s/_ticket=[^&]*/Eb::Browser::encode_form(@{ $f->{hidden} })/er) };
my $other = Eb::Browser->new($server);
$other->open($first); $other->submit(\%valid); $other->open($first);
my %foreign = @{ $other->form->{hidden} };
refused q(another visitor's ticket), 403, $b->post($first, body() =~ s/_ticket=[^&]*/Eb::Browser::encode_pair('_ticket', $foreign{_ticket})/er);
refused 'from another site (Sec-Fetch-Site)', 403, $b->post($first, body(), headers => { 'sec-fetch-site' => 'cross-site' });
refused 'from another site (Origin)', 403, $b->post($first, body(), headers => { origin => 'https://boese.example' });
is $b->post($first, body(), headers => { origin => $b->{base}, 'sec-fetch-site' => 'same-origin' })->{status}, 303, 'from our own page';

# Cookies
for (['an earlier version\'s cookie', 404, 'A' x 43], ['a malformed cookie', 400, 'a"c'], ['a short cookie', 404, 'abc']) {
    my ($what, $status, $value) = @$_;
    my ($name) = keys %{ $b->{cookies} };
    my $res = Eb::Browser->new($server)->get('/antrag/aufgaben', headers => { cookie => "$name=$value" });
    is $res->{status}, $status, "$what: $status";
    like $res->{text}, qr/<h1/, '… with a page';
}

# Methods that never change anything
is $b->request('HEAD', $first)->{status}, 200, 'HEAD works';
is $b->request('HEAD', $first)->{content} // '', '', 'HEAD has no body';

# A body that breaks off: nothing is stored, nothing falls over.
my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $server->{port});
print $s "POST $first HTTP/1.1\r\nHost: x\r\nCookie: " . $b->cookie_header . "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\nabc";
close $s;
is $b->get($first)->{status}, 200, 'a cut connection does no harm';

unlike $server->log, qr/$secret_word/, 'no content in the error log';
unlike Eb::Server::slurp("$server->{dir}/log/access.log"), qr/$secret_word/, 'nor in the access log';
my ($cookie) = values %{ $b->{cookies} };
unlike $server->log, qr/\Q$cookie/, 'no cookie in the error log';
$server->log_is_clean;
done_testing;
