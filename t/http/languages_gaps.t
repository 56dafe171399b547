# A catalogue from which translations are missing: what is missing is said in German, marked as German among the words of the other
# language, and counted for the operator, each text once; a form of which too much is missing is not offered in that language by itself.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Browser;
use Eb::Journey;
use Eb::Server;
use Encode qw(decode_utf8 encode_utf8);
use JSON::PP qw(decode_json);
use Test::More;
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

plan skip_all => 'no catalogues (msgfmt is missing)' unless -e Eb::Server::build() . '/stage/share/languages/ar.mo';
my $status = '/einbuergerung-status';
my $s      = Eb::Server->new(start => 0, server => "EinbuergerungLanguages de ar\n<Location $status>\nSetHandler einbuergerung-status\n</Location>");
my $share  = "$s->{dir}/teile";
mkdir $_ for $share, "$share/languages";
symlink $_, "$share/" . s{.*/}{}r for grep { !m{/languages$} } glob "$s->{stage}/share/*";
my $conf = $s->conf_text =~ s{^EinbuergerungShare .*}{EinbuergerungShare "$share"}mr;
$s->write_conf($conf);

# The catalogue of the build without these texts.
our $whole = decode_utf8(qx{msgunfmt --no-wrap '$s->{stage}/share/languages/ar.mo'});
sub install {
    my @lost = @_;
    my $text = $whole;
    for (@lost) { my $id = s/"/\\"/gr; $text =~ s/^msgid "\Q$id\E"\nmsgstr ".+"$/msgid "$id"\nmsgstr ""/m or die "not in the catalogue: $_" }
    open my $po, '|-', 'msgfmt', "--output-file=$share/languages/ar.mo", '-' or die $!;
    print $po encode_utf8($text);
    close $po or die 'msgfmt failed';
}
sub get { my ($path) = @_; return Eb::Browser->new($s)->get($path) }
sub counted {
    my ($all) = decode_json(encode_utf8(get("$status?format=json")->{text}))->{languages};
    return (grep { $_->{language} eq 'ar' } @$all)[0];
}

my $form   = decode_utf8(Eb::Server::slurp(Eb::Server::root() . '/schemas/forms/einbuergerung.xml'));
my ($step) = $form =~ m{<eb:step id="einreise">(.*?)</eb:step>}s or die 'the form has changed its shape';
my ($title) = $step =~ m{<xf:label>([^<]+)</xf:label>};
my ($label) = $step =~ m{<xf:(?:select1|input)[^>]*>\s*<xf:label>([^<]+)</xf:label>};
my ($item)  = $step =~ m{<xf:item>\s*<xf:label>([^<]+)</xf:label>};
my @lost    = ($title, $label, $item, 'Speichern und weiter');
my $german  = sub { my ($text) = @_; $text =~ s/'/&#39;/g; return qr{<span lang='de' dir='ltr'>\Q$text\E</span>} };

install();
$s->start_redis;
$s->start;
my $before = counted();
is $before->{untranslated}, 0, 'a whole catalogue lacks nothing';
unlike get('/antrag/ar/einreise')->{text}, qr{<span lang='de'[^>]*>(?!Deutsch)}, '… and nothing is marked as German';
$s->stop;

install(@lost);
$s->start;
my $after = counted();
is $after->{untranslated}, scalar @lost, "of $after->{texts} texts these are missing: " . join ' | ', @lost;
is $after->{texts}, $before->{texts}, '… of the same number';
like get("$status?format=prometheus")->{text}, qr/^einbuergerung_untranslated_texts\{language="ar",[^}]*\} ${\ scalar @lost}$/m, '… as a metric';
my $page = get('/antrag/ar/einreise');
is $page->{headers}{'content-language'}, 'ar', 'the page is in its language all the same';
like $page->{text}, qr{<h1[^>]*>${\ $german->($title)}</h1>}, '… but for its title';
like $page->{text}, qr{<legend[^>]*>${\ $german->($label)}}, '… a question';
like $page->{text}, qr{<label[^>]*>${\ $german->($item)}</label>|<option value='[^']+' lang='de' dir='ltr'>\Q$item\E</option>}, '… an answer';
like $page->{text}, qr{<button[^>]*><span class='kern-label'>${\ $german->('Speichern und weiter')}</span></button>}, '… and a button, each as German';
like $page->{text}, qr{<title>[^<]*\Q$title\E[^<]*</title>}, '… without tags where none can be';
unlike get('/antrag/einreise')->{text}, qr{<span lang='de'}, 'on a German page German is nothing to mark';
$s->stop;

# --- texts of the code are asked for when something has gone wrong: the build counts them
my $root   = Eb::Server::root();
my ($po)   = map { decode_utf8(Eb::Server::slurp("$root/schemas/po/ar.po")) } 1;
my $fault  = 'Den Monat gibt es nicht. Bitte geben Sie eine Zahl von 1 bis 12 ein, zum Beispiel 3 für März.';
my ($said) = $whole =~ /^msgctxt "said"\nmsgid "texts"\nmsgstr "(\d+)"$/m;
$po =~ s/^(msgid "\Q$fault\E"\nmsgstr) ".+"$/$1 ""/m or die 'not in the catalogue';
open my $fh, '>', "$s->{dir}/ar.po" or die $!;
print $fh encode_utf8($po);
close $fh;
cmp_ok $said, '>', 100, "$said texts of the code";
like qx{'$root/schemas/po/lists.pl' ar '$s->{dir}/ar.po'}, qr/"texts"\nmsgstr "$said"\n\nmsgctxt "said"\nmsgid "missing"\nmsgstr "1"/, '… of which one is missing';
my $short = $whole =~ s/(msgctxt "said"\nmsgid "missing"\nmsgstr) "0"/$1 "7"/r;
{ local $whole = $short; install() }
$s->start;
is counted()->{untranslated}, 7, '… and told with the others';
$s->stop;

# --- by itself a language is offered when next to nothing is missing
my ($n, @many) = (0);
push @many, $1 while $whole =~ /^msgid "((?:[^"\\]|\\.)+)"\nmsgstr ".+"$/mg;
@many = grep { index($form, ">$_<") >= 0 } @many;
$s->write_conf($conf =~ s/EinbuergerungLanguages de ar//r);
for (['a few texts', 20, 200], ['every second text', scalar(@many) / 2, 404]) {
    my ($what, $count, $want) = @$_;
    install(@many[0 .. $count - 1]);
    $s->start;
    is(get('/antrag/ar/')->{status}, $want, "without $what: $want");
    $s->stop;
}
$s->start;
$s->log_is_clean;
done_testing;
