# No room: the outbox's disk full, the authority's full, its folder gone for (scaled) days, Redis at its limit. What is not safe gets
# no receipt, the draft stays, and once there is room again everything is sent and delivered, once.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Load;
use Test::More;
use Time::HiRes qw(sleep time);

my @mounted;
sub small_disk {
    my ($folder) = @_;
    return if $> != 0 || system("mount -t tmpfs -o size=2m,mode=0755 none '$folder' 2>/dev/null");
    push @mounted, $folder;
    system 'chown', 'www-data:', $folder;
    return 1;
}
sub fill   { my ($folder) = @_; open my $fh, '>', "$folder/.voll" or die $!; print $fh 'x' x (3 << 20); close $fh }
sub remove { my ($folder) = @_; unlink "$folder/.voll" }

# Jobs that wait for their next try, made due: what time does, scaled.
sub due_now {
    my ($server) = @_;
    for my $file (glob "$server->{dir}/spool/*/queue/*.job") {
        my $job = Eb::Server::slurp($file);
        my $due = int((time - 1) * 1_000_000);
        $job =~ s/("due":\s*)\d+/$1$due/ or next;
        my $new = "$server->{dir}/spool/new";
        open my $fh, '>', $new or die $!;
        print $fh $job;
        close $fh;
        chown +(stat $file)[4, 5], $new;
        chmod 0600, $new;
        utime time - 1, time - 1, $new;
        rename $new, $file;
    }
}

# While $off holds nobody gets a receipt (or everybody does, where $safe); afterwards all of them have one, and a message each.
sub check {
    my ($mode, $load, $safe, $on, $off) = @_;
    my $server = $load->{server};
    my ($first, @others) = $load->browsers;
    $on->();
    my $review = $others[-1]->get('/antrag/pruefen');
    my $crowd  = $load->begin(clients => 3, count => 12);
    if (!$safe) {
        my $sent = $others[-1]->post('/antrag/pruefen', [_ticket => Eb::Load::ticket($review), _bestaetigt => 'ja', _weiter => 1]);
        is $sent->{status}, 503, 'no receipt, 503';
        ok $sent->{headers}{'retry-after'}, 'and when to try again';
        like $sent->{text}, qr/<h1/, 'with a page';
        sleep 1.5;
        is scalar(grep { /^EB-/ } split /\n/, Eb::Server::slurp($crowd->{file})), 0, 'nor for anybody else';
    }
    else { sleep 2.5 }
    is scalar(my @seen = $load->{receiver}->seen), 0, 'nothing has arrived';
    $off->();
    my $result = $crowd->finish;
    is $result->{without}, 0, 'with room again everybody gets a receipt';
    if (!$safe) {
        my $late = Eb::Load::apply($others[-1], 120);
        ok $late->{number}, 'and so does the one who was refused';
        push @{ $load->{receipts} }, $late->{number} // ();
    }
    $load->settle($mode, last => 1);
    $load->figures($mode);
    note "figure ${mode}_refused @{[ scalar @{ $result->{failed} } ]} requests";
    ok !$server->{pid} || kill(0, $server->{pid}), 'httpd is well';
    $server->log_is_clean;
    $server->stop;
    system "umount -l '$_' 2>/dev/null" for splice @mounted;
}

subtest "the outbox's disk is full" => sub {
    my $load  = Eb::Load->new;
    my $spool = "$load->{server}{dir}/spool";
    $load->{server}->expect(qr/EB0[4567]\d\d/);
    $load->{server}->stop;
    small_disk($spool) or plan skip_all => 'cannot mount a small tmpfs here';
    $load->{server}->start;
    check('disk_spool', $load, 0, sub { fill($spool) }, sub { remove($spool) });
};

subtest "the authority's disk is full" => sub {
    my $load  = Eb::Load->new;
    my $inbox = "$load->{server}{dir}/eingang";
    $load->{server}->expect(qr/EB0[4567]\d\d/);
    $load->{server}->stop;
    small_disk($inbox) or plan skip_all => 'cannot mount a small tmpfs here';
    $load->{server}->start;
    check('disk_inbox', $load, 1, sub { fill($inbox) }, sub { sleep 1; remove($inbox); due_now($load->{server}) });
};

subtest 'the authority is away for two weeks' => sub {
    my $load   = Eb::Load->new;
    my $server = $load->{server};
    $server->expect(qr/EB06\d\d/);
    check('away', $load, 1, sub { rename "$server->{dir}/eingang", "$server->{dir}/verlegt" }, sub {
        for (1 .. 600) { last if 12 == (() = glob "$server->{dir}/spool/*/queue/*.package"); sleep 0.1 }
        for (1 .. 2) { due_now($server); sleep 1.3 }    # one try after another, as in two weeks
        my @jobs = glob "$server->{dir}/spool/*/queue/*.package";
        is scalar @jobs, 12, 'all of them wait';
        rename "$server->{dir}/verlegt", "$server->{dir}/eingang";
        due_now($server);
    });
};

subtest 'Redis is full' => sub {
    my $load   = Eb::Load->new;
    my $server = $load->{server};
    $server->expect(qr/EB0[47]\d\d/);
    check('redis_full', $load, 0, sub { $server->redis('CONFIG', 'SET', 'maxmemory', 1_000_000) }, sub { $server->redis('CONFIG', 'SET', 'maxmemory', 0) });
};

END { local $?; system "umount -l '$_' 2>/dev/null" for @mounted }
done_testing;
