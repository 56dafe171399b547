# How far an application has got, asked with its number and code: every state of a job, in words for people; the same answer for a wrong
# code and an unknown number; without cookie, without draft, and, with an outbox in a folder, without Redis.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Browser;
use Eb::Journey;
use Eb::Server;
use Test::More;
use Time::HiRes qw(sleep);
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

sub sent {
    my ($server) = @_;
    my $b = Eb::Browser->new($server);
    my $receipt = Eb::Journey->new($b, Eb::Journey::promised(Eb::Journey::fixture('01-ledige-person')))->fill->send;
    my ($code) = $receipt->{text} =~ m{name='code' value='([^']+)'};
    return ($b, Eb::Journey::number($receipt), $code, $receipt);
}

sub ask {
    my ($b, $number, $code, $language) = @_;
    return $b->post(join('/', '/antrag', $language // (), 'status'), [nummer => $number, code => $code, _weiter => 1]);
}

# Asks until the answer looks like this: delivery goes its own way.
sub ask_until {
    my ($b, $number, $code, $pattern) = @_;
    my $res;
    for (1 .. 600) { $res = ask($b, $number, $code); last if $res->{text} =~ $pattern || $res->{status} == 429; sleep 0.1 }
    return $res;
}

my @languages = map { m{([^/]+)\.mo$} } glob Eb::Server::build() . '/stage/share/languages/*.mo';
my $server = Eb::Server->new(server => "EinbuergerungLanguages de @languages");
my ($owner, $number, $code, $receipt) = sent($server);
like $code, qr/^(?:[2-9CDFHJKMNPQRTWXY]{6}-){2}[2-9CDFHJKMNPQRTWXY]{6}$/, 'the receipt has a code';
like $receipt->{text}, qr{http://127\.0\.0\.1:$server->{port}/antrag/status}, '… and where to ask';
is $owner->submit({ nummer => $number, code => $code })->{status}, 200, 'and a button that asks';
is scalar $server->await_inbox(1, 60), 1, 'it is delivered';

my $b = Eb::Browser->new($server);
is $b->get('/antrag/status')->{status}, 200, 'the page that asks';
ok !$b->{last}{headers}{'set-cookie'}, '… without a cookie';
is_deeply [sort keys %{ $b->form->{fields} }], [qw(code nummer)], '… for two things';
my $res = ask_until($b, $number, $code, qr/bei der Behörde angekommen/);
is $res->{status}, 200, 'anybody who has both';
like $res->{text}, qr/Ihr Antrag ist bei der Behörde angekommen/, '… is told where it is';
like $res->{text}, qr/Entschieden ist damit noch nichts/, '… and what that does not mean';
unlike $res->{text}, qr/angenommen/, '… in no word that promises more';
like $res->{text}, qr/\Q$number/, '… of which application';
like $res->{text}, qr/\d\d\.\d\d\.\d{4}, \d\d:\d\d:\d\d ME/, '… and when';
like $res->{headers}{'cache-control'}, qr/no-store/, '… not to be kept';
is ask($b, lc $number =~ s/-/ /gr, lc $code =~ s/-//gr)->{status}, 200, 'however it is typed';

subtest 'what does not fit' => sub {
    my ($other_owner, $other_number, $other_code) = sent($server);
    my $wrong   = ask($b, $number, $other_code);
    my $unknown = ask($b, 'EB-2026-7K4M-92QX-' . check_sign('EB-2026-7K4M-92QX-'), $code);
    is $wrong->{status}, 422, 'a wrong code';
    is $unknown->{status}, 422, 'an unknown number';
    s{<input [^>]*>}{}g for $wrong->{text}, $unknown->{text};
    is $wrong->{text}, $unknown->{text}, '… get the same answer';
    like $wrong->{text}, qr/keinen Antrag/, '… that says so';
    $res = ask($b, 'EB-2026-7K4M-92QX', substr $code, 1);
    like $res->{text}, qr{href='#nummer'.*href='#code'}s, 'typing errors are told one by one';
    like $res->{text}, qr/Sie haben 17 eingegeben/, '… with what is wrong';
    is ask($b, $number, '')->{status}, 422, 'no code';
    is ask(Eb::Browser->new($server, headers => { origin => 'https://boese.example' }), $number, $code)->{status}, 403, 'from another site';
    like $b->get("/antrag/status?nummer=$number&code=$code")->{text}, qr/Bitte|Haben Sie/, 'in an address both are ignored';
    unlike $b->{last}{text}, qr/\Q$number/, '… altogether';
};

# The one check sign that a number may have, tried out.
sub check_sign {
    my ($start) = @_;
    for my $sign (split //, '23456789CDFHJKMNPQRTWXY') {
        return $sign if ask($b, $start . $sign, $code)->{text} !~ /nicht vollständig/;
    }
    die 'no number is good';
}

subtest 'the draft is long gone' => sub {
    $owner->open('/antrag/loeschen');
    like $owner->{last}{text}, qr/abgesendeter Antrag ist davon nicht betroffen/, 'deleting the copy is told as what it is';
    $owner->submit({});
    $server->redis('FLUSHALL');
    is ask($b, $number, $code)->{status}, 200, 'the answer stays';
    $server->stop_redis;
    is ask($b, $number, $code)->{status}, 200, 'also without Redis';
    $server->start_redis;
};

# Every state that a job can be in, by its file.
subtest 'states' => sub {
    my ($job) = grep { Eb::Server::slurp($_) =~ /$number/ } glob "$server->{dir}/spool/05711000/done/*.job" or return fail 'no record';
    my $text = Eb::Server::slurp($job);
    my ($uuid) = $job =~ m{([^/]+)\.job$};
    my $set = sub {
        my (%o) = @_;
        my $language = delete $o{language};
        my $changed  = $text;
        $changed =~ s/("$_": )(?:"[^"]*"|\d+)/$1$o{$_}/ for keys %o;
        open my $fh, '>', $job or die $!;
        print $fh $changed;
        close $fh;
        return ask($b, $number, $code, $language)->{text};
    };
    like $set->(state => '"queued"'), qr/eingegangen<.*wird an die Behörde übermittelt/s, 'queued: received';
    like $set->(state => '"announced"'), qr/wird an die Behörde übermittelt/, 'announced: received';
    like $set->(state => '"attached"'), qr/wird an die Behörde übermittelt/, 'attached: received';
    like $set->(state => '"submitted"'), qr/Ihr Antrag ist übermittelt/, 'submitted: handed over';
    like $set->(state => '"confirmed"'), qr/bei der Behörde angekommen/, 'confirmed: arrived';
    like $set->(state => '"purged"'), qr/bei der Behörde angekommen/, 'purged: arrived';
    my $held = $set->(state => '"held"', before => '"queued"');
    like $held, qr/Übermittlung stockt.*Sie müssen nichts tun/s, 'held: a problem, and nothing to do';
    unlike $held, qr/EB\d{4}|Redis|HTTP|$uuid/, '… without technical words';
    my $astray = $set->(state => '"held"', before => '"submitted"');
    like $astray, qr/ist übermittelt.*Empfang ist noch zu klären.*keinen zweiten Antrag/s, 'held after it was handed over: both are said';
    like $astray, qr/An die Behörde übermittelt<.*?erledigt.*?angekommen<.*?noch nicht/s, '… by the stations as well';
    my $late = $set->(state => '"queued"', accepted => (time - 90_000) . '000000');
    like $late, qr/länger als üblich/, 'queued since yesterday: late';
    my ($title) = $late =~ m{<h1[^>]*>(.*?)</h1>};
    is $title, 'Stand Ihres Antrags', 'all of them on one page';

    # A receiver's "accepted" and "rejected" are about bytes. Whoever waits for a decision must not take one for the other, in any language.
    my %decided = (
        'de' => 'angenommen|anerkannt|bewilligt|genehmigt|abgelehnt|zurückgewiesen', 'en' => 'accept|approv|granted|reject|refus|denied',
        'es' => 'acept|aprob|conced|rechaz|deneg', 'fr' => 'accept|approuv|accord|refus|rejet', 'pl' => 'przyję|przyjm|akcept|zatwierdz|odrzuc|odmo',
        'ro' => 'accept|aprob|admis|respin|refuz', 'ru' => 'принят|прием|одобр|удовлетвор|отклон|отказ', 'uk' => 'прийня|схвал|задовол|відхил|відмов',
        'tr' => 'kabul|uygun bul|redded|reddi', 'ar' => 'قبول|قُبل|قبلت|موافق|رفض', 'fa' => 'پذیرف|پذیرش|موافق|قبول|رد شد');
    my %german;
    for my $language ('de', @languages) {
        my $words = $decided{ $language =~ s/-.*//r } or fail("$language: which words would promise too much?") or next;
        $server->redis('FLUSHALL');    # tries are counted
        for (['arrived', state => '"confirmed"'], ['handed over', state => '"submitted"'], ['rejected', state => '"held"', before => '"submitted"']) {
            my ($name, %o) = @$_;
            my ($main) = $set->(%o, language => $language) =~ m{(<h2 class='kern-title'>.*?)</main>}s or fail("$language: no answer") or next;
            unlike $main, qr/$words/i, "$language, $name: nobody has decided";
            $german{$name} //= $main;
            isnt $main, $german{$name}, '… and it is no German' if $language ne 'de';
        }
    }
};

subtest 'an outbox in Redis' => sub {
    my $shared = Eb::Server->new(server => 'EinbuergerungOutbox redis');
    my ($o, $n, $c) = sent($shared);
    is scalar $shared->await_inbox(1, 60), 1, 'delivered';
    like ask_until(Eb::Browser->new($shared), $n, $c, qr/bei der Behörde angekommen/)->{text}, qr/bei der Behörde angekommen/, 'answers alike';
    $shared->log_is_clean;
};

$server->expect(qr/EB040\d/);
my $log = $server->log . Eb::Server::slurp("$server->{dir}/log/access.log");
my $bare = $code =~ s/-//gr;
unlike $log, qr/\Q$code\E|$bare/, 'the code is in no log';
$server->log_is_clean;
done_testing;
