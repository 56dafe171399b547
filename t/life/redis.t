# Redis dies and comes back under load, freezes, and fills up. What was acknowledged is there afterwards, meanwhile there is a page
# that says so, and every application that was sent has its receipt and its message, in either outbox. EB_SOAK=SECONDS: 200 deaths, or as many as that time bears.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Load;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

my $soak   = $ENV{EB_SOAK};
my $DEATHS = $soak ? 100 : 3;    # in either
my $field  = 'beruf.erlernter_beruf';

sub kill_redis { my ($server) = @_; $server->stop_redis('KILL'); sleep rand 0.2; $server->start_redis }

# Stores one answer after another; writes each that was acknowledged into a file. Until the file `stop` appears.
sub write_answers {
    my ($server, $b, $file, $values) = @_;
    open my $acknowledged, '>', $file or die $!;
    $acknowledged->autoflush;
    for (my $n = 1; !-e "$server->{dir}/log/stop"; $n++) {
        my $answer = 'Beruf ' . $n =~ tr/0-9/a-j/r;
        my $page   = $b->get('/antrag/beruf');
        my $sent   = $page->{status} == 200 ? eval { $b->submit({ %$values, $field => $answer }) } : undef;
        print $acknowledged $sent && $sent->{status} == 303 ? "$answer\n" : 'refused ' . ($sent ? $sent->{status} : $page->{status}) . " $answer\n";
        sleep 0.01;
    }
}

sub acknowledged { my ($server) = @_; return scalar map { grep { !/^refused/ } split /\n/, Eb::Server::slurp("$server->{dir}/log/writer$_") } 0 .. 2 }

sub under_load {
    my ($engine, $load, $deaths) = @_;
    my $server = $load->{server};
    $server->expect(qr/EB04\d\d/, qr/EB0[567]\d\d/);
    unlink "$server->{dir}/log/stop";
    my @people = ($load->browsers)[-3 .. -1];
    my %values = Eb::Journey::page_values($server, '/antrag/beruf', '01-ledige-person');
    my @writers;
    for my $n (0 .. 2) {
        my $pid = fork // die "fork: $!";
        if (!$pid) { write_answers($server, $people[$n], "$server->{dir}/log/writer$n", \%values); POSIX::_exit(0) }
        push @writers, $pid;
    }
    my $crowd = $load->begin(clients => 2, count => $Eb::Load::COUNT - 3, pause => 0.5);
    my $done  = 0;
    while ($done < $deaths) { sleep 0.3 + rand 0.7; kill_redis($server); $done++ }
    for (1 .. 600) { last if acknowledged($server) > 3 * $deaths; sleep 0.1 }
    my $result = $crowd->finish;
    open my $stop, '>', "$server->{dir}/log/stop" or die $!;
    close $stop;
    waitpid $_, 0 for @writers;

    my ($acknowledged, $lost, %refused) = (0, 0);
    for my $n (0 .. 2) {
        my @lines = map { chomp; $_ } do { open my $fh, '<', "$server->{dir}/log/writer$n" or die $!; <$fh> };
        my ($last) = grep { $lines[$_] !~ /^refused/ } reverse 0 .. $#lines;
        my @maybe = map { s/^refused \d+ //r } @lines[$last .. $#lines];    # the last one, or one whose answer did not arrive
        $acknowledged += grep { !/^refused/ } @lines;
        $refused{$_}++ for map { /^refused (\d+)/ ? $1 : () } @lines;
        $people[$n]->get('/antrag/beruf');
        my $now = $people[$n]->form->{fields}{$field}{values}[0];
        $lost++ unless grep { $_ eq $now } @maybe;
    }
    cmp_ok $acknowledged, '>', 3 * $deaths, "$acknowledged answers acknowledged between $deaths deaths";
    is $lost, 0, 'the last one of each is there';
    is join(' ', grep { $_ != 503 } sort keys %refused), '', 'meanwhile the page that says so' or diag explain \%refused;
    is $result->{without}, 0, 'everybody got a receipt';
    note "figure redis_kill_${engine}_answers $acknowledged answers";
    note "figure redis_kill_${engine}_answers_lost $lost answers";
    note "figure redis_kill_${engine}_refused " . (($refused{503} // 0) + @{ $result->{failed} }) . ' requests';
}

my %outbox = (spool => '', redis => 'EinbuergerungOutbox redis lease=2');
for my $engine (qw(spool redis)) {
    subtest "kill -9, outbox $engine" => sub {
        my ($end, $deaths, %sum, $load) = (time + ($soak // 0) * 0.45, 0);
        do {
            $load = Eb::Load->new(server => $outbox{$engine});
            $load->{sum} = \%sum;
            my $now = $soak ? 10 : $DEATHS;
            under_load($engine, $load, $now);
            $load->settle("redis_kill_$engine", last => 1);
            $deaths += $now;
            $load->{server}->log_is_clean;
        } while (time < $end && $deaths < $DEATHS);
        $load->figures("redis_kill_$engine");
        note "figure redis_kill_${engine}_deaths $deaths deaths";
    };
}

subtest 'frozen for three seconds' => sub {
    my $load   = Eb::Load->new(timeout => 1000);
    my $server = $load->{server};
    $server->expect(qr/EB04\d\d/);
    my ($b, @others) = $load->browsers;
    my $crowd = $load->begin(clients => 3, pause => 0.8);
    sleep 0.5;
    my @before = sort $server->children;
    kill 'STOP', $server->{redis_pid};
    my ($t0, $longest, %status) = (time, 0);
    while (time < $t0 + 3) {
        my $t   = time;
        my $res = $others[-1]->get('/antrag/beruf');
        $status{ $res->{status} }++;
        $longest = time - $t if time - $t > $longest;
        like $res->{text}, qr/<h1/, 'a page that says so' if $res->{status} == 503 && $status{503} == 1;
        ok $res->{headers}{'retry-after'}, 'and when to try again' if $res->{status} == 503 && $status{503} == 1;
        sleep 0.1;
    }
    kill 'CONT', $server->{redis_pid};
    my $thawed = time;
    for (1 .. 2000) { last if $others[-1]->get('/antrag/beruf')->{status} =~ /^(?:200|303)$/; sleep 0.02 }
    my $recovery = time - $thawed;
    is join(' ', grep { !/^(?:200|303|503)$/ } sort keys %status), '', 'nothing but the page or the draft';
    cmp_ok $status{503} // 0, '>', 0, 'refused while it is frozen';
    cmp_ok $longest, '<', 30, sprintf 'the longest wait: %.1f s', $longest;
    cmp_ok $recovery, '<', 60, sprintf 'back after %.2f s', $recovery;
    is $crowd->finish->{without}, 0, 'everybody got a receipt';
    is_deeply [sort $server->children], \@before, 'no child died of it';
    $load->settle('redis_frozen', last => 1);
    $load->figures('redis_frozen');
    note sprintf 'figure redis_frozen_recovery %d ms', 1000 * $recovery;
    $server->log_is_clean;
};

done_testing;
