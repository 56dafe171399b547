#!/usr/bin/perl
# What a catalogue says about code lists, for one language: names of states and nationalities out of Debian's iso-codes, through the
# mapping of Destatis' keys in staaten.tsv, and the order of every list that is sorted by name, by the collation of the language.
# Prints entries to be merged into its .po file: the context is the list's URN, the name a code, or "*" for the order of all codes. And how
# many texts there are in the code, which says them when something has gone wrong, and how many of these are missing: "said".
#   lists.pl LANGUAGE PO-FILE LIST.xml…
use strict;
use warnings;
use utf8;
use FindBin;
use Unicode::Collate::Locale;
binmode STDOUT, ':encoding(UTF-8)';

my ($language, $po, @lists) = @ARGV;
my $plain = $language =~ s/-.*//r;    # plain German names states as German does
my $lri   = "\x{2066}";               # German beside a name that runs from right to left
my $pdi   = "\x{2069}";
my $rtl   = $plain =~ /^(?:ar|fa|he|ur|ps|ku|ckb|sd|ug|yi)$/;

sub slurp { my $file = shift; open my $in, '<:encoding(UTF-8)', $file or die "$file: $!\n"; local $/; return <$in> }
sub quote { my $s = shift; $s =~ s/([\\"])/\\$1/g; return "\"$s\"" }

# Destatis' key -> ISO 3166-1
my %iso = map { /^(\d{3})\t([A-Z]{2})/ ? ($1, $2) : () } split /\n/, slurp("$FindBin::Bin/staaten.tsv");

# The translations of a .mo file, English -> theirs.
sub catalogue {
    my $domain = shift;
    for my $file (map {"/usr/share/locale/$_/LC_MESSAGES/$domain.mo"} $plain, "${plain}_" . uc $plain) {
        next unless -e $file;
        open my $pipe, '-|', 'msgunfmt', '--no-wrap', $file or die "msgunfmt: $!\n";
        binmode $pipe, ':encoding(UTF-8)';
        my (%says, $id, $context);
        while (<$pipe>) {
            $context = $1 if /^msgctxt "(.*)"/;
            $id      = $1 if /^msgid "(.*)"/;
            $says{$id} = $1 if /^msgstr "(.+)"/ && defined $id;
        }
        return \%says;
    }
    return {};
}

# ISO 3166-1 code -> English name, the common one where there is one.
sub english {
    my (%name, $code);
    my $json = slurp('/usr/share/iso-codes/json/iso_3166-1.json');
    for my $entry ($json =~ /\{([^{}]*)\}/g) {
        my %e = $entry =~ /"(\w+)":\s*"((?:[^"\\]|\\.)*)"/g;
        $name{ $e{alpha_2} } = [ grep { defined } @e{qw(common_name name)} ] if $e{alpha_2};
    }
    return \%name;
}

my ($says, $english) = $plain eq 'de' ? ({}, {}) : (catalogue('iso_3166-1'), english());

sub state_name {
    my $iso = $iso{ $_[0] } or return;
    for my $name (@{ $english->{$iso} || [] }) {
        return $name if $plain eq 'en';
        return $says->{$name} if defined $says->{$name};
    }
    return;
}

# "Arnavutluk (Albanien, albanisch)": what is German stays together, left to right. A translator may have put it there already.
sub beside {
    my ($name, $german) = @_;
    $german =~ s/ \((.*)\)$/, $1/;
    return $name if $name eq $german || $name =~ /\($lri?\Q$german\E$pdi?\)$/;
    return $rtl ? "$name ($lri$german$pdi)" : "$name ($german)";
}

my ($said, $unsaid) = (0, 0);
for (split /\n\n+/, slurp($po)) {
    my ($where) = /^#: (.*)/m or next;
    next if $where !~ m{^(?:base|form|page|httpd)/\w+\.c} || $where =~ m{texts\.def|schemas/};
    $said++;
    $unsaid++ if /^#, .*fuzzy/m || /^msgstr(?:\[\d\])? ""$/m;
}
print qq(msgctxt "said"\nmsgid "texts"\nmsgstr "$said"\n\nmsgctxt "said"\nmsgid "missing"\nmsgstr "$unsaid"\n\n);

my %translated;
{
    my ($id, $into) = ('');
    for (split /\n/, slurp($po)) {
        if    (/^msgid "(.*)"/)  { $id = $1; $into = \$id }
        elsif (/^msgstr "(.*)"/) { $translated{$id} = $1; $into = \$translated{$id} }
        elsif (/^"(.*)"/)        { $$into .= $1 }
    }
}

my $collator = Unicode::Collate::Locale->new(locale => $plain, level => 3);
for my $file (@lists) {
    my $list = slurp($file);
    my ($urn) = $list =~ /\burn="([^"]+)"/ or die "$file has no urn\n";
    next if $list =~ /\border="given"/;
    my $states = $urn =~ /schluessel:staat/;
    my (@codes, %name);
    while ($list =~ m{<code value="([^"]+)"[^>]*>([^<]+)</code>}g) {
        my ($code, $german) = ($1, $2);
        my $name = $states ? state_name($code) // $translated{$german} : $translated{$german};
        push @codes, $code;
        $name{$code} = defined $name && $name ne '' ? ($states ? beside($name, $german) : $name) : $german;
        printf "msgctxt %s\nmsgid %s\nmsgstr %s\n\n", quote($urn), quote($code), quote($name{$code}) if $states;
    }
    my %key = map { $_ => $collator->getSortKey($name{$_}) } @codes;
    printf "msgctxt %s\nmsgid \"*\"\nmsgstr %s\n\n", quote($urn),
        quote(join ' ', sort { $key{$a} cmp $key{$b} || $a cmp $b } @codes);
}
