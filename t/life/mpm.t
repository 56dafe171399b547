# The same service under event, worker and prefork; and gracefuls under load without a failed request or a lost application.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Browser;
use Eb::Journey;
use Eb::Server;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

for my $mpm (qw(event worker prefork)) {
    subtest $mpm => sub {
        plan skip_all => "no mod_mpm_$mpm" unless -e "/usr/lib/apache2/modules/mod_mpm_$mpm.so";
        my $server = Eb::Server->new(mpm => $mpm);
        my $journey = Eb::Journey->new(Eb::Browser->new($server), '01-ledige-person');
        my $receipt = eval { $journey->fill; $journey->send };
        ok $receipt && Eb::Journey::number($receipt), 'a journey to its receipt' or diag $@;
        is scalar $server->await_inbox(1), 1, 'delivered';

        my $first = Eb::Journey::first_page($server);
        my %valid = Eb::Journey::page_values($server, $first, '01-ledige-person');
        my @pids;
        my $end = time + ($ENV{EB_GRACEFUL_SECONDS} || 3);
        for (1 .. 4) {
            my $pid = fork // die;
            if (!$pid) {
                my ($bad, $b) = (0, Eb::Browser->new($server));
                while (time < $end) {
                    $bad++ unless $b->open($first)->{status} == 200;
                    $bad++ unless eval { $b->submit(\%valid)->{status} } == 303;
                }
                POSIX::_exit($bad > 250 ? 250 : $bad);
            }
            push @pids, $pid;
        }
        my $gracefuls = 0;
        while (time < $end - 0.5) { $server->graceful; $gracefuls++ }
        my $failed = 0;
        for (@pids) { waitpid $_, 0; $failed += $? >> 8 }
        is $failed, 0, "$gracefuls gracefuls under load: no failed request";
        my $t0 = time;
        $server->stop;
        cmp_ok time - $t0, '<', 40, 'stops in time';
        $server->log_is_clean;
    };
}
done_testing;
