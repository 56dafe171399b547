package Eb::Chromium;

# Walks of t/browser/*.mjs, in Debian's Chromium by way of node; what they print becomes tests. They are told by one argument in JSON
# where the server is and what else they need.

use strict;
use warnings;
use utf8;
use Encode qw(encode_utf8);
use Eb::Files;
use Eb::Journey;
use Eb::Server;
use File::Temp ();
use JSON::PP;
use Test::More ();

my $root = Eb::Server::root();

# What is missing, or undef.
sub missing {
    return 'no Chromium (package chromium)' unless program();
    return 'no playwright-core or axe-core (npm ci)' unless -d "$root/node_modules/playwright-core" && -d "$root/node_modules/axe-core";
    return 'no node' if system('command -v node >/dev/null');
    my $version = qx(node --version) =~ /v(\d+)/ ? $1 : 0;
    return $version < 18 ? "node $version is too old for playwright-core" : undef;
}

sub program { return (grep { -x } '/usr/bin/chromium', '/usr/bin/chromium-browser')[0] }

sub or_skip { my $missing = missing(); Test::More::plan(skip_all => $missing) if $missing }

# A folder with the documents that these fixtures name, and one of a kind that is refused.
sub documents {
    my $folder = File::Temp->newdir('eb-files-XXXXXX', TMPDIR => 1);
    my $save   = sub {
        my ($name, $data) = @_;
        open my $fh, '>:raw', "$folder/" . encode_utf8($name) or die "$name: $!";
        print $fh $data;
        close $fh;
    };
    for my $name (@_) {
        for (map { split / \| / } values %{ Eb::Journey::fixture($name) }) { $save->($2, Eb::Files::make($2, $1 > 200_000 ? 200_000 : $1)->{data}) if /^datei (\d+) (.*)/ }
    }
    $save->('brief.docx', "PK\x03\x04" . 'x' x 500);
    return $folder;
}

# What a person brings who has begun elsewhere.
sub cookie { my ($b) = @_; my ($name, $value) = %{ $b->{cookies} }; return { name => $name, value => $value } }

# Runs one script with a server; returns how many lines it said, which are kept until the next one runs.
our @said;
sub walk {
    my ($script, $server, %more) = @_;
    my $told = encode_json({ base => "http://127.0.0.1:$server->{port}", chromium => program(), root => $root, %more });
    open my $node, '-|', 'node', "$root/t/browser/$script", $told or die $!;
    @said = ();
    while (<$node>) {
        utf8::decode($_);
        push @said, $1 if /^(?:not )?ok (.*)/;
        if    (/^ok (.*)/)     { Test::More::pass($1) }
        elsif (/^not ok (.*)/) { Test::More::fail($1) }
        else                   { Test::More::diag($_ =~ s/\n//r) }
    }
    close $node;
    Test::More::is($?, 0, "$script ran to its end");
    return scalar @said;
}

1;
