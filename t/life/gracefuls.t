# One graceful restart after another under load: no request fails, and httpd's parent, which reads configuration, forms and schemas
# anew each time, is no larger afterwards and has no more files open. EB_SOAK=SECONDS: a hundred of them,
# or as many as that time bears.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Load;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => 'not under sanitizers: their memory grows by design' if $ENV{EB_SANITIZE};

my ($GRACEFULS, $WARM_UP) = $ENV{EB_SOAK} ? (100, 10) : (20, 6);
my $load   = Eb::Load->new;
my $server = $load->{server};
my $stop   = "$server->{dir}/log/stop";

# Readers of pages, and one who keeps storing answers; the number of requests, and of those that failed.
sub client {
    my ($writes, $b) = @_;
    my ($made, @failed) = (0);
    my %values = Eb::Journey::page_values($server, '/antrag/beruf', '01-ledige-person');
    for (; !-e $stop; sleep 0.03) {
        my $page = $b->get('/antrag/beruf');
        push @failed, "GET $page->{status}" if $page->{status} != 200;
        next unless $made++ >= 0 && $writes && $page->{status} == 200;
        my $sent = $b->submit({ %values, 'beruf.erlernter_beruf' => "Beruf $made" =~ tr/0-9/a-j/r });
        push @failed, "POST $sent->{status}" if $sent->{status} != 303;
        $made++;
    }
    return ($made, @failed);
}

my @pipes;
my @people = $load->browsers;
for my $n (0 .. 2) {
    pipe my $read, my $write or die "pipe: $!";
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        my ($made, @failed) = client($n == 0, $people[-1 - $n]);
        syswrite $write, join("\n", $made, @failed) . "\n";
        POSIX::_exit(0);
    }
    push @pipes, $read;
}

sub rss { return Eb::Server::slurp("/proc/$server->{pid}/status") =~ /^VmRSS:\s+(\d+)/m ? $1 : 0 }
sub descriptors { return scalar(() = glob "/proc/$server->{pid}/fd/*") }
sub generations { return scalar(() = $server->log =~ /resuming normal operations/g) }

# The next one when the last has been taken in: a signal that comes meanwhile would be one with it.
sub graceful {
    my $before = generations();
    kill 'USR1', $server->{pid};
    for (1 .. 3000) { return 1 if generations() > $before; sleep 0.02 }
    return 0;
}

my (@rss, @descriptors);
my $crowd = $load->begin(clients => 1, count => $Eb::Load::COUNT - 10, pause => 0.8);
my $done  = 0;
my $end   = time + ($ENV{EB_SOAK} || 120);
for (1 .. $GRACEFULS) {
    last if time > $end && $done > $WARM_UP;
    $done += graceful();
    sleep 0.1;
    push @rss, rss();
    push @descriptors, descriptors();
}
my $result = $crowd->finish;
open my $fh, '>', $stop or die $!;
close $fh;
my ($made, @failed) = (0);
for my $pipe (@pipes) { chomp(my ($n, @f) = <$pipe>); $made += $n; push @failed, @f }
push @failed, @{ $result->{failed} };
1 while waitpid(-1, POSIX::WNOHANG()) > 0;

is $done, scalar @rss, "$done gracefuls";
is_deeply \@failed, [], "no failed request among $made";
cmp_ok $made, '>', $GRACEFULS, 'there was a load';
is $result->{without}, 0, 'a receipt for everybody';
$load->settle('gracefuls');
$load->figures('gracefuls');

my ($from, $to) = ($rss[$WARM_UP - 1], $rss[-1]);
cmp_ok $to, '<', $from * 1.1, "memory is flat: $from kB after $WARM_UP, $to kB at the end" or diag "@rss";
cmp_ok $descriptors[-1], '<=', $descriptors[$WARM_UP - 1], "so are descriptors: $descriptors[-1]" or diag "@descriptors";
note "figure gracefuls_made $done gracefuls";
note "figure gracefuls_failed @{[ scalar @failed ]} requests";
note "figure gracefuls_requests $made requests";
note sprintf 'figure gracefuls_rss_growth %.2f kB per graceful', ($to - $from) / ($done - $WARM_UP);
note sprintf 'figure gracefuls_descriptors_growth %d descriptors', $descriptors[-1] - $descriptors[$WARM_UP - 1];
$server->log_is_clean;
done_testing;
