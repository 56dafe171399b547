# The catalogues: complete, accepted by gettext, their {names} and markup those of the German; and the template has every text that the
# sources have now, and no other.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Encode qw(encode_utf8);
use Eb::Source;
use File::Temp ();
use Test::More;
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

my ($root, $po) = ($Eb::Source::root, "$Eb::Source::root/schemas/po");
plan skip_all => 'gettext is not installed' if system 'command -v msgfmt >/dev/null && command -v xgettext >/dev/null';
my $folder = File::Temp->newdir('eb-po-XXXXXX', TMPDIR => 1);
$ENV{RELEASE} = 1;
my $report = qx{'$po/check' 2>&1};
is $?, 0, 'schemas/po/check finds no fault, and nothing missing' or diag $report;

# --- it would find them: a catalogue of one text, as it should be and with a fault
sub save { my ($name, $text) = @_; open my $fh, '>', "$folder/$name" or die $!; print $fh encode_utf8($text); close $fh; return "$folder/$name" }
my $header = qq(msgid ""\nmsgstr ""\n"Language: tr\\n"\n"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n)
    . qq("Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n"Last-Translator: x\\n"\n"Language-Team: x\\n"\n"PO-Revision-Date: 2026-11-26 12:00+0100\\n"\n)
    . qq("Project-Id-Version: x\\n"\n\n);
sub checked {
    my ($entry) = @_;
    my $said = qx{'$po/check' '${\ save('tr.po', $header . $entry)}' 2>&1};
    return $? ? $said =~ /: ([^:\n]+)(?:: .*)?\n  German/ ? $1 : 'wrong' : 'good';
}
my $german = 'msgid "Noch <strong>{count} Tage</strong>."';
for (['good', qq(msgstr "<strong>{count} gün</strong> kaldı.")], ['the {names} differ', qq(msgstr "<strong>{gun} gün</strong> kaldı.")],
    ['the markup differs', qq(msgstr "<em>{count} gün</em> kaldı.")], ['the markup is not well-formed', qq(msgstr "</strong>{count} gün<strong> kaldı.")],
    ['spaces at the beginning or end differ', qq(msgstr "<strong>{count} gün</strong> kaldı. ")], ['wrong', qq(msgstr "")]) {
    is checked("$german\n$_->[1]\n"), $_->[0], "… as in $_->[1]";
}
my $fuzzy = qq(#, fuzzy\n$german\nmsgstr "<strong>{count} gün</strong> kaldı."\n);
is checked($fuzzy), 'wrong', '… and what is fuzzy';
is checked(qq(msgid "{count} Tag"\nmsgid_plural "{count} Tage"\nmsgstr[0] "{count} gün"\n)), 'wrong', '… and a form that is missing';
delete $ENV{RELEASE};
is checked($_), 'good', 'while one works at it a text may be empty, or fuzzy' for "$german\nmsgstr \"\"\n", $fuzzy;

# --- the template is that of the sources
symlink "$po/$_", "$folder/$_" for qw(einbuergerung.its LINGUAS);
system "make -s -C '$root' pot po='$folder' >/dev/null 2>&1";
my ($is, $should) = map { my $file = $_; open my $fh, '<', $file or die "$file: $!"; local $/; <$fh> } "$po/einbuergerung.pot", "$folder/einbuergerung.pot";
ok $is eq $should, 'the template is up to the texts (make po-update)';
my @rows = Eb::Source::read_file('page/texts.def') =~ /^EB_TEXT\(\w+, "((?:[^"\\]|\\.)*)"\)/mg;
my $template = Eb::Source::read_file('schemas/po/einbuergerung.pot');
my @lost = grep { index($template, "\"$_\"\n") < 0 } @rows;
cmp_ok scalar @rows, '>', 300, scalar(@rows) . ' rows';
is_deeply \@lost, [], 'and knows them';
done_testing;
