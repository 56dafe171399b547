# The drill of the handbook: everything is backed up while people are at work (Redis first, then the spool), the host is lost, the copy is
# put back. Drafts go on where they were; an application that waited arrives, once; one that was sent between the two copies is not lost.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Browser;
use Eb::Journey;
use Eb::Server;
use Test::More;
use Time::HiRes qw(sleep);

my $s   = Eb::Server->new;
my $dir = $s->{dir};
$s->expect(qr/EB0601/);
sub away { rename "$dir/eingang", "$dir/weg" or die $! }
sub back { rename "$dir/weg", "$dir/eingang" or die $! }

my $first = Eb::Journey::first_page($s);
my $draft = Eb::Browser->new($s);
my %valid = Eb::Journey::page_values($s, $first, '01-ledige-person');
$draft->open($first);
is $draft->submit(\%valid)->{status}, 303, 'somebody begins an application';
my $typed = { map { ($_ => $draft->get($first) && $draft->form->{fields}{$_}{value}) } grep { /name/ } keys %valid };
my $sending = Eb::Journey->new(Eb::Browser->new($s), '01-ledige-person')->fill;

away();
my $waits = Eb::Journey::number(Eb::Journey->new(Eb::Browser->new($s), '10-witwe')->fill->send);
ok $waits, 'an application waits, since its inbox is away';

mkdir "$dir/kopie";
sub copy { system('cp', '-a', (map { "$dir/$_" } @_), "$dir/kopie/") == 0 or die 'cp' }
copy('redis');
my $between = Eb::Journey::number($sending->send);
ok $between, 'one is sent while the copy is made';
copy('spool', 'keys');

$s->kill_all;
$s->stop_redis('KILL');
system('rm', '-rf', map { "$dir/$_" } qw(redis spool keys));
unlink "$dir/kopie/redis/redis.sock";
system('cp', '-a', (map { "$dir/kopie/$_" } qw(redis spool keys)), $dir) == 0 or die 'cp';
back();
$s->start_redis;
$s->start;

my @messages = $s->await_inbox(2);
is scalar @messages, 2, 'after the restoration both arrive' or diag $s->log;
is_deeply [sort map { m{(EB-[0-9A-Z-]+)_} ? $1 : $_ } @messages], [sort $waits, $between], '… under their numbers';
$draft->get($first);
is $draft->form->{fields}{$_}{value}, $typed->{$_}, "the draft still knows $_" for sort keys %$typed;
my $again = eval { Eb::Journey::number($sending->send) } // eval { Eb::Journey::number($sending->{browser}{last}) };
is $again, $between, 'whose draft came back with the older copy of Redis gets the same number' if defined $again;
sleep 1;
is scalar(() = $s->inbox), 2, 'and nothing arrives twice';
$s->log_is_clean;
done_testing;
