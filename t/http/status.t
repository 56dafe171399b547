# The operator's page: every form of it, counts that add up, and health that goes and comes back for each reason that can be provoked.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Browser;
use Eb::Clamd;
use Eb::Journey;
use Eb::Server;
use Fcntl qw(:DEFAULT :flock);
use File::Temp;
use HTTP::Tiny;
use JSON::PP qw(decode_json encode_json);
use Test::More;
use Time::HiRes qw(sleep time);
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

my $modules = '/usr/lib/apache2/modules';
my $place   = '/einbuergerung-status';
my $dir     = File::Temp->newdir('eb-clamd-XXXXXX', TMPDIR => 1);
chmod 0755, $dir;
my $clamd  = Eb::Clamd->new(dir => $dir);
my $server = Eb::Server->new(scan => 'required unix:' . $clamd->socket, server => <<CONF);
LoadModule authz_host_module "$modules/mod_authz_host.so"
LoadModule status_module "$modules/mod_status.so"
<Location "$place">
    SetHandler einbuergerung-status
    Require local
</Location>
<Location "/anderswo">
    SetHandler einbuergerung-status
    Require ip 192.0.2.1
</Location>
<Location "/server-status">
    SetHandler server-status
</Location>
CONF
my $http  = HTTP::Tiny->new(timeout => 30);
my $spool = "$server->{dir}/spool";

sub ask {
    my ($query, %o) = @_;
    my $path = $o{place} // $place;
    my $res = $http->request($o{method} // 'GET', "http://127.0.0.1:$server->{port}$path" . ($query ? "?$query" : ''), { headers => $o{headers} // {} });
    utf8::decode($res->{text} = $res->{content} // '');
    return $res;
}

sub json   { return decode_json(ask('format=json')->{content}) }
sub output { return json()->{outputs}[0] }

# Until the condition holds: a look at the outbox serves for three seconds.
sub await {
    my ($condition, $name, $seconds) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $end = time + ($seconds // 90);
    while (time < $end) { if ($condition->()) { pass $name; return } sleep 0.2 }
    fail $name;
    diag ask('format=health')->{text}, ask('format=json')->{text};
}

sub unwell {
    my ($reason) = @_;
    return await(sub { my $res = ask('format=health'); $res->{status} == 503 && $res->{text} =~ /^unwell\n(?:.*\n)*?$reason: \S/ }, "unwell: $reason");
}
sub well { return await(sub { my $res = ask('format=health'); $res->{status} == 200 && $res->{text} eq "ok\n" }, 'well again', $_[0]) }

sub adds_up {
    my ($output, $name) = @_;
    is $output->{accepted}, $output->{delivered} + $output->{pending} + $output->{held}, $name;
}

# Prometheus' text format, read strictly: { metric => { type, samples => { 'label="value",…' => number } } }.
sub metrics {
    my ($text) = @_;
    my (%metric, $current);
    die 'no line feed at the end' unless $text =~ /\n\z/;
    for (split /\n/, $text) {
        if (/^# HELP ([a-z_]+) \S.*$/) { die "$1 is told twice" if $metric{$1}; $current = $1; $metric{$1} = {}; next }
        if (/^# TYPE ([a-z_]+) (gauge|counter)$/) { die "TYPE of $1 is out of place" if $1 ne $current || $metric{$1}{type}; $metric{$1}{type} = $2; next }
        my ($name, $labels, $value) = /^([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)+)\})? (-?[0-9]+(?:\.[0-9]+)?)$/ or die "no sample: $_";
        die "a sample of $name is among those of $current" if $name ne $current || !$metric{$name}{type};
        $labels //= '';
        die "$name\{$labels} is there twice" if exists $metric{$name}{samples}{$labels};
        $metric{$name}{samples}{$labels} = $value;
    }
    $_ =~ /^einbuergerung_/ or die "$_ has no prefix" for keys %metric;
    return \%metric;
}

sub value {
    my ($metrics, $name, $label) = @_;
    my $samples = $metrics->{"einbuergerung_$name"}{samples};
    my ($found) = grep { !defined $label || /$label/ } sort keys %$samples;
    return defined $found ? $samples->{$found} : undef;
}

sub submit { return Eb::Journey->new(Eb::Browser->new($server), Eb::Journey::promised(Eb::Journey::fixture('01-ledige-person')))->fill->send }

subtest 'who may ask, and how' => sub {
    is ask('', place => '/anderswo')->{status}, 403, 'the authorization is httpd\'s';
    my $res = ask('', method => 'POST');
    is $res->{status}, 405, 'POST';
    like $res->{headers}{allow}, qr/GET/, 'says what is allowed';
    is ask('format=yaml')->{status}, 400, 'a form that there is not';
    $res = ask('format=json', method => 'HEAD');
    is "$res->{status} '$res->{text}'", "200 ''", 'HEAD';
};

subtest 'nothing yet' => sub {
    well();
    my $json = json();
    ok $json->{ok} && !@{ $json->{reasons} }, 'JSON: well';
    my ($output) = @{ $json->{outputs} };
    is_deeply [@$output{qw(authority output accepted delivered pending held missing oldest_seconds last_success problem)}],
        ['05711000', 'directory', 0, 0, 0, 0, 0, 0, undef, undef], 'an output without applications';
    my ($redis) = @{ $json->{redis} };
    is_deeply [@$redis{qw(role eviction aof aof_written reachable doubt)}], ['master', 'noeviction', JSON::PP::true, JSON::PP::true, JSON::PP::true, undef], 'Redis';
    like $redis->{version}, qr/^\d+\.\d+/, 'its version';
    cmp_ok $redis->{memory_used}, '>', 100_000, 'its memory';
    is $json->{keys}[0]{count}, 1, 'a key';
    like $json->{keys}[0]{sealing}, qr/^test \([0-9a-f]{8}\)$/, 'by name and fingerprint';
    ok $json->{scanners}[0]{required} && $json->{scanners}[0]{reachable}, 'the scanner';
    ok $json->{spools}[0]{open} && $json->{spools}[0]{free_bytes} > 1e6, 'the spool';
};

my $number;
subtest 'one delivered' => sub {
    my $receipt = submit();
    $number = Eb::Journey::number($receipt);
    $server->await_inbox(1);
    await(sub { output()->{delivered} == 1 }, 'delivered');
    my $output = output();
    is $output->{accepted}, 1, 'accepted';
    adds_up($output, 'it adds up');
    like $output->{last_success}, qr/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0[12]:00$/, 'the last success';
};

subtest 'the page for people' => sub {
    my $res = ask('');
    is $res->{status}, 200, 'is there';
    is $res->{headers}{refresh}, '30', 'comes again by itself';
    is $res->{headers}{'cache-control'}, 'no-store', 'is not stored';
    like $res->{headers}{'content-security-policy'}, qr/^default-src 'none'/, 'with a strict policy';
    unlike $res->{text}, qr/<script|style=|onclick|javascript:/i, 'without scripts and inline style';
    like $res->{text}, qr/Alles in Ordnung.*Stadt Musterstadt.*directory/s, 'in German';
    my @sheets = $res->{text} =~ /<link rel='stylesheet' href='([^']+)'/g;
    is_deeply [map { ask('', place => $_)->{status} } @sheets], [200, 200, 200], 'its style sheets are served';
    open my $lint, '|-', 'xmllint --noout - 2>/dev/null' or die;
    print $lint $res->{content};
    ok close $lint, 'it is well-formed';
};

subtest 'metrics' => sub {
    my $res = ask('format=prometheus');
    is $res->{headers}{'content-type'}, 'text/plain; version=0.0.4; charset=utf-8', 'their media type';
    my $metrics = eval { metrics($res->{text}) } or diag $@;
    ok $metrics, 'every line is as it must be';
    is value($metrics, 'healthy'), 1, 'healthy';
    my ($labels) = keys %{ $metrics->{einbuergerung_accepted_total}{samples} };
    like $labels, qr/^authority="05711000",output="directory",spool="\Q$spool\E"$/, 'labels';
    is value($metrics, 'accepted_total'), 1, 'accepted';
    is $metrics->{einbuergerung_accepted_total}{type}, 'counter', 'which only grows';
    is value($metrics, 'redis_up') . value($metrics, 'redis_honest') . value($metrics, 'scanner_up') . value($metrics, 'spool_open'), '1111', 'all is there';
    cmp_ok abs(value($metrics, 'last_success_timestamp_seconds') - time), '<', 60, 'the last success';
};

# As an operator's retry would, under the workers' lock: due now.
sub retry {
    for my $file (glob "$spool/05711000/queue/*.job") {
        open my $package, '<', $file =~ s/job$/package/r or next;
        flock $package, LOCK_EX or die $!;
        my $job = eval { decode_json(Eb::Server::slurp($file)) } or next;
        $job->{due} = int(time * 1e6);
        open my $fh, '>', "$file.new" or die $!;
        print $fh encode_json($job);
        close $fh;
        chmod 0644, "$file.new";
        rename "$file.new", $file or die $!;
    }
}

subtest 'a job that is held' => sub {
    rename "$server->{dir}/eingang", "$server->{dir}/weg";
    submit() for 1 .. 2;
    unwell('held');
    await(sub { output()->{held} == 2 }, 'both are held');
    my $output = output();
    adds_up($output, 'it adds up');
    is $output->{accepted}, 3, 'accepted: three';
    is $output->{problem}{id}, 'EB0601', 'the problem';
    like $output->{problem}{remedy}, qr/Create it and give/, 'its remedy';
    like ask('')->{text}, qr/Bitte eingreifen.*angehalten sind 2.*EB0601.*Create it and give/s, 'on the page as well';
    my $metrics = metrics(ask('format=prometheus')->{text});
    is value($metrics, 'held') . value($metrics, 'healthy') . value($metrics, 'unwell', 'held') . value($metrics, 'failing', 'EB0601'), '2011', 'and in metrics';
    my $health = ask('format=health', headers => { Accept => 'application/json' });
    is $health->{status}, 503, 'health as JSON, by Accept';
    is decode_json($health->{content})->{reasons}[0]{reason}, 'held', 'with the reason';
    is ask('format=health-json')->{content}, $health->{content}, 'and by its name';
    my $auto = ask('auto', place => '/server-status')->{text};
    like $auto, qr/^EinbuergerungAccepted: 3\nEinbuergerungDelivered: 1\nEinbuergerungPending: 0\nEinbuergerungHeld: 2\nEinbuergerungOldestSeconds: \d+\nEinbuergerungReasons: 1$/m,
        'server-status?auto';
    like ask('', place => '/server-status')->{text}, qr{<h2>Einbürgerung</h2>.*Angehalten: 2.*angehalten sind 2}s, 'server-status';

    retry();
    sleep 3;
    my @said = $server->log =~ /EB0601 .*/g;
    is scalar @said, 1, 'after four tries the log has heard of it once';

    rename "$server->{dir}/weg", "$server->{dir}/eingang";
    retry();
    $server->await_inbox(3);
    await(sub { output()->{delivered} == 3 }, 'the journey ends', 30);
    well();
    $output = output();
    is $output->{delivered}, 3, 'all are delivered';
    is $output->{problem}, undef, 'no problem stands';
    like $server->log, qr/:notice\].* EB0601 is over for authority 05711000, after /, 'the log hears that it is over';
    my $noted = () = Eb::Server::slurp("$spool/05711000/journal.log") =~ /\taccepted\t/g;
    is_deeply [$noted, scalar(() = $server->inbox)], [3, 3], 'journal, inbox and status tell the same';
};

subtest 'Redis away' => sub {
    $server->stop_redis('KILL');
    unwell('redis');
    my ($redis) = @{ json()->{redis} };
    ok !$redis->{reachable} && $redis->{fault}{id} =~ /^EB04/, 'JSON says so';
    is value(metrics(ask('format=prometheus')->{text}), 'redis_up'), 0, 'and metrics';
    like ask('')->{text}, qr/ist nicht erreichbar/, 'and the page';
    $server->start_redis('--maxmemory-policy', 'allkeys-lru');
    well();
    is value(metrics(ask('format=prometheus')->{text}), 'redis_honest'), 0, 'a Redis that evicts is doubted';
    like json()->{redis}[0]{doubt}{remedy}, qr/noeviction/, 'with a remedy';
};

subtest 'the scanner away' => sub {
    $clamd->stop;
    unlink $clamd->socket;
    unwell('scanner');
    is value(metrics(ask('format=prometheus')->{text}), 'scanner_up', 'required="yes"'), 0, 'metrics';
    $clamd->start;
    well();
};

# A package of some age whose job is not due; complete when its name appears.
sub waiting {
    my ($uuid, $age, $due) = @_;
    my $base = "$spool/05711000/queue/$uuid";
    for ([job => time + $due], [package => time - $age]) {
        my $tmp = "$spool/05711000/tmp/$uuid";
        sysopen my $fh, $tmp, O_WRONLY | O_CREAT, 0644 or die $!;
        utime $_->[1], $_->[1], $fh;
        close $fh;
        rename $tmp, "$base.$_->[0]" or die $!;
    }
    return ("$base.package", "$base.job");
}

subtest 'an old one' => sub {
    my @files = waiting('00000000-0000-4000-8000-000000000001', 3000, 1800);
    await(sub { output()->{pending} == 1 }, 'one waits');
    is ask('format=health')->{status}, 200, 'for not quite an hour: well';
    my $seconds = output()->{oldest_seconds};
    ok $seconds >= 3000 && $seconds < 3600, "its age: $seconds s";
    utime time - 7300, time - 7300, $files[0];
    unwell('old');
    like ask('format=health')->{text}, qr/2 h 1 min old/, 'says how old';
    unlink @files;
    well();
};

subtest 'one that is missing' => sub {
    open my $fh, '>>', "$spool/05711000/journal.log" or die $!;
    print $fh "2026-01-01T00:00:00.000+01:00\t05711000\tEB-2026-XXXX-XXXX-X\t00000000-0000-4000-8000-00000000000$_\taccepted\tdirectory\t\n" for 2 .. 5;
    close $fh;
    unwell('missing');
    is output()->{missing}, 4, 'four that only the journal knows';
    rename "$spool/05711000/journal.log", "$spool/05711000/journal.log.1";
    well();
    is output()->{accepted}, 3, 'a rotated journal changes no count';
};

subtest 'the spool gone' => sub {
    rename $spool, "$spool.weg";
    unwell('spool');
    rename "$spool.weg", $spool;
    well();
};

subtest 'no room in the spool' => sub {
    plan skip_all => 'cannot mount a small tmpfs here' if $> != 0 || system("mount -t tmpfs -o size=50m,mode=0777 none '$spool' 2>/dev/null");
    unwell('room');
    like ask('format=health')->{text}, qr/has only 50 MB left/, 'says how much';
    system "umount -l '$spool'";
    well();
};

subtest '100,000 that wait' => sub {
    my @files;
    for my $n (1 .. 100_000) {    # names of few files: an inode bears some 60,000
        my $uuid = sprintf '%08x-0000-4000-8000-0000000000ff', $n;
        if ($n % 50_000 == 1) { push @files, waiting($uuid, 60, 3000); next }
        my @new = map { "$spool/05711000/queue/$uuid.$_" } qw(package job);
        # The job first: a package without one is new, and the workers would take it.
        link $files[$n > 50_000 ? 100_001 : 1], $new[1] or die "link: $!";
        link $files[$n > 50_000 ? 100_000 : 0], $new[0] or die "link: $!";
        push @files, @new;
    }
    await(sub { output()->{pending} == 100_000 }, 'are counted');
    sleep 6;
    my $start = time;
    ask('format=health');
    my $fresh = time - $start;
    $start = time;
    ask('') for 1 .. 10;
    my $remembered = (time - $start) / 10;
    diag sprintf "figure status_100000_fresh %.0f ms\nfigure status_100000_remembered %.1f ms", $fresh * 1e3, $remembered * 1e3;
    cmp_ok $fresh, '<', 20, 'a GET is answered';
    cmp_ok $remembered, '<', 5, 'and so are the next ones';    # to open so many takes much longer, on any machine
    unlink @files;
};

subtest 'nothing of an application' => sub {
    my $fixture = Eb::Journey::fixture('01-ledige-person');
    my %secret = map { ($_ => 1) } grep { length > 5 && /[A-Z]/ && !/^datei / } values %$fixture;
    my $all = join '', map { ask($_)->{text} } '', 'format=json', 'format=prometheus', 'format=health';
    my @told = grep { index($all, $_) >= 0 } keys %secret;
    ok !@told && index($all, $number) < 0, 'is told' or diag "@told";
};

subtest 'an outbox in Redis' => sub {
    my $spooled = $server;
    $server = Eb::Server->new(server => "EinbuergerungOutbox redis\n<Location $place>\nSetHandler einbuergerung-status\n</Location>");
    well();
    my $json = json();
    ok !@{ $json->{spools} } && $json->{redis}[0]{outbox}, 'there is no spool, and Redis is the outbox';
    submit();
    await(sub { output()->{delivered} == 1 }, 'one is delivered');
    adds_up(output(), 'it adds up');
    ok metrics(ask('format=prometheus')->{text}), 'metrics are as they must be';
    $server->redis('CONFIG', 'SET', 'appendfsync', 'everysec');
    unwell('doubt');
    $server->redis('CONFIG', 'SET', 'appendfsync', 'always');
    well();
    $server->stop_redis('KILL');
    unwell('redis');
    like ask('')->{text}, qr/Bitte eingreifen/, 'the page is there without Redis';
    $server->start_redis;
    well();
    $server->expect(qr/EB04\d\d/);
    $server->log_is_clean;
    $server = $spooled;
};

$server->expect(qr/EB0601/, qr/EB04\d\d/, qr/AH01630/);
$server->log_is_clean;
done_testing;
