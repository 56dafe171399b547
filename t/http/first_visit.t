# What a visit leaves: nothing, until the first valid answer is sent. And what it costs in Redis.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Browser;
use Eb::Journey;
use Eb::Server;
use Test::More;

my $server = Eb::Server->new;
my $first  = Eb::Journey::first_page($server);
my $b      = Eb::Browser->new($server);
for my $path ('/antrag/', $first, '/antrag/aufgaben', '/antrag/nichts', '/antrag/pruefen') {
    my $res = $b->get($path);
    ok !$res->{headers}{'set-cookie'}, "GET $path sets no cookie";
}
is scalar $server->redis_keys, 0, 'and leaves no key in Redis';
is $b->get('/antrag')->{location} =~ s{^https?://[^/]+}{}r, '/antrag/', '/antrag leads to /antrag/';

my %valid = Eb::Journey::page_values($server, $first, '01-ledige-person');
$b->open($first);
is $b->submit({})->{status}, 422, 'an invalid first POST';
is scalar $server->redis_keys, 0, '… leaves nothing';
ok !%{ $b->{cookies} }, '… and sets no cookie';

$b->open($first);
my $res = $b->submit(\%valid);
is $res->{status}, 303, 'the first valid POST is answered with 303';
my ($cookie) = map { ref $_ ? @$_ : $_ } $res->{headers}{'set-cookie'};
like $cookie, qr/HttpOnly/,      'cookie: HttpOnly';
like $cookie, qr/SameSite=Lax/,  'cookie: SameSite=Lax';
like $cookie, qr{Path=/(?:;|$)}, 'cookie: Path=/';
unlike $cookie, qr/Domain/i,     'cookie: no domain';
my ($key) = my @keys = $server->redis_keys;
is scalar @keys, 1, 'one key';
my $ttl = $server->redis('TTL', $key);
ok $ttl > 30 * 86400 && $ttl <= 31 * 86400, "it expires at the end of the 30th day ($ttl s)";
my ($secret) = values %{ $b->{cookies} };
unlike $key, qr/\Q$secret/, 'the key name does not show the cookie';
my $dump = $server->redis('DUMP', $key);
unlike $dump, qr/\Q$valid{$_}/, "the value of $_ is not readable in Redis" for grep { length $valid{$_} > 3 } sort keys %valid;

$server->redis('CONFIG', 'RESETSTAT');
$b->open($first) for 1 .. 10;
my $calls = $server->redis_calls;
delete @$calls{grep { /^(?:config|info)/ } keys %$calls};
is_deeply [map { "$_=$calls->{$_}" } sort keys %$calls], ['xrevrange=10'], 'a GET is one Redis command';
my $form = $b->form;
$server->redis('CONFIG', 'RESETSTAT');
$b->submit({ %valid, (grep { $form->{fields}{$_}{type} eq 'text' } sort keys %valid)[0] => "Anders" . "x" x $_ }), $b->open($first) for 1 .. 10;
$calls = $server->redis_calls;
delete @$calls{grep { /^(?:config|info)/ } keys %$calls};
is_deeply [map { "$_=$calls->{$_}" } sort keys %$calls], ['xadd=10', 'xrevrange=20'], 'a valid POST is two';
$server->log_is_clean;
done_testing;
