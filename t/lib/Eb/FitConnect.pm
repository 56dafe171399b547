package Eb::FitConnect;

# The product on one side, the scripted Zustelldienst on the other, and kept drafts between them: what a test of the whole way needs.
#
#   my $way = Eb::FitConnect->new(options => { poll => 5 });   # {zd}, {load}, {server}; skips the test when something is missing
#   my @numbers = $way->apply($count);                       # sends drafts, each a number; they are delivered meanwhile
#   $way->finish($seconds);                                  # until no job waits; what failed is told to try again, every two seconds;
#                                                              gives up when for so long none has come any further
#   $way->job($number), $way->journal($number)               # { state, problem_id, problem, remedy, … }; its lines
#   $way->status, $way->status_page('html')                  # the operator's page: JSON, read; as it comes
#   $way->probe(@options)                                    # einbuergerungctl fitconnect check: exit code, answer
#   $way->reconfigure(poll => 3600)                          # other options, at a graceful restart
#   $way->callback(%o)                                       # status of the answer; %o as for $zd->callback, and method, path
#   $way->settle($mode); $way->figures($mode);               # receipts against the authority; the sums, as tests and figures

use strict;
use warnings;
use Eb::Load;
use Eb::Server;
use Eb::Zustelldienst;
use HTTP::Tiny ();
use JSON::PP ();
use POSIX ();
use Test::More ();
use Time::HiRes qw(sleep time);

sub new {
    my ($class, %o) = @_;
    my $zd   = Eb::Zustelldienst->new(%{ $o{zd} || {} });
    my $secret = 'Rückruf? ' . 'x' x 32;
    utf8::encode($secret);
    Eb::Zustelldienst::State::save("$zd->{dir}/callback", "$secret\n");
    chmod 0600, "$zd->{dir}/callback";
    my $load = Eb::Load->new(%o, receiver => 0, vhost => Eb::Server->authority('05711000', output($zd, $o{options})), server => <<CONF);
<Location "/zustand">
    SetHandler einbuergerung-status
</Location>
<Location "/rueckruf">
    SetHandler einbuergerung-callback
</Location>
CONF
    $load->{receiver} = $zd;
    my $self = bless { zd => $zd, load => $load, server => $load->{server}, dir => $load->{server}{dir}, options => $o{options}, secret => $secret, problems => {} }, $class;
    $self->save_configuration;
    return $self;
}

sub reconfigure {
    my ($self, %options) = @_;
    my $server = $self->{server};
    $server->{vhost} = $server->authority('05711000', output($self->{zd}, { %{ $self->{options} || {} }, %options }));
    $server->write_conf;
    $self->save_configuration;
    $server->restart;
}

# The value of EinbuergerungOutput, and what belongs to it.
sub output {
    my ($zd, $more) = @_;
    my %o = ('destination' => $zd->destination_id, 'client' => $zd->client_id, 'secret-file' => $zd->secret_file, 'token-url' => $zd->token_url,
        'submission-url' => $zd->api_url, 'roots' => $zd->root_file,
        'callback-secret-file' => "$zd->{dir}/callback", 'crl' => $zd->crl_file, 'ca-file' => $zd->ca_file, 'region' => 'DE05711', 'poll' => 1, 'timeout' => 60, %{ $more || {} });
    return "fitconnect\n    EinbuergerungFitConnect" . join '', map { qq( "$_=$o{$_}") } grep { defined $o{$_} } sort keys %o;
}

# What einbuergerungctl reads instead of asking httpd each time.
sub save_configuration {
    my ($self) = @_;
    local %ENV = $self->{server}->environment;
    my $dump = qx{${\ Eb::Server::apache()} -t -D DUMP_EINBUERGERUNG -f "$self->{dir}/httpd.conf" 2>/dev/null};
    open my $fh, '>', "$self->{dir}/saved" or die $!;
    print $fh $dump;
    close $fh;
}

sub ctl { my ($self, @args) = @_; return $self->ctl_at(['--config', "$self->{dir}/saved"], @args) }

sub ctl_at {
    my ($self, $address, @args) = @_;
    local %ENV = $self->{server}->environment;
    my $pid = fork // die $!;
    if (!$pid) {
        open STDOUT, '>', "$self->{dir}/ctl.out";
        open STDERR, '>', "$self->{dir}/ctl.err";
        exec Eb::Server::build() . '/stage/usr/bin/einbuergerungctl', @$address, @args or POSIX::_exit(127);
    }
    waitpid $pid, 0;
    my $code = $? >> 8;
    return ($code, map { Eb::Server::slurp("$self->{dir}/ctl.$_") } qw(out err));
}

sub ctl_json { my ($self, @args) = @_; my ($code, $out) = $self->ctl(@args, '--json'); return JSON::PP->new->utf8->decode($out) }

sub probe {
    my ($self, @options) = @_;
    my ($code, $out) = $self->ctl_at(['--httpd', Eb::Server::apache(), '-f', "$self->{dir}/httpd.conf"], 'fitconnect', 'check', '05711000', @options, '--json');
    return ($code, eval { JSON::PP->new->utf8->decode($out) } // { problem => { problem => $out } });
}

sub journal { my ($self, $number) = @_; return @{ $self->ctl_json('journal', '--number', $number) } }

sub status { my ($self) = @_; return JSON::PP->new->utf8->decode($self->status_page('json')) }
sub status_page { my ($self, $format) = @_; return HTTP::Tiny->new(timeout => 60)->get("http://127.0.0.1:$self->{server}{port}/zustand?format=$format")->{content} }

sub callback {
    my ($self, %o) = @_;
    my ($headers, $body) = $self->{zd}->callback($self->{secret}, %o);
    my $res = HTTP::Tiny->new(timeout => 60)->request($o{method} // 'POST', "http://127.0.0.1:$self->{server}{port}" . ($o{path} // '/rueckruf/05711000'),
        { headers => { %$headers, %{ $o{headers} || {} } }, content => $body });
    return $res->{status};
}

sub jobs { my ($self) = @_; return @{ $self->ctl_json('jobs', 'list') } }
sub job  { my ($self, $number) = @_; return $self->ctl_json('jobs', 'show', $number) }

sub await_job {
    my ($self, $number, $good, $seconds) = @_;
    my ($job, $end, $pause) = (undef, time + ($seconds // 180), 0.1);
    while (time < $end) {
        $job = $self->job($number);
        last if $good->($job);
        sleep $pause;
        $pause *= 1.5 if $pause < 1;
    }
    return $job;
}

# A worker that has the job just now is waited for.
sub surely {
    my ($self, @command) = @_;
    for (1 .. 600) { return 1 if ($self->ctl('jobs', @command))[0] == 0; sleep 0.1 }
    return 0;
}

sub apply {
    my ($self, $count, %o) = @_;
    my $crowd = $self->{load}->begin(clients => $o{clients} // 2, count => $count, seconds => 120, from => $self->{used} // 0);
    $self->{used} += $count;
    my $r = $crowd->finish;
    return @{ $r->{receipts} };
}

sub retry { my ($self, @numbers) = @_; $self->surely('retry', $_) for @numbers }

# Whatever waits, told to try again until nothing does; remembers each problem that stood meanwhile. True when all are done.
sub finish {
    my ($self, $seconds) = @_;
    my ($end, $before, %told) = (time + $seconds, '');
    while (time < $end) {
        return 1 unless () = glob "$self->{dir}/spool/*/queue/*";
        my @jobs = $self->jobs;
        my $now  = join ' ', sort map { "$_->{number}/" . ($_->{state} eq 'held' ? $_->{before} : $_->{state}) . "/$_->{attached}" } @jobs;
        ($before, $end) = ($now, time + $seconds) if $now ne $before;
        for my $job (@jobs) {
            $self->{problems}{ $job->{problem_id} }{ $job->{problem} }++ if $job->{problem_id};
            next if !$job->{problem_id} || time - ($told{ $job->{number} } // 0) < 2;
            $self->ctl('jobs', 'retry', $job->{number});
            $told{ $job->{number} } = time;
        }
        for (1 .. 10) { sleep 0.1; last unless () = glob "$self->{dir}/spool/*/queue/*" }
    }
    return 0;
}

# Receipts of this round against what the authority has; then a new round.
sub settle {
    my ($self, $mode) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my ($load, $zd) = @$self{qw(load zd)};
    my @receipts = @{ $load->{receipts} };
    my $sum   = $self->{sum}{$mode} //= { map { ($_ => 0) } qw(submissions lost twice unknown broken changed refused) };
    my %tally = (%{ $zd->tally(@receipts) }, refused => [map { "$_->{step} $_->{path} $_->{problem} " . ($_->{fault} // '') } grep { $_->{step} ne 'signing-key' } $zd->refused]);    # a key that a false token names
    $sum->{submissions} += @receipts;
    for my $what (qw(lost twice unknown broken changed refused)) {
        $sum->{$what} += @{ $tally{$what} // [] };
        Test::More::diag("$mode, $what: $_") for @{ $tally{$what} // [] };
    }
    $zd->forget;
    $self->{used} = 0;
    $load->{receipts} = [];
    unlink glob "$self->{dir}/spool/*/done/*";
    $load->renew;
    return \%tally;
}

sub figures {
    my ($self, $mode) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $sum = $self->{sum}{$mode};
    Test::More::is($sum->{$_}, 0, "$mode: $sum->{submissions} receipts, $_: none") for qw(lost twice unknown broken changed refused);
    Test::More::cmp_ok($sum->{submissions}, '>', 0, "$mode: there were receipts");
    Test::More::note("figure ${mode}_$_ $sum->{$_} submissions") for qw(submissions lost twice);
}

1;
