# Every page that an empty draft can see, in every language: it says which one it is in and which way it runs, nothing on it has fallen
# back to German but what is German on purpose, and no {name} is left unfilled.
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

my @languages = map { m{([^/]+)\.mo$} } glob Eb::Server::build() . '/stage/share/languages/*.mo';
plan skip_all => 'no catalogues (msgfmt is missing)' unless @languages;
my $s = Eb::Server->new(server => "EinbuergerungLanguages de @languages");
my $b = Eb::Browser->new($s, keep_alive => 1);
$b->get(Eb::Journey::first_page($s));

my $form = Eb::Server::slurp("$FindBin::Bin/../../schemas/forms/einbuergerung.xml");
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
$s->log_is_clean;
done_testing;
