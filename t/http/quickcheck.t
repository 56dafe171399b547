# The Quick-Check at the door: whole people through its pages, as a browser without JavaScript goes, and nothing of it anywhere else:
# no cookie, no Redis, no answer in a log.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Browser;
use Eb::Server;
use Encode qw(decode_utf8);
use Test::More;

my $server = Eb::Server->new(server => <<CONF);
<Location "/quickcheck">
    SetHandler einbuergerung
    EinbuergerungForm quickcheck
</Location>
CONF
my $data = Eb::Server::root() . '/t/unit/data/quickcheck';

sub lines { my ($name) = @_; open my $fh, '<:encoding(UTF-8)', "$data/$name.txt" or die "$name: $!"; return map { s/\R//r } <$fh> }

# { name => { answers => { path => value }, found => [ids], verdict => kind } }
sub people {
    my (%people, $at);
    my %basis = map { /^(\w\S+) = (.*)/ ? ($1 => $2) : () } lines('basis');
    for (lines('menschen')) {
        if    (/^\[(\S+?),? /)     { $at = $people{$1} = { answers => {%basis}, found => [] } }
        elsif (/^(\w\S+) = (.*)/) { $at->{answers}{$1} = $2 }
        elsif (/^\+ ([^,]+),/)    { push @{ $at->{found} }, $1 }
        elsif (/^= (\w+)/)        { $at->{verdict} = $1 }
    }
    return %people;
}

my $form = decode_utf8(Eb::Server::slurp(Eb::Server::root() . '/schemas/forms/quickcheck.xml'));
my %text = $form =~ m{<eb:finding id="([^"]+)".*?<xf:label>(.*?)</xf:label>}gs;
my %title = $form =~ m{<eb:verdict kind="(\w+)">\s*<xf:label>(.*?)</xf:label>}gs;

# What is asked on the page at hand, from the answers; a date in its three fields.
sub page_values {
    my ($page, $answers) = @_;
    my %values;
    for my $name (@{ $page->{order} }) {
        my ($path, $part) = $name =~ /^(.*?)(?:\.(tag|monat|jahr))?$/;
        my $value = $answers->{ $path =~ s{\.}{/}gr } // '';
        if ($part) {
            my ($year, $month, $day) = split /-/, $value;
            $value = { tag => $day, monat => $month, jahr => $year }->{$part} // '';
        }
        my $type = $page->{fields}{$name}{type};
        $values{$name} = $type eq 'checkbox' ? [split / /, $value] : $type eq 'radio' ? [$value] : $value;
    }
    return \%values;
}

sub walk {
    my ($b, $answers) = @_;
    my $res = $b->get('/quickcheck/fragen');
    my $pages = 0;
    while ($res->{text} =~ /name='_weiter'/ && $pages++ < 20) {
        $res = $b->submit(page_values($b->form, $answers));
        return $res if $res->{status} != 200;
    }
    return $res;
}

sub verdict  { my ($res) = @_; return $res->{text} =~ m{<h2 class='kern-title'>(.*?)</h2>} ? $1 : '' }
sub findings { my ($res) = @_; return [sort $res->{text} =~ m{<li class='ez-finding'>.*?kern-body--bold'>(.*?)</p>}gs] }

my %people = people();
$server->redis('CONFIG', 'RESETSTAT');

my $b   = Eb::Browser->new($server);
my $res = $b->get('/quickcheck/');
is $res->{status}, 200, 'the first page';
is $res->{headers}{'cache-control'}, 'no-store', '… is not stored';
like $res->{text}, qr{href='/quickcheck/fragen'}, '… leads to the questions';
like $res->{text}, qr/Rechtsstand: Staatsangehörigkeitsgesetz .*? 30\.12\.2025, Fassung 2026-11/, '… says which law it knows';
like $b->get('/antrag/')->{text}, qr{href='/quickcheck/'}, 'the application offers it';

for my $name (qw(Ayşe Samir Kasia Mehmet Hanan Daniela Viktor Paul Ruth)) {
    my $who = $people{$name} or die "nobody is called $name";
    $res = walk($b, $who->{answers});
    is $res->{status}, 200, "$name gets a result" or diag $res->{text} =~ /(<div class='kern-alert.*?<\/div><\/div>)/s;
    is verdict($res), $title{ $who->{verdict} }, '… with the verdict';
    is_deeply findings($res), [sort map { $text{$_} } @{ $who->{found} }], '… and the findings';
    like $res->{text}, qr/unverbindlich.*Die Entscheidung trifft die Einbürgerungsbehörde/, '… that decides nothing';
    is $res->{headers}{'cache-control'}, 'no-store', '… and is not stored';
}
like $res->{text}, qr{href='/antrag/'}, 'a result leads to the application, whatever it is';

# errors, and the way back
$b->get('/quickcheck/fragen');
$res = $b->submit({});
is $res->{status}, 422, 'an empty page is not taken';
like $res->{text}, qr/<title>Fehler: .*?id='fehler'.*?href='#person\.alter'/s, '… and says what is missing';
my %ayse = %{ $people{Ayşe}{answers} };
$b->get('/quickcheck/fragen');
$b->submit(page_values($b->form, \%ayse));
$res = $b->submit({ 'fall.status.titel' => '9' });
is $res->{status}, 422, 'so on the second page';
like $res->{text}, qr{type='hidden' name='person\.alter' value='ab18'}, '… which still carries the first';
like $res->{text}, qr{<option value='9' selected}, '… and what was chosen on it';
my $page = $b->form;
$res = $b->post($page->{action}, [@{ $page->{hidden} }, 'fall.status.identitaet' => 'pass', _zu => 'person']);
is $res->{status}, 200, 'back without errors';
is_deeply $b->form->{fields}{'person.alter'}{values}, ['ab18'], '… to what was answered';
my %carried = @{ $b->form->{hidden} };
is $carried{'fall.status.identitaet'}, 'pass', '… and what was begun is carried along';

# whoever writes the request by hand
my @whole = map { my $p = $_; my $n = $p =~ s{/}{.}gr; $p =~ m{/(?:seit|ende|sperrfrist)$} ? ("$n.tag" => $ayse{$p}) : ($n => $ayse{$p}) } grep { $_ ne 'heute' } sort keys %ayse;
is $b->post('/quickcheck/fragen', [@whole, _seite => 'werte'])->{status}, 200, 'all answers at once come to the result';
is verdict($b->{last}), $title{met}, '… the same';
is $b->post('/quickcheck/fragen', [_seite => 'werte'])->{status}, 422, 'the last page alone leads to the first one that is open';
for ([[@whole, 'person.name' => 'x'], 400, 'a field that there is not'], [[@whole, 'person.alter' => 'ab18'], 400, 'a field twice'],
    [[@whole, 'person.alter' => 'alt'], 400, 'a choice that there is not'], ["a=%zz", 400, 'no encoding'], ['a=' . 'x' x 300_000, 413, 'too much'])
{
    my ($body, $status, $what) = @$_;
    $res = $b->post('/quickcheck/fragen', $body);
    is $res->{status}, $status, "$what: $status";
    unlike $res->{text}, qr{/aufgaben|Entwurf}, '… and no word of drafts';
}
is $b->post('/quickcheck/fragen', \@whole, headers => { origin => 'https://evil.example' })->{status}, 403, 'nor from another site';
is $b->request('PUT', '/quickcheck/fragen')->{status}, 405, 'PUT is not possible';
is $b->post('/quickcheck/', \@whole)->{status}, 405, 'nor a POST to the first page';
is $b->get("/quickcheck/$_")->{status}, 404, "there is no /$_" for qw(aufgaben person pruefen quittung fragen/);

# nothing is left anywhere
ok !%{ $b->{cookies} }, 'no cookie was ever set';
is_deeply [grep { !/^(?:config|info)/ } sort keys %{ $server->redis_calls }], [], 'Redis was never asked';
is scalar $server->redis_keys, 0, 'and has nothing';
my %marked = (%ayse, 'fall/recht/strafen' => 'strafe', 'fall/strafe/tagessaetze' => 7391, 'fall/aufenthalt/monate' => 8642);
$b->{cookies}{'eb-quickcheck'} = 'A' x 43;
is walk($b, { %marked, 'fall/aufenthalt/monate' => 86 })->{status}, 200, 'a foreign cookie disturbs nobody';
is walk($b, \%marked)->{status}, 422, 'an answer that is too large';
my @logs = glob "$server->{dir}/log/*";
cmp_ok scalar @logs, '>=', 2, 'there are logs';
for my $log (@logs) {
    my $said = Eb::Server::slurp($log);
    unlike $said, qr/7391|8642|ab18|tagessaetze|wohnsitz/, 'no answer in ' . $log =~ s{.*/}{}r;
}
my %paths;
$paths{$_}++ for Eb::Server::slurp("$server->{dir}/log/access.log") =~ m{ (/quickcheck\S*) }g;
is_deeply [grep { m{^/quickcheck/(?:fragen)?$} } sort keys %paths], ['/quickcheck/', '/quickcheck/fragen'], 'the access log has two addresses for everything';

# and nothing is needed
$server->stop_redis;
is walk($b, \%ayse)->{status}, 200, 'it works while Redis is away';
$server->log_is_clean;
done_testing;
