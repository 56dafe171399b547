# The catalogues: gettext accepts them, their {names} and markup are those of the German, and the template is complete enough that
# every German text in the rows of texts.def can be translated.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Source;
use Test::More;

plan skip_all => 'msgfmt is not installed' if system 'command -v msgfmt >/dev/null';
my $report = qx{'$Eb::Source::root/schemas/po/check' 2>&1};
is $?, 0, 'schemas/po/check finds no fault' or diag $report;
my $template = Eb::Source::read_file('schemas/po/einbuergerung.pot');
my @rows     = Eb::Source::read_file('page/texts.def') =~ /^EB_TEXT\(\w+, "((?:[^"\\]|\\.)*)"\)/mg;
my @lost     = grep { index($template, "msgid \"$_\"\n") < 0 } @rows;
cmp_ok scalar @rows, '>', 300, scalar(@rows) . ' rows';
cmp_ok scalar @lost, '<=', 10, 'the template knows them (make pot)' or diag join "\n", @lost;
done_testing;
