package Eb::Load;

# Applications ready to be sent, and people who send them. To fill in seventy pages for each would take longer than all the rest: so
# two dozen are filled in once, by way of the pages, and kept as they lie in Redis, sealed, with key file and cookies. A test starts a
# server with that key file and puts them into its Redis. When all have been sent and have arrived, a new round may begin: the outbox
# forgets what is done, and the same drafts are new applications, under the same numbers.
#
#   my $load = Eb::Load->new(%options_of_Eb_Server);           # $load->{server}, $load->{receiver}
#   my $crowd = $load->begin(clients => 4, seconds => 150);     # they send all of them, and try until there is a receipt
#   kill … while $crowd->running;
#   my $result = $crowd->finish;                               # { receipts => [...], failed => [...], without => n }
#   $load->settle($mode);                                      # receipts of this round against what arrived; a new round
#   $load->figures($mode);

use strict;
use warnings;
use utf8;
use Eb::Browser;
use Eb::Journey;
use Eb::Receiver;
use Eb::Server;
use Fcntl qw(:DEFAULT :flock);
use POSIX qw(WNOHANG);
use Storable ();
use Test::More ();
use Time::HiRes qw(sleep time);

our $COUNT = $ENV{EB_SOAK} ? 96 : 24;

# receiver => 0 leaves the inbox alone; redis_options are those of start_redis; prepare => what is to be done with the server between
# the start of Redis, with the drafts in it, and that of httpd.
sub new {
    my ($class, %o) = @_;
    Test::More::plan(skip_all => 'the module is not built (make stage)') unless -e Eb::Server::build() . '/stage/.done';
    my $self = open_with($class, kept(), %o) || open_with($class, kept('anew'), %o) || die 'the drafts are not accepted';
    my $server = $self->{server};
    $self->{receiver} = Eb::Receiver->new(inbox => "$server->{dir}/eingang", log => "$server->{dir}/log/received") if $o{receiver} // 1;
    return $self;
}

# undef when these drafts are of another time.
sub open_with {
    my ($class, $kept, %o) = @_;
    local $ENV{TMPDIR} = memory();
    my $server = Eb::Server->new(%o, start => 0);
    my $self   = bless { server => $server, kept => $kept, receipts => [], sum => {} }, $class;
    write_keys($server, $kept->{keys});
    $server->start_redis(@{ $o{redis_options} || [] });
    $self->renew;
    $o{prepare}->($server) if $o{prepare};
    $server->start;
    my ($first) = $self->browsers;
    return $first->get('/antrag/pruefen')->{text} =~ /_bestaetigt/ ? $self : undef;
}

# What a kill leaves behind does not depend on the disk: the short forms take one that syncs at once, the soak the machine's own.
sub memory {
    my $given = $ENV{TMPDIR} // '/tmp';
    return $given if $ENV{EB_SOAK} || !-w '/dev/shm';
    my ($free, $exec) = (qx(df -Pk /dev/shm 2>/dev/null) =~ /(\d+)\s+\d+%/, Eb::Server::slurp('/proc/mounts') !~ m{^\S+ /dev/shm \S+ \S*noexec}m);
    return ($free // 0) > 300_000 && $exec ? '/dev/shm' : $given;
}

sub write_keys {
    my ($server, $keys) = @_;
    open my $fh, '>', "$server->{dir}/keys" or die $!;
    print $fh $keys;
    close $fh;
}

# All drafts as they were before anybody sent them.
sub renew {
    my ($self) = @_;
    my $records = $self->{kept}{records};
    $self->{server}->redis_all(map { ['RESTORE', $_, 20 * 86_400_000, $records->{$_}, 'REPLACE'] } sort keys %$records);
}

sub browsers { my ($self) = @_; return map { Eb::Browser->new($self->{server}, cookies => {%$_}) } @{ $self->{kept}{cookies} } }

# ---- filled in once

# Shared by all builds, the one with sanitizers included.
sub kept {
    my ($anew) = @_;
    my $folder = Eb::Server::build() =~ s{/sanitize/?$}{}r . '/t';
    mkdir $folder;
    sysopen my $lock, "$folder/drafts.lock", O_RDWR | O_CREAT or die "$folder/drafts.lock: $!";
    flock $lock, LOCK_EX;
    my $file = "$folder/drafts-$COUNT";
    my $good = -e $file && (stat _)[9] > time - 86_400 && (!$anew || (stat _)[9] > $^T);
    Storable::store(fill_in(), $file) unless $good;
    return Storable::retrieve($file);
}

sub fill_in {
    local $ENV{EB_SOAK};
    local $ENV{TMPDIR} = memory();
    my $server  = Eb::Server->new;
    my $fixture = Eb::Journey::promised(Eb::Journey::fixture('01-ledige-person'), 'nachweise/geburtsurkunde');
    my @steps   = record($server, $fixture);
    my @pipes;
    for my $client (1 .. 3) {
        pipe my $read, my $write or die "pipe: $!";
        my $pid = fork // die "fork: $!";
        if (!$pid) {
            for (1 .. $COUNT / 3) { my $b = replay($server, @steps); syswrite $write, join("\t", %{ $b->{cookies} }) . "\n" }
            POSIX::_exit(0);
        }
        push @pipes, $read;
    }
    my @cookies = map { my $pipe = $_; map { chomp; +{ split /\t/ } } <$pipe> } @pipes;
    1 while wait_for_one() > 0;
    die 'only ' . @cookies . ' drafts' if @cookies < $COUNT;
    my %records = map { ($_ => $server->redis('DUMP', $_)) } $server->redis_keys;
    return { keys => Eb::Server::slurp("$server->{dir}/keys"), cookies => \@cookies, records => \%records };
}

sub wait_for_one { my $pid = waitpid -1, WNOHANG; return $pid }

# One journey, page by page; what it posts, each with its ticket's place marked.
sub record {
    my ($server, $fixture) = @_;
    my $browser = Eb::Load::Recorder->new($server);
    Eb::Journey->new($browser, $fixture)->fill;
    return @{ $browser->{steps} };
}

sub ticket { return $_[0]{text} =~ /name='_ticket' value='([^']+)'/ ? $1 : die "no ticket on $_[0]{path} ($_[0]{status})" }

sub replay {
    my ($server, @steps) = @_;
    my $b = Eb::Browser->new($server);
    for my $step (@steps) {
        my $ticket = ticket($b->get($step->{path}));
        my $res = $b->request('POST', $step->{path}, content => $step->{body} =~ s/\0ticket\0/$ticket/r, headers => { 'content-type' => $step->{type} });
        die "POST $step->{path}: $res->{status}" if $res->{status} != 303;
    }
    return $b;
}

# ---- sent

# Somebody who wants a receipt and does not give up: { number, failed => [what went wrong on the way] }.
sub apply {
    my ($b, $seconds) = @_;
    my ($end, @failed) = (time + $seconds);
    while (time < $end) {
        my $review = $b->get('/antrag/pruefen');
        my $sent   = $review->{status} == 200 ? $b->post('/antrag/pruefen', [_ticket => ticket($review), _bestaetigt => 'ja', _weiter => 1]) : $review;
        push @failed, "$sent->{path} $sent->{status}" if $sent->{status} != 303;
        my $receipt = $b->get('/antrag/quittung');
        return { number => Eb::Journey::number($receipt), failed => \@failed } if $receipt->{status} == 200;
        push @failed, "$receipt->{path} $receipt->{status}" if $sent->{status} == 303;
        sleep 0.05 + rand 0.05;
    }
    return { failed => \@failed };
}

# Processes that send all drafts; each result is written down at once.
sub begin {
    my ($self, %o) = @_;
    my $clients = $o{clients} // 4;
    my @all     = $self->browsers;
    splice @all, 0, $o{from} // 0;
    splice @all, $o{count} if $o{count};
    my $file = "$self->{server}{dir}/log/results";
    unlink $file;
    my @pids;
    for my $client (0 .. $clients - 1) {
        my $pid = fork // die "fork: $!";
        if (!$pid) {
            srand $$;
            for my $n (grep { $_ % $clients == $client } 0 .. $#all) {
                my $r = eval { apply($all[$n], $o{seconds} // 150) } // { failed => [$@ =~ s/\s+/ /gr] };
                sysopen my $out, $file, O_WRONLY | O_CREAT | O_APPEND or die $!;
                syswrite $out, join("\t", $r->{number} // '', @{ $r->{failed} }) . "\n";
                sleep rand $o{pause} if $o{pause};
            }
            POSIX::_exit(0);
        }
        push @pids, $pid;
    }
    return bless { load => $self, pids => \@pids, file => $file, count => scalar @all }, 'Eb::Load::Crowd';
}

# Waits for what is still on its way and compares; then, if all is done, a new round may begin.
sub settle {
    my ($self, $mode, %o) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my @receipts = @{ $self->{receipts} };
    my $sum = $self->{sum}{$mode} //= { map { ($_ => 0) } qw(submissions lost twice unknown broken) };
    $self->{receiver}->await(scalar @receipts, $o{wait} // 120);
    sleep $o{rest} // 0.2;
    my $tally = $self->{receiver}->tally(@receipts);
    $sum->{submissions} += @receipts;
    for my $what (qw(lost twice unknown broken)) {
        $sum->{$what} += @{ $tally->{$what} };
        Test::More::diag("$mode, $what: $_") for @{ $tally->{$what} };
    }
    return $tally if $o{last};
    $self->quiet;
    $self->{receiver}->forget;
    $self->{receipts} = [];
    unlink glob "$self->{server}{dir}/spool/*/done/*";
    $self->renew;
    return $tally;
}

# Until no job is in work any more.
sub quiet {
    my ($self) = @_;
    for (1 .. 2400) { return 1 unless () = glob "$self->{server}{dir}/spool/*/queue/*"; sleep 0.05 }
    return 0;
}

# All rounds of a failure mode: the test, and its figures.
sub figures {
    my ($self, $mode) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    figures_of($mode, $self->{sum}{$mode});
}

sub figures_of {
    my ($mode, @sums) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my %sum;
    for my $sum (@sums) { $sum{$_} += $sum->{$_} for keys %$sum }
    Test::More::is($sum{$_}, 0, "$mode: $sum{submissions} receipts, $_: none") for qw(lost twice unknown broken);
    Test::More::cmp_ok($sum{submissions}, '>', 0, "$mode: there were receipts");
    Test::More::note("figure ${mode}_submissions $sum{submissions} submissions");
    Test::More::note("figure ${mode}_$_ $sum{$_} submissions") for qw(lost twice);
}

package Eb::Load::Crowd;

use POSIX qw(WNOHANG);

sub running {
    my ($self) = @_;
    @{ $self->{pids} } = grep { waitpid($_, WNOHANG) == 0 } @{ $self->{pids} };
    return scalar @{ $self->{pids} };
}

# Waits for all of them. `without`: how many never got a receipt.
sub finish {
    my ($self) = @_;
    waitpid $_, 0 for @{ $self->{pids} };
    my @results  = map { [split /\t/, $_, -1] } split /\n/, Eb::Server::slurp($self->{file});
    my @receipts = grep { $_ ne '' } map { $_->[0] } @results;
    push @{ $self->{load}{receipts} }, @receipts;
    return { receipts => \@receipts, failed => [map { @$_[1 .. $#$_] } @results], without => $self->{count} - @receipts };
}

package Eb::Load::Recorder;

our @ISA = ('Eb::Browser');

sub request {
    my ($self, $method, $path, %o) = @_;
    if ($method eq 'POST') {
        my $ticket = Eb::Load::ticket($self->{last});
        my $body   = $o{content} =~ s/\Q$ticket/\0ticket\0/r;
        push @{ $self->{steps} }, { path => $path, body => $body, type => $o{headers}{'content-type'} };
    }
    return $self->SUPER::request($method, $path, %o);
}

1;
