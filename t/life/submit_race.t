# One application sent fifty times at once; a queue with something unreadable at its head; a clock that jumps. One receipt number and
# one message each time; what cannot be delivered is held and set aside, and delays nobody else.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Load;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(sleep time);

my $load   = Eb::Load->new(limits => "StartServers 2\nServerLimit 2\nThreadsPerChild 32\nMaxRequestWorkers 64\nMinSpareThreads 1\nMaxSpareThreads 64\n");
my $server = $load->{server};
my $queue  = "$server->{dir}/spool/05711000/queue";

# The same page, its button pressed in so many windows at the same moment: the requests are there but for their last byte, and then
# all at once. [status, number] of each.
sub press {
    my ($b, $windows) = @_;
    my $review = $b->get('/antrag/pruefen');
    my $body   = Eb::Browser::encode_form(_ticket => Eb::Load::ticket($review), _bestaetigt => 'ja', _weiter => 1);
    my $post   = "POST /antrag/pruefen HTTP/1.1\r\nHost: 127.0.0.1:$server->{port}\r\nCookie: " . $b->cookie_header
        . "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " . length($body) . "\r\nConnection: close\r\n\r\n$body";
    my @sockets = map { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $server->{port}) // die $! } 1 .. $windows;
    syswrite $_, substr $post, 0, -1 for @sockets;
    sleep 0.5;
    syswrite $_, substr $post, -1 for @sockets;
    my @status = map { my $line = <$_> // ''; $line =~ m{^HTTP/1\.1 (\d+)} ? $1 : 0 } @sockets;
    return map { [$_, $_ == 303 ? Eb::Journey::number($b->get('/antrag/quittung')) // 'none' : 'none'] } @status;
}

subtest 'fifty at once' => sub {
    my @people = ($load->browsers)[0 .. ($ENV{EB_SOAK} ? 23 : 1)];
    my ($sent, @numbers) = (0);
    for my $b (@people) {
        my @answers = press($b, 50);
        $sent += @answers;
        my %number = map { ($_->[1] => 1) } grep { $_->[0] == 303 } @answers;
        is scalar @answers, 50, 'fifty answers';
        is join(' ', grep { !/^(?:303|409)$/ } map { $_->[0] } @answers), '', 'the receipt, or the page that says it is being sent';
        is scalar(keys %number), 1, 'one number' or diag join ' ', %number;
        push @numbers, keys %number;
    }
    push @{ $load->{receipts} }, @numbers;
    note "figure submit_race_posts $sent posts";
    $load->settle('submit_race');
    $load->figures('submit_race');
};

# Nothing is delivered while the output folder is closed to httpd's user; so a queue can be laid out.
sub with_queue {
    my ($count, $do) = @_;
    rename "$server->{dir}/eingang", "$server->{dir}/verlegt";
    my $result = $load->begin(count => $count)->finish;
    is $result->{without}, 0, "$count receipts";
    for (1 .. 600) { last if (() = glob "$queue/*.job") == $count; sleep 0.1 }    # every one was tried
    $server->stop;
    $do->();
    rename "$server->{dir}/verlegt", "$server->{dir}/eingang";
    unlink glob "$server->{dir}/spool/05711000/held/*";
}

subtest 'poison' => sub {
    $server->expect(qr/EB0\d\d\d/);
    my (@poisoned, @moved);
    with_queue(10, sub {
        my @packages = sort glob "$queue/*.package";
        @poisoned = @packages[0 .. 2];
        for my $at (0 .. 2) {    # garbage, cut short, one bit changed
            my $data = Eb::Server::slurp($poisoned[$at]);
            push @moved, [$poisoned[$at], $data];
            substr($data, -40, 1) ^= "\1" if $at == 2;
            $data = substr $data, 0, length($data) / 2 if $at == 1;
            $data = 'poison' x 500 if $at == 0;
            open my $fh, '+<', $poisoned[$at] or die $!;
            truncate $fh, 0;
            print $fh $data;
        }
        unlink glob "$queue/*.job";    # as if nobody had tried them yet
    });
    $server->start;
    my $t0 = time;
    is $load->{receiver}->await(7, 90), 7, 'the others are delivered';
    note sprintf 'figure poison_delay %d ms', 1000 * (time - $t0);
    sleep 2.5;
    is scalar(my @seen = $load->{receiver}->seen), 7, 'and no more than these';
    my @held = map { m{([^/]+)\.package$} } @poisoned;
    is_deeply [sort map { m{([^/]+)$} } glob "$server->{dir}/spool/05711000/held/*"], [sort @held], 'the three are held';
    my @jobs = map { Eb::Server::slurp("$queue/$_.job") } @held;
    is scalar(grep { /"held"/ && /EB0\d\d\d/ && /remedy/ } @jobs), 3, 'with a problem and its remedy each' or diag @jobs;
    is scalar(grep { -e } @poisoned), 3, 'and their packages are still there';
    my $lines = () = $server->log =~ /\Q$held[0]\E/g;
    cmp_ok $lines, '<', 4, 'nothing is said again and again';

    # Mended from a copy, as an operator would, they go like any other.
    $server->stop;
    for (@moved) { open my $fh, '+<', $_->[0] or die $!; truncate $fh, 0; print $fh $_->[1] }
    unlink glob "$queue/*.job $server->{dir}/spool/05711000/held/*";
    $server->start;
    $load->settle('poison', wait => 120);
    $load->figures('poison');
};

subtest 'the clock jumps' => sub {
    plan skip_all => 'no C compiler for the clock that jumps' if system('command -v cc >/dev/null');
    plan skip_all => 'not under sanitizers: they want to be loaded first' if $ENV{EB_SANITIZE};
    my $shim = "$server->{dir}/clock.so";
    is system('cc', '-shared', '-fPIC', '-O1', '-o', $shim, "$FindBin::Bin/../lib/clock.c"), 0, 'a clock to be set' or return;
    my $file = "$server->{dir}/clock";
    my $set  = sub { open my $fh, '>', "$file.new" or die $!; print $fh pack 'q', $_[0]; close $fh; chmod 0644, "$file.new"; rename "$file.new", $file };
    $set->(0);
    $server->stop;
    { local @ENV{qw(LD_PRELOAD EB_CLOCK)} = ($shim, $file); $server->start }
    my $crowd = $load->begin(pause => 0.5);
    my @jumps = (7200, 0, 86_400, -86_400, 0, 7 * 86_400, 0, -1, 1, 0);    # up to an hour back, a job may wait as long
    my $made  = 0;
    while ($crowd->running || $made < 6) {
        $set->($jumps[$made++ % @jumps]);
        sleep 0.25;
    }
    $set->(0);
    my $result = $crowd->finish;
    cmp_ok $made, '>', 5, "$made jumps of a second to a week, forth and back";
    is $result->{without}, 0, 'everybody gets a receipt';
    $load->settle('clock_jump', wait => 120);
    $load->figures('clock_jump');
    note "figure clock_jump_refused @{[ scalar @{ $result->{failed} } ]} requests";
    my ($year) = Eb::Server::slurp("$server->{dir}/spool/05711000/journal.log") =~ /^(\d+)/;
    ok $year, 'the journal was written';
};

$server->log_is_clean;
done_testing;
