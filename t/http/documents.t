# Documents at the door: uploaded without JavaScript, ordered, removed after a question, promised for later; refused with a reason when
# they are no documents; and nothing stored for a request that is not the applicant's own.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Browser;
use Eb::Files;
use Eb::Journey;
use Eb::Server;
use IO::Socket::INET;
use Test::More;
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

my $server = Eb::Server->new(server => "EinbuergerungFileSize 1M\nEinbuergerungFilesSize 4M\nEinbuergerungFilesCount 6");
my $first  = Eb::Journey::first_page($server);
my $path   = '/antrag/nachweise-person';
my $field  = 'nachweise.geburtsurkunde';

sub begin {
    $server->redis('FLUSHALL');
    my $b = Eb::Browser->new($server);
    $b->open($first);
    $b->submit({ Eb::Journey::page_values($server, $first, '01-ledige-person') });
    return $b;
}
sub stored   { my @keys = sort grep { /:f:/ } $server->redis_keys; return @keys }    # of all visitors
sub upload   { my ($b, @files) = @_; $b->open($path); return $b->submit({ $field => \@files }, '_hochladen') }
sub shown    { my ($b) = @_; return map { Eb::Browser::unescape($_) } $b->open($path)->{text} =~ m{<bdi class='[^']*bold'>([^<]+)</bdi>}g }
sub errors   { return map { Eb::Browser::unescape($_) =~ s/<[^>]+>//gr } $_[0]{text} =~ m{<li><a[^>]*href='#[^']*'[^>]*>(.*?)</a>}gs }
sub ticket   { my ($b) = @_; $b->open($path); my %h = @{ $b->form->{hidden} }; return $h{_ticket} }

subtest 'a visitor without a draft' => sub {
    my $b = Eb::Browser->new($server);
    my $res = $b->post_multipart($path, [_ticket => 'x', $field => Eb::Files::make('a.pdf')]);
    is $res->{status}, 403, 'begins with the first page';
    is_deeply [stored()], [], 'and leaves nothing';
};

subtest 'several files, their order, and removal' => sub {
    my $b = begin();
    my $page = $b->open($path);
    is $page->{status}, 200, 'the page';
    like $page->{text}, qr/enctype='multipart\/form-data'/, 'takes files';
    like $page->{text}, qr/1 MB/, 'says how large a file may be';
    unlike $page->{text}, qr/heic/i, 'asks for JPEG, so that phones make one of their HEIC';
    like $page->{headers}{'content-security-policy'}, qr/script-src 'self'/, 'its script is ours';
    unlike $b->open('/antrag/aufgaben')->{headers}{'content-security-policy'}, qr/script-src/, 'and other pages have none';

    is upload($b, Eb::Files::make('Pass Seite 1.jpg'), Eb::Files::make('Pass Seite 2.png'))->{status}, 303, 'two at once';
    is upload($b, Eb::Files::make('Übersetzung.pdf', 300_000))->{status}, 303, 'and one more';
    is_deeply [shown($b)], ['Pass Seite 1.jpg', 'Pass Seite 2.png', 'Übersetzung.pdf'], 'are listed as they came';
    is scalar(stored()), 3, 'and stored';
    my ($draft) = grep { /:draft$/ } $server->redis_keys;
    is $server->redis('EXPIRETIME', $_), $server->redis('EXPIRETIME', $draft), 'as long as the draft' for stored();
    unlike join('', map { $server->redis('DUMP', $_) } stored()), qr/PDF-1|JFIF|PNG\r/, 'sealed';

    my @up = grep { /^_hoch\./ } @{ $b->form->{buttons} };
    is scalar(@up), 2, 'every file but the first can move up';
    is $b->submit({}, $up[1])->{status}, 303, 'the last one does';
    is_deeply [shown($b)], ['Pass Seite 1.jpg', 'Übersetzung.pdf', 'Pass Seite 2.png'], 'by one place';

    my ($removal) = $b->{last}{text} =~ m{href='(\Q$path\E/datei/[^']+)'};
    my $question = $b->open($removal);
    is $question->{status}, 200, 'removal asks first';
    like $question->{text}, qr/Pass Seite 1\.jpg/, 'by name';
    is scalar(stored()), 3, 'and removes nothing yet';
    is $b->submit({})->{status}, 303, 'confirmed';
    is_deeply [shown($b)], ['Übersetzung.pdf', 'Pass Seite 2.png'], 'it is gone';
    is scalar(stored()), 2, 'from the store as well';
    is $b->open($removal)->{status}, 404, 'and cannot be removed again';
};

subtest 'promised for later, and a later return' => sub {
    my $b = begin();
    $b->open($path);
    is $b->submit({})->{status}, 422, 'a document that is needed is asked for';
    $b->open($path);
    my $form = $b->form;
    my %later = map { ($_ => ['ja']) } grep { /\.spaeter$/ } @{ $form->{order} };
    is $b->submit(\%later)->{status}, 303, '"reiche ich nach" is an answer';
    like $b->open($path)->{text}, qr/name='nachweise\.geburtsurkunde\.spaeter'[^>]*checked/, 'and is remembered';
    is upload($b, Eb::Files::make('doch.pdf'))->{status}, 303, 'a file can still come';
    like $b->open($path)->{text}, qr/name='nachweise\.geburtsurkunde\.spaeter'[^>]*checked/, 'beside it';
    is_deeply [shown($b)], ['doch.pdf'], 'both stand there';
};

subtest 'what is no document' => sub {
    my $b = begin();
    my $good = Eb::Files::make('gut.pdf');
    my @cases = (
        ['brief.docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', "PK\x03\x04" . 'x' x 500, qr/PDF/],
        ['foto.heic', 'image/heic', "\0\0\0\x18ftypheic\0\0\0\0" . 'x' x 500, qr/JPE?G/i],
        ['falsch.pdf', 'application/pdf', Eb::Files::make('x.png')->{data}, qr/PNG|Endung|heißt/],
        ['programm.pdf', 'application/pdf', "MZ\x90\0" . 'x' x 500, qr/PDF/],
        ['halb.pdf', 'application/pdf', substr($good->{data}, 0, 1500), qr/./],
        ['leer.pdf', 'application/pdf', '', qr/leer/i],
        ['gesperrt.pdf', 'application/pdf', $good->{data} =~ s{/Root 1 0 R}{/Root 1 0 R /Encrypt 9 0 R}r, qr/Passwort|verschlüsselt/i],
        ['aktiv.pdf', 'application/pdf', $good->{data} =~ s{/Type /Catalog}{/Type /Catalog /OpenAction << /S /JavaScript /JS (app.alert) >>}r, qr/./],
    );
    for (@cases) {
        my ($name, $type, $data, $says) = @$_;
        my $res = upload($b, { name => $name, type => $type, data => $data });
        is $res->{status}, 422, "$name is refused";
        my @e = errors($res);
        ok((grep { /\Q$name\E/ && $_ =~ $says } @e), '… by name, with what to do') or diag join ' | ', @e;
    }
    is_deeply [stored()], [], 'nothing of them is stored';
    my $res = upload($b, $good, { name => 'böse.pdf', type => 'application/pdf', data => 'kein PDF' }, Eb::Files::make('auch gut.png'));
    is $res->{status}, 422, 'one bad file among good ones';
    is scalar(errors($res)), 1, 'is the only error';
    is_deeply [shown($b)], ['gut.pdf', 'auch gut.png'], 'the good ones are kept';
    is_deeply [grep { /[<>]|böse/ } shown($b)], [], 'the bad one is not';
};

subtest 'names are shown, and nothing else' => sub {
    my $b = begin();
    is upload($b, { %{ Eb::Files::make('x.pdf', 700 + length $_) }, name => $_ })->{status}, 303, 'an odd name' for ('../../etc/passwd.pdf', 'C:\\Users\\Ayşe\\Pass.pdf', "a\x{202E}fdp.exe.pdf", '<script>alert(1)</script>.pdf');
    my $text = $b->open($path)->{text};
    unlike $text, qr{\.\./|C:\\|<script>alert|\x{202E}}, 'without paths, markup, or marks that turn the writing';
    like $text, qr/passwd\.pdf/, 'the rest stays readable';
};

subtest 'an entry goes with its documents' => sub {
    my $wide = Eb::Server->new;
    my $b = Eb::Browser->new($wide);
    Eb::Journey->new($b, '02-familie')->fill;
    my $files = sub { return scalar grep { /:f:/ } $wide->redis_keys };
    my $before = $files->();
    $b->open('/antrag/kinder/1/entfernen');
    is $files->(), $before, 'not before it is confirmed';
    is $b->submit({})->{status}, 303, 'a child is removed';
    is $files->(), $before - 7, 'and the seven files about it, no others';
    my @kept = $b->open('/antrag/nachweise-kinder/1')->{text} =~ m{<bdi class='[^']*bold'>([^<]+)</bdi>}g;
    ok @kept && !grep({ /Yusuf/ } @kept), 'the next child has its own';
    $b->open('/antrag/loeschen');
    is $b->submit({})->{status}, 200, 'the draft is discarded';
    is scalar(() = $wide->redis_keys), 0, 'with everything';
    $wide->log_is_clean;
};

subtest 'limits' => sub {
    my $b = begin();
    my $res = upload($b, Eb::Files::make('gross.pdf', 1_100_000));
    is $res->{status}, 422, 'a file that is too large';
    like join(' ', errors($res)), qr/gross\.pdf.*1 MB/, 'is told how large it may be';
    upload($b, map { Eb::Files::make("bild$_.jpg", 900_000) } 1 .. 4);
    $res = upload($b, Eb::Files::make('noch.jpg', 900_000));
    is $res->{status}, 422, 'all files together';
    like join(' ', errors($res)), qr/4 MB/, 'have a limit as well';
    is scalar(shown($b)), 4, 'and those before it are kept';
    upload($b, map { Eb::Files::make("klein$_.jpg") } 1 .. 2);
    $res = upload($b, Eb::Files::make('sieben.jpg'));
    like join(' ', errors($res)), qr/höchstens 6 Dateien/, 'their number, too';
    is scalar(stored()), 6, 'six are stored';
    $res = $b->post_multipart($path, [_ticket => ticket($b), $field => { name => 'a.pdf', type => 'application/pdf', data => 'x' x 5_000_000 }]);
    is $res->{status}, 413, 'a body beyond all limits';
    like $res->{text}, qr/Dateien/, 'is answered with a page';
    is scalar(shown($b)), 6, 'and nothing is lost';
};

subtest 'not the applicant' => sub {
    my $b = begin();
    my $file = Eb::Files::make('a.pdf', 200_000);
    my $n = stored();
    is $b->post_multipart($path, [$field => $file, _ticket => ticket($b)])->{status}, 403, 'the ticket comes before the file';
    is $b->post_multipart($path, [_ticket => 'falsch', $field => $file])->{status}, 403, 'and is a real one';
    is $b->post_multipart($path, [_ticket => ticket($b), $field => $file], headers => { origin => 'http://anderswo.example' })->{status}, 403,
        'from our own page';
    is $b->post_multipart($path, [_ticket => ticket($b), 'person.familienname' => $file])->{status}, 400, 'for a document that is asked for';
    is $b->post_multipart($path, [_ticket => ticket($b), 'nachweise.namensaenderung' => $file])->{status}, 400, '… and applies';
    is $b->post_multipart($first, [_ticket => 'x', 'person.familienname' => 'A'])->{status}, 415, 'on a page that takes files';
    is scalar(stored()), $n, 'nothing was stored';
    upload($b, $file);
    my ($theirs) = $b->open($path)->{text} =~ m{href='(\Q$path\E/datei/[^']+)'};
    my $other = Eb::Browser->new($server);
    $other->open($first);
    $other->submit({ Eb::Journey::page_values($server, $first, '01-ledige-person') });
    is $other->open($theirs)->{status}, 404, 'nobody sees or removes what is not theirs';
    is $other->open("$path/datei/x/y")->{status}, 404, 'or has no id';
    is $b->open($theirs)->{status}, 200, 'its owner does';
};

subtest 'encodings that no browser uses' => sub {
    my $b = begin();
    my ($type, $body) = Eb::Browser::encode_multipart([_ticket => ticket($b), $field => Eb::Files::make('a.pdf')]);
    my ($boundary) = $type =~ /boundary=(.*)/;
    my %bad = (
        'no boundary'         => ['multipart/form-data', $body],
        'another multipart'   => ["multipart/mixed; boundary=$boundary", $body],
        'a preamble'          => [$type, "hallo\r\n$body"],
        'lines of LF'         => [$type, $body =~ s/\r\n/\n/gr],
        'no end'              => [$type, $body =~ s/--\r\n\z//r],
        'a folded header'     => [$type, $body =~ s/form-data; name/form-data;\r\n name/r],
        'filename*'           => [$type, $body =~ s/filename="a\.pdf"/filename*=utf-8''a.pdf/r],
        'a transfer encoding' => [$type, $body =~ s/Content-Type: application/Content-Transfer-Encoding: base64\r\nContent-Type: application/r],
    );
    for my $name (sort keys %bad) {
        my ($t, $content) = @{ $bad{$name} };
        my $res = $b->request('POST', $path, content => $content, headers => { 'content-type' => $t });
        like $res->{status}, qr/^(?:400|415)$/, "$name: $res->{status}";
    }
    is_deeply [shown($b)], ['a.pdf'], 'only the file that was whole before its body broke off is in the answers';
};

$server->expect(qr/EB03|EB0718/);
unlike $server->log, qr/Pass Seite|Übersetzung|passwd/, 'no file name is logged';
$server->log_is_clean;
done_testing;
