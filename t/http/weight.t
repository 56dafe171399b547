# What the pages weigh on the way, compressed: the first view with all that it needs, and every page of the form with a whole family's
# answers. Style sheets, fonts and scripts stand at addresses with a hash, and are asked for once.
use strict;
use warnings;
use utf8;
use Compress::Zlib ();
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Browser;
use Eb::Journey;
use Eb::Server;
use Test::More;
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

my $server = Eb::Server->new;
my $browser      = Eb::Browser->new($server);

sub compressed { return length Compress::Zlib::memGzip($_[0]) }

# As browsers fetch it: the bytes of the answer's body.
sub asset {
    my ($path) = @_;
    my $res = $browser->get($path, headers => { 'accept-encoding' => 'gzip' });
    is $res->{status}, 200, "$path is there";
    like $path, qr{/-/[0-9a-f]{8}/}, '… with a hash in its address';
    like $res->{headers}{'cache-control'}, qr/max-age=31536000, immutable/, '… for good';
    is $res->{headers}{'content-encoding'}, 'gzip', '… compressed' if $path =~ /\.(?:css|js)$/;
    return $res->{content};
}

# The fonts that a sheet names and German text needs: a face without a range, or with the one that has the alphabet, unless its family is
# only there for what the others lack.
sub fonts {
    my ($sheet, $folder) = @_;
    my @faces = $sheet =~ /\@font-face\s*\{([^}]*)\}/g;
    return map { m{url\("([^"]+)"\)} ? "$folder/$1" : () } grep { /unicode-range/ ? /U\+0000-/ : !/Noto Sans Whole/ } @faces;
}

my $start = $browser->get('/antrag/');
my $bytes = compressed($start->{content});
my @sheets = $start->{text} =~ m{(?:href|src)='([^']+\.(?:css|js))'}g;
cmp_ok scalar @sheets, '>=', 3, 'the first view has style sheets';
my $parts = 0;
for my $path (@sheets) {
    my $packed = asset($path);
    $bytes += length $packed;
    for my $font (fonts(Compress::Zlib::memGunzip($packed), $path =~ s{/[^/]+$}{}r)) { $bytes += length asset($font); $parts++ }
}
is $parts, 2, 'and two fonts, ordinary and bold';
unlike $start->{text}, qr/<(?:img|iframe|picture|video|object)\b/, 'and nothing else to fetch';
cmp_ok $bytes, '<', 200_000, "the first view is $bytes bytes";
note "figure first_view_bytes $bytes bytes";

# Each page is weighed empty and with its answers.
my %weight;
my $weigh = sub { my ($path, $res) = @_; my $size = compressed($res->{content}); $weight{$path} = $size if $size > ($weight{$path} // 0) };
my $journey = Eb::Journey->new($browser, Eb::Journey::promised(Eb::Journey::fixture('02-familie')));
$journey->{look} = $weigh;
$journey->fill;
for my $path (keys %weight) { $weigh->($path, $browser->get($path)) }
my ($heaviest) = sort { $weight{$b} <=> $weight{$a} } keys %weight;
cmp_ok scalar keys %weight, '>', 40, scalar(keys %weight) . ' pages weighed';
cmp_ok $weight{$heaviest}, '<', 10_000, "the heaviest is $heaviest: $weight{$heaviest} bytes";
note "figure step_bytes_max $weight{$heaviest} bytes";
cmp_ok compressed($browser->get("/antrag/$_")->{content}), '<', 20_000, "$_ with every answer is no burden" for qw(aufgaben pruefen kopie);
$server->log_is_clean;
done_testing;
