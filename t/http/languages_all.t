# Every page that an empty draft can see, in every language: it says which one it is in and which way it runs, nothing on it has fallen
# back to German but what is German on purpose, no {name} is left unfilled, and dates are understood as its speakers write them.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Browser;
use Eb::Journey;
use Eb::Server;
use Encode qw(decode_utf8);
use Test::More;
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

my @languages = map { m{([^/]+)\.mo$} } glob Eb::Server::build() . '/stage/share/languages/*.mo';
plan skip_all => 'no catalogues (msgfmt is missing)' unless @languages;
my $s = Eb::Server->new(server => "EinbuergerungLanguages de @languages");
my $b = Eb::Browser->new($s, keep_alive => 1);
$b->get(Eb::Journey::first_page($s));

my $form = decode_utf8(Eb::Server::slurp("$FindBin::Bin/../../schemas/forms/einbuergerung.xml"));
my @steps = map { m{<eb:step id="([^"]+)"} } split /\n/, $form;
my @pages = grep { $b->get("/antrag/de/$_")->{status} == 200 } '', 'aufgaben', 'pruefen', @steps;
cmp_ok scalar @pages, '>', 40, 'many pages: ' . @pages;

# What is left of a page in another language when what is German on purpose is taken away.
sub without_german {
    my ($html) = @_;
    $html =~ s{<div class='ez-prose' lang='de' dir='ltr'>.*?</div>}{}gs;    # binding
    $html =~ s{<span lang='de' dir='ltr'>.*?</span>}{}gs;
    $html =~ s{<(a|button)[^>]*\blang='de'[^>]*>Deutsch</\1>}{}g;           # the switcher
    $html =~ s{ data-[a-z-]+='[^']*'}{}g;                                    # sentences that the script completes
    return $html;
}

# Texts that only a fallback could bring: sentences of the form as they are in German.
my %german = map { $_ => 1 } grep { /\w+ \w+ \w+/ } map { m{<xf:(?:label|hint|alert)>([^<]+)</xf:} } split /\n/, $form;

for my $language (@languages) {
    my $plain = $language =~ /^de-/;    # which leaves the form as it is
    my $head  = sprintf "<html lang='%s' dir='%s'>", $language, $language =~ /^(?:ar|fa)$/ ? 'rtl' : 'ltr';
    my (@bad, @head, @fallback, @hole);
    for my $page (@pages) {
        my $res  = $b->get("/antrag/$language/$page");
        my $html = without_german($res->{text});
        push @bad,  "$page: $res->{status}" if $res->{status} != 200 || ($res->{headers}{'content-language'} // '') ne $language;
        push @head, $page unless index($html, $head) >= 0;
        push @hole, "$page: $1" if $html =~ /(\{[A-Za-z_]+\})/;
        next if $plain;
        push @fallback, "$page: $1" if $html =~ /(<[^>]*\slang=['"]de['"][^>]*>[^<]*)/;
        push @fallback, "$page: $_" for grep { $german{$_} } $html =~ />([^<>]{12,})</g;
    }
    is_deeply \@bad,      [], "$language: every page is there";
    is_deeply \@head,     [], "$language: and says so";
    is_deeply \@hole,     [], "$language: nothing is unfilled";
    is_deeply \@fallback, [], "$language: nothing has fallen back to German";
}
# --- lists of states: in the order of the language, which is not that of Unicode, with the German name beside each
my %order = (tr => [qw(Çad Çekya Çin Danimarka)], pl => [qw(Luksemburg Łotwa Malawi)], uk => [qw(Еритрея Ефіопія Ємен)], es => [qw(Chile China Chipre Colombia)],
    fr => ['Danemark', 'Égypte', 'Émirats arabes unis', 'Espagne'], ro => [qw(Elveția Eritreea Estonia Franța)], ru => [qw(Албания Алжир Япония)],
    en => [qw(Albania Algeria Zambia)], ar => [qw(ألبانيا إسبانيا اليابان)], fa => [qw(آلبانی بلژیک پاکستان ترکیه چین ژاپن گرجستان)]);
for my $language (sort keys %order) {
    my ($list) = $b->get("/antrag/$language/staatsangehoerigkeiten/1")->{text} =~ m{<optgroup[^>]*>.*?</optgroup>.*?(<optgroup.*?</optgroup>)}s or next;
    my @names  = map { s/[\x{2066}-\x{2069}]//gr } $list =~ m{<option [^>]*>([^<]+)</option>}g;
    my @place  = map { my $want = $_; my ($at) = grep { $names[$_] =~ /^\Q$want\E(?: |$)/ } 0 .. $#names; $at // -1 } @{ $order{$language} };
    ok !(grep { $place[$_] <= ($_ ? $place[$_ - 1] : -1) } 0 .. $#place), "$language: " . join(', ', @{ $order{$language} }) . " are number @place";
    is_deeply [grep { /\(([^()]+)\) \(\1\)/ } @names], [], '… none with a German name twice';
    my @alone = grep { !/\(.*[A-Za-zÄÖÜäöüß].*\)/ } @names;
    cmp_ok scalar @alone, '<', $language =~ /^(?:ar|fa|ru|uk)$/ ? 5 : 70, '… with the German name, but for ' . @alone . ' that are the same';
}

# --- numbers of mistakes, in the form that the language has for each; Perl reads the rule as C does
for my $language (@languages) {
    my $po = decode_utf8(Eb::Server::slurp("$FindBin::Bin/../../schemas/po/$language.po"));
    my ($rule) = $po =~ /plural=([^;]+);/;
    my @forms = $po =~ /msgid_plural "Bitte prüfen Sie \{count\} Angaben"\n((?:msgstr\[\d\] ".*"\n)+)/ ? $1 =~ /"(.*)"/g : ();
    my %title;
    for my $page (qw(name einreise kontakt familienstand)) {
        $b->get("/antrag/$language/$page");
        my $html = $b->submit({})->{text} // '';
        my ($title, $items) = $html =~ m{<h2 class='kern-title' id='fehler-titel'>([^<]+)</h2>.*?<ul[^>]*>(.*?)</ul>}s or next;
        my $n = () = $items =~ /<li>/g;
        my $form = eval($rule =~ s/\bn\b/$n/gr) || 0;
        $title{$n} = $title eq $forms[$form] =~ s/\{count\}/$n/gr ? 'good' : "$title, not $forms[$form]";
    }
    is_deeply [grep { $_ ne 'good' } values %title], [], "$language: " . join(', ', sort keys %title) . ' mistakes';
    cmp_ok scalar keys %title, '>', 1, '… and one as well as several';
}

# --- dates as people write them: months by their names, declined as well, and digits of other scripts
my @dates = qw(aufenthalt.einreise_am aufenthalt.rechtmaessig_seit);
sub understood {
    my ($language, @two) = @_;
    my $page  = "/antrag/$language/einreise";
    my %typed = map { my $n = $_; map { ("$dates[$n].$_" => $two[$n]{$_}) } qw(tag monat jahr) } 0 .. $#two;
    $b->get($page) if ($b->{last}{path} // '') ne $page;
    $b->post($page, [@{ $b->form->{hidden} }, %typed, _sprache => 1]);
    my $html = $b->get($page)->{text};
    return map { my $date = $_; join '.', map { $html =~ /name='\Q$date.$_\E'[^>]* value='([^']*)'/ ? $1 : '?' } qw(tag monat jahr) } @dates[0 .. $#two];
}
sub typed { my %t; @t{qw(tag monat jahr)} = @_; return \%t }
my @months = qw(Januar Februar März April Mai Juni Juli August September Oktober November Dezember);
my %also   = (ru => { мая => 5, августа => 8, МАРТА => 3 }, uk => { лютого => 2, листопада => 11 }, pl => { stycznia => 1, lutego => 2, MAJA => 5 },
    tr => { ŞUBAT => 2, Agustos => 8, 'Eyl.' => 9 }, ar => { 'اكتوبر' => 10, 'تشرين الثاني' => 11 }, fa => { 'آوریل' => 4 }, fr => { aout => 8, 'déc.' => 12 },
    en => { Sept => 9 }, es => { 'ene.' => 1 }, ro => { iul => 7 });
for my $language (grep { !/^de-/ } @languages) {
    my $po    = decode_utf8(Eb::Server::slurp("$FindBin::Bin/../../schemas/po/$language.po"));
    my %said  = $po =~ /^msgid "(.+)"\nmsgstr "(.+)"$/mg;
    my %month = map { my $n = $_; map { ($_ => $n) } split m{/}, $said{ $months[$n - 1] } } 1 .. 12;
    %month = (%month, %{ $also{$language} || {} });
    my (@names, %got) = sort keys %month;
    while (my @two = splice @names, 0, 2) { @got{@two} = understood($language, map { typed(12, $_, 1990) } @two) }
    is_deeply \%got, { map { ($_ => "12.$month{$_}.1990") } keys %month }, "$language: " . keys(%month) . ' names of months are understood';
}
is_deeply [understood('ar', typed('١٢', '٣', '١٩٩٠'), typed('', '', '٢٠١٥'))], ['12.3.1990', '..2015'], 'Arabic digits';
is_deeply [understood('fa', typed('۱۲', 'مارس', '۱۹۹۰'), typed('۱۳۹۰/۲/۳', '', ''))], ['12.3.1990', '3.2.1390'], 'Persian digits, a name, and all in one';
is_deeply [understood('tr', typed('12', 'Brezen', '1990'))], ['12.Brezen.1990'], 'what is no month stays as it was typed';
$s->log_is_clean;
done_testing;
