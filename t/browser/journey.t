# A whole application in headless Chromium, with axe-core on every page: 0 violations. Its documents are sent by the script of their pages;
# how the same goes without any is t/http's.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Files;
use Eb::Journey;
use Eb::Server;
use File::Temp;
use Test::More;

my $root = Eb::Server::root();
my ($chromium) = grep { -x } '/usr/bin/chromium', '/usr/bin/chromium-browser';
plan skip_all => 'no Chromium (package chromium)' unless $chromium;
plan skip_all => 'no playwright-core or axe-core (npm ci)' unless -d "$root/node_modules/playwright-core" && -d "$root/node_modules/axe-core";
plan skip_all => 'no node' if system('command -v node >/dev/null');
my $version = qx(node --version) =~ /v(\d+)/ ? $1 : 0;
plan skip_all => "node $version is too old for playwright-core" if $version < 18;

my $server = Eb::Server->new;
my $files  = File::Temp->newdir('eb-files-XXXXXX', TMPDIR => 1);
sub save { my ($name, $data) = @_; utf8::encode($name); open my $fh, '>:raw', "$files/$name" or die "$name: $!"; print $fh $data; close $fh }
for my $value (values %{ Eb::Journey::fixture('02-familie') }) {
    for (split / \| /, $value) { save($2, Eb::Files::make($2, $1 > 200_000 ? 200_000 : $1)->{data}) if /^datei (\d+) (.*)/ }
}
save('brief.docx', "PK\x03\x04" . 'x' x 500);
open my $node, '-|', 'node', "$FindBin::Bin/journey.mjs", "http://127.0.0.1:$server->{port}", $chromium, $root, 'famil', "$files" or die $!;
my $lines = 0;
while (<$node>) {
    if    (/^ok (.*)/)     { pass($1); $lines++ }
    elsif (/^not ok (.*)/) { fail($1); $lines++ }
    else                   { diag($_ =~ s/\n//r) }
}
close $node;
is $?, 0, 'the journey ran to its end';
cmp_ok $lines, '>', 40, "$lines pages looked at";
is scalar $server->await_inbox(1), 1, 'the application arrived';
$server->log_is_clean;
done_testing;
