# einbuergerungctl against a real server, with either engine of the outbox: what waits is shown, a held job is let go, kept, exported; keys are changed under waiting
# applications; the doctor finds what was broken on purpose, each by its id.
use strict;
use warnings;
use utf8;
use Fcntl qw(:flock);
use File::Copy qw(copy);
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Browser;
use Eb::Clamd;
use Eb::Journey;
use Eb::Server;
use JSON::PP ();
use Test::More;
use Time::HiRes qw(sleep time);
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

my ($server, $dir, $owner, $redis, @httpd, @saved);

sub serve {
    my ($engine) = @_;
    $server->log_is_clean if $server;
    $redis  = $engine eq 'redis';
    $server = Eb::Server->new(server => "EinbuergerungFilesCount 60\nEinbuergerungOutbox $engine");
    $dir    = $server->{dir};
    $owner  = (stat "$dir/spool")[4];
    $server->expect(qr/EB0601/, qr/EB0807/);
    @httpd = ('--httpd', Eb::Server::apache(), '-f', "$dir/httpd.conf");
    @saved = ('--config', "$dir/saved");    # spares most commands a configtest
    open my $fh, '>', "$dir/saved" or die $!;
    print $fh dump_of($server);
    close $fh;
}

# (exit code, stdout, stderr); the address of the configuration goes before.
sub ctl_at {
    my ($address, @args) = @_;
    local %ENV = $server->environment;
    my $pid = fork // die $!;
    if (!$pid) {
        open STDOUT, '>', "$dir/ctl.out";
        open STDERR, '>', "$dir/ctl.err";
        exec Eb::Server::build() . '/stage/usr/bin/einbuergerungctl', @$address, @args or POSIX::_exit(127);
    }
    waitpid $pid, 0;
    my $code = $? & 127 ? "signal $?" : $? >> 8;
    my ($out, $err) = map { my $s = Eb::Server::slurp("$dir/ctl.$_"); utf8::decode($s); $s } qw(out err);
    diag $err if $err =~ /Sanitizer|runtime error/;
    return ($code, $out, $err);
}
sub ctl { return ctl_at(\@saved, @_) }
sub parse { my ($text) = @_; utf8::encode($text); return JSON::PP->new->utf8->decode($text) }
sub ctl_json { my ($code, $out) = ctl(@_, '--json'); return parse($out) }

sub dump_of {
    my ($s) = @_;
    local %ENV = $s->environment;
    return scalar qx{${\ Eb::Server::apache()} -t -D DUMP_EINBUERGERUNG -f "$s->{dir}/httpd.conf" 2>/dev/null};
}

sub close_output { rename "$dir/eingang", "$dir/weg" or die $! }
sub open_output  { rename "$dir/weg", "$dir/eingang" or die $! }

sub submit {
    my ($fixture) = @_;
    my $j = Eb::Journey->new(Eb::Browser->new($server), $fixture // '01-ledige-person');
    return Eb::Journey::number($j->fill->send);
}

# The job with this number, once the worker has looked at it.
sub await {
    my ($number, $good) = @_;
    my $job;
    for (1 .. 600) {
        $job = ctl_json('jobs', 'show', $number);
        last if $good->($job);
        sleep 0.1;
    }
    return $job;
}
sub await_held { return await($_[0], sub { $_[0]{state} eq 'held' }) }
sub await_gone { return await($_[0], sub { $_[0]{state} eq 'purged' }) }

serve('spool');
subtest 'the dump' => sub {
    my $other = Eb::Server->new(start => 0);
    my $at    = $other->{dir};
    my $secret = 'Redis-hat-ein-Geheimnis';
    open my $fh, '>', "$at/redis-password" or die $!;
    print $fh "$secret\n";
    close $fh;
    chmod 0600, "$at/redis-password";
    $other->{redis_conf} = qq(EinbuergerungRedis "unix:$at/redis/redis.sock" user=antrag password-file=redis-password database=3);
    $other->write_conf;
    my $text = dump_of($other);
    my $dump = eval { JSON::PP->new->utf8->decode($text) };
    ok $dump, 'is JSON' or diag $@, $text;
    my ($vhost, $authority) = ($dump->{vhosts}[0], $dump->{authorities}[0]);
    is $authority->{id}, '05711000', 'has the authority';
    is $authority->{name}, 'Stadt Musterstadt, Einbürgerungsbehörde', '… by its name';
    is_deeply $authority->{output}, { transport => 'directory', folder => "$at/eingang" }, '… its output';
    is $vhost->{forms}[0]{base}, '/antrag', 'the form, its place';
    like $vhost->{forms}[0]{where}, qr{^\Q$at\E/httpd\.conf:\d+$}, '… and its line';
    like $vhost->{forms}[0]{editions}[0]{hash}, qr/^[0-9a-f]{32}$/, '… its edition';
    is $vhost->{key_file}, "$at/keys", 'the key file';
    is_deeply [map { $_->{outbox} } $vhost, $authority], [({ engine => 'spool', folder => "$at/spool" }) x 2], 'the outbox, also by default';
    is $vhost->{limits}{file_size}, 10 * 1024 * 1024, 'limits, also by default';
    is_deeply $vhost->{redis}, { address => "unix:$at/redis/redis.sock",
        options => { user => 'antrag', 'password-file' => "$at/redis-password", database => '3' } }, 'Redis, the password by its file';
    $other->{server} = 'EinbuergerungOutbox redis lease=7';
    $other->write_conf;
    my $in_redis = dump_of($other);
    is_deeply parse($in_redis)->{authorities}[0]{outbox}, { engine => 'redis', redis => $vhost->{redis}, lease => 7 }, 'an outbox in Redis';
    unlike $text . $in_redis, qr/\Q$secret\E/, 'no password';
    delete $other->{server};
    $other->write_conf;
    my ($key) = Eb::Server::slurp("$at/keys") =~ /^\S+ (\S+)/;
    unlike $text, qr/\Q$key\E/, 'no key';
    is dump_of($other), $text, 'and is the same each time';
    is +(ctl_at(['--httpd', Eb::Server::apache(), '-f', "$at/httpd.conf"], 'status'))[0], 0, 'which einbuergerungctl reads';
};

subtest 'usage' => sub {
    is +(ctl())[0], 2, 'no command';
    is +(ctl('tanzen'))[0], 2, 'no such command';
    is +(ctl('jobs', 'show'))[0], 2, 'too few words';
    is +(ctl('status', '--held'))[0], 2, 'an option of another command';
    is +(ctl('status', '--nichts'))[0], 2, 'an option of none';
    my ($code, $out) = ctl('--help');
    is $code, 0, '--help';
    like $out, qr/jobs export.*Exit codes: 0 good/s, 'tells commands and exit codes';
    is +(ctl_at(['--httpd', '/nichts/da'], 'status'))[0], 3, 'no httpd';
    is +(ctl_at(['--config', '/nichts/da'], 'status'))[0], 3, 'no saved configuration';
    is +(ctl_at(['--config', "$dir/httpd.conf"], 'status'))[0], 3, 'a file that is none';
    is +(ctl('jobs', 'show', 'EB-2026-XXXX-XXXX-X'))[0], 1, 'no such job';
    is +(ctl('jobs', 'list', '99999999'))[0], 1, 'no such authority';
};

my $stock = 'eb:{o:05711000}';

# A worker's hold on a job.
sub occupy {
    my ($uuid) = @_;
    return $server->redis('SET', "$stock:lease:$uuid", 'ein anderer Knoten', 'PX', 60000) if $redis;
    open my $package, '<', "$dir/spool/05711000/queue/$uuid.package" or die $!;
    flock $package, LOCK_EX or die $!;
    return $package;
}

sub leave {
    my ($uuid, $busy) = @_;
    $redis ? $server->redis('DEL', "$stock:lease:$uuid") : close $busy;
}

sub jobs_and_keys {
    my $delivered = submit();
    $server->await_inbox(1);
    subtest 'delivered' => sub {
        my $job = await_gone($delivered);
        is $job->{state}, 'purged', 'is found by its number, through the journal';
        my ($row) = @{ ctl_json('status') };
        is_deeply [@$row{qw(accepted delivered pending held)}], [1, 1, 0, 0], 'is counted';
        is +(ctl('status'))[0], 0, 'and nothing is wrong';
        is_deeply ctl_json('jobs', 'list'), [], 'nothing waits';
        my @steps = map { $_->{step} } @{ ctl_json('journal', '05711000', '--number', lc $delivered) };
        is_deeply \@steps, [qw(accepted announced submitted confirmed purged)], 'its journal';
        is_deeply ctl_json('journal', '--since', '2999-01-01'), [], 'nothing since';
        is +(ctl('journal', '--since', 'gestern'))[0], 2, 'no date';
        my ($code, undef, $err) = ctl('jobs', 'hold', $delivered);
        is $code, 1, 'it cannot be held any more';
        like $err, qr/EB0805/, '… and why';
    };

    close_output();
    my $number = submit();
    subtest 'held' => sub {
        my $job = await_held($number);
        is $job->{problem_id}, 'EB0601', 'a job is held, with its problem';
        ok $job->{remedy}, 'and its remedy';
        my ($code, $out, $err) = ctl_at(\@httpd, 'status');
        is $code, 1, 'status: something is wrong';
        like $out, qr/05711000: EB0601/, 'and what';
        like $err, qr/EB0802.*EB0707/, 'also that httpd would not start so';
        my $list = ctl_json('jobs', 'list', '05711000', '--held');
        is_deeply [map { $_->{number} } @$list], [$number], 'jobs list --held';
        is_deeply ctl_json('jobs', 'list', '--due'), [], 'not due';
        like +(ctl('jobs', 'list'))[1], qr/^NUMBER +AUTHORITY .*\n\Q$number\E +05711000 +held +\d+ s /, 'for people';
        unlike join('', (ctl('jobs', 'show', $number))[1], (ctl('journal'))[1]), qr/Musterfrau|Muster,/i, 'no content';
        is +(ctl('jobs', 'retry', $number))[0], 0, 'retry';
        sleep 1.5;
        is await_held($number)->{problem_id}, 'EB0601', 'as long as nothing is mended, it is held again';
    };

    subtest 'a job that is being worked on' => sub {
        my $uuid = ctl_json('jobs', 'show', $number)->{uuid};
        my $busy = occupy($uuid);
        for my $command ([qw(jobs retry)], [qw(jobs hold)]) {
            my ($code, undef, $err) = ctl(@$command, $number);
            is $code, 1, "@$command: no";
            like $err, qr/EB0806.*\Q$number\E/, '… and why';
        }
        my ($code, $out) = ctl(qw(keys rewrap));
        is $code, 1, 'keys rewrap: not all';
        like $out, qr/1 are left/, '… and how many';
        leave($uuid, $busy);
    };

    subtest 'hold' => sub {
        is +(ctl('jobs', 'hold', $number, 'Die Behörde zieht um'))[0], 0, 'an operator holds a job';
        open_output();
        is +(ctl('jobs', 'hold', $number, 'Die Behörde zieht um'))[0], 0, '… twice, so that it is due';
        my $job = await($number, sub { $_[0]{tries} > 1 });
        is scalar(() = $server->inbox), 1, 'it is not delivered, though nothing is in its way';
        is $job->{state}, 'held', 'it is held';
        is $job->{problem}, 'Die Behörde zieht um', 'with the reason';
        cmp_ok $job->{tries}, '>', 1, 'the worker has looked at it';
        is +(ctl('jobs', 'retry', $number))[0], 0, 'until somebody says retry';
        is scalar(() = $server->await_inbox(2)), 2, 'then it is delivered, at once';
        is await_gone($number)->{state}, 'purged', 'and confirmed';
    };

    subtest 'retry --all-held, confirm' => sub {
        close_output();
        my @numbers = map { submit() } 1 .. 2;
        await_held($_) for @numbers;
        is +(ctl('jobs', 'confirm', $numbers[0]))[0], 2, 'confirm asks for --yes';
        is +(ctl('jobs', 'confirm', $numbers[0], '--yes'))[0], 0, 'confirm';
        is await_gone($numbers[0])->{state}, 'purged', 'ends a case';
        open_output();
        my ($code, $out) = ctl('jobs', 'retry', '--all-held', '05711000');
        is $code, 0, 'retry --all-held';
        like $out, qr/^1 held jobs/, '… counts them';
        is scalar(() = $server->await_inbox(3)), 3, 'and delivers the other, and only that';
        await_gone($numbers[1]);
    };

    subtest 'export, new key, rewrap' => sub {
        close_output();
        my $case = submit('02-familie-drei-kinder');
        my $uuid = await_held($case)->{uuid};
        mkdir "$dir/von-hand";
        is +(ctl('jobs', 'export', $case, "$dir/von-hand"))[0], 2, 'export asks for --yes';
        is +(ctl('jobs', 'export', $case, "$dir/von-hand", '--yes'))[0], 0, 'export';
        is +(stat "$dir/von-hand/${case}_$uuid.xml")[2] & 0777, 0600, 'for its owner only';
        my ($code, undef, $err) = ctl('jobs', 'export', $case, "$dir/von-hand", '--yes');
        is $code, 1, 'a second time there: no';
        like $err, qr/EB0808/, '… and why';
        is +(grep { $_->{step} eq 'exported' } @{ ctl_json('journal', '--number', $case) }), 1, 'it is in the journal';

        my ($old) = Eb::Server::slurp("$dir/keys") =~ /^(test .*)$/m;
        is +(ctl_at([], 'keys', 'new', "$dir/keys", 'zweiter'))[0], 0, 'keys new';
        my @lines = split /\n/, Eb::Server::slurp("$dir/keys");
        like $lines[0], qr{^zweiter [A-Za-z0-9+/]{43}=$}, 'puts a key on top';
        is $lines[1], $old, 'and leaves the others';
        is +(stat "$dir/keys")[2] & 0777, 0600, 'mode 0600';
        is +(ctl_at([], 'keys', 'new', "$dir/keys", 'zweiter'))[0], 1, 'a name only once';
        is +(ctl_at([], 'keys', 'new', "$dir/frisch"))[0], 0, 'also into a new file';
        like Eb::Server::slurp("$dir/frisch"), qr{^20\d\d-\d\d-\d\d [A-Za-z0-9+/]{43}=\n$}, '… named after the day';
        is_deeply [sort glob "$dir/keys*"], ["$dir/keys"], 'nothing else is left';

        my %before = map { $_->{name} => $_->{packages} } @{ ctl_json('keys', 'check') };
        is_deeply \%before, { test => 1, zweiter => 0 }, 'keys check: the package is under the old key';
        my $file   = "$dir/spool/05711000/queue/$uuid.package";
        my $time   = (stat $file)[9];
        is +(ctl('keys', 'rewrap'))[0], 0, 'keys rewrap';
        my %after = map { $_->{name} => $_->{packages} } @{ ctl_json('keys', 'check') };
        is_deeply \%after, { test => 0, zweiter => 1 }, 'now it is under the new one';
        is +(stat $file)[4], $owner, "it belongs to the spool's owner" if !$redis;
        is +(stat $file)[9], $time, 'and is as old as it was' if !$redis;
        is $server->redis('TTL', "$stock:package:$uuid"), -1, 'and does not expire' if $redis;
        is_deeply [grep { /:new:|:lease:/ } $server->redis_keys, glob "$dir/spool/05711000/tmp/*"], [], 'nothing is left behind';
        like +(ctl('keys', 'rewrap'))[1], qr/^0 packages .* 0 are left/, 'a second time there is nothing to do';

        open my $fh, '>', "$dir/keys" or die $!;
        print $fh "$lines[0]\n";
        close $fh;
        open_output();
        $server->graceful;
        ctl('jobs', 'retry', $case);
        is await_gone($case)->{state}, 'purged', 'delivered, after the old key has gone';
        is system('diff', '-r', "$dir/von-hand/${case}_$uuid", "$dir/eingang/${case}_$uuid"), 0, 'the exported documents are those delivered';
        is system('cmp', "$dir/von-hand/${case}_$uuid.xml", "$dir/eingang/${case}_$uuid.xml"), 0, '… and so is the message';
        cmp_ok scalar(() = glob "$dir/von-hand/${case}_$uuid/*"), '>=', 10, '… all of them';
    };

    subtest 'whose the files are' => sub {
        my @foreign = grep { my $uid = (stat)[4]; defined $uid && $uid != $owner } glob "$dir/spool/05711000/* $dir/spool/05711000/*/*";
        is_deeply \@foreign, [], "everything in the spool belongs to the spool's owner";
    };

    subtest 'doctor: nothing wrong' => sub {
        my ($code, @found) = doctor(\@httpd);
        my @wrong = grep { !/^EB081[12]/ } wrong(@found);    # this machine's own tmpfs, or disk
        is_deeply \@wrong, [], 'nothing is wrong' or diag explain \@found;
        cmp_ok scalar(grep { $_->{state} eq 'good' } @found), '>=', 8, 'and much was looked at';
        ok +(grep { $_->{subject} =~ /^outbox in Redis / && $_->{state} eq 'good' } @found), 'the outbox, too' if $redis;
        like +(ctl_at(\@httpd, 'doctor'))[1], qr/^good +configtest: .*\n\d+ looks, \d+ wrong\.$/s, 'for people';
    };
}

sub doctor {
    my ($address) = @_;
    my ($code, $out) = ctl_at($address, 'doctor', '--json');
    return ($code, @{ parse($out) });
}
sub wrong { return map { "$_->{id} $_->{subject}" } grep { $_->{state} eq 'wrong' } @_ }

for my $engine (qw(redis spool)) {
    serve($engine);
    subtest "engine $engine" => \&jobs_and_keys;
}

subtest 'form check' => sub {
    my $form = Eb::Server::root() . '/schemas/forms/einbuergerung.xml';
    my $sums = ctl_json('form', 'check', $form);
    is $sums->{id}, 'einbuergerung', 'a good form';
    cmp_ok $sums->{$_}, '>', 2, "$sums->{$_} $_" for qw(sections steps pages fields repeats documents);
    my $text = Eb::Server::slurp($form);
    $text =~ s/<eb:step id="[^"]+"/<eb:step id="zwei Worte"/;
    open my $fh, '>', "$dir/schlecht.xml" or die $!;
    print $fh $text;
    close $fh;
    my ($code, undef, $err) = ctl('form', 'check', "$dir/schlecht.xml");
    is $code, 1, 'a bad one';
    like $err, qr/EB02\d\d \Q$dir\E\/schlecht\.xml:\d+/, '… with file and line';
};

# --- the doctor ---

# One vhost per defect, in a dump that is otherwise good.
my $dump = parse(do { my $s = dump_of($server); utf8::decode($s); $s });
sub look {
    my (%o) = @_;
    my $copy = parse(JSON::PP->new->encode($dump));
    my ($vhost, $authority) = ($copy->{vhosts}[0], $copy->{authorities}[0]);
    $vhost->{$_} = $o{$_} for grep { exists $vhost->{$_} } keys %o;
    $authority->{output}{folder} = $o{output} if $o{output};
    $_->{outbox} = $o{outbox} for grep { $o{outbox} } $vhost, $authority;
    open my $fh, '>', "$dir/dump" or die $!;
    print $fh JSON::PP->new->utf8->encode($copy);
    close $fh;
    my (undef, @found) = doctor(['--config', "$dir/dump"]);
    return map { $_->{id} // () } grep { $_->{state} ne 'good' } @found;
}
sub finds {
    my ($id, $name, %o) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my @ids = look(%o);
    ok scalar(grep { $_ eq $id } @ids), "$name: $id" or diag "found: @ids";
}

subtest 'doctor: httpd' => sub {
    my ($code, @found) = doctor(['--httpd', '/nichts/da']);
    is $code, 3, 'no httpd: nothing to look at';
    like join(' ', wrong(@found)), qr/EB0801/, 'EB0801';
    my $conf = Eb::Server::slurp("$dir/httpd.conf");
    my $try = sub {
        my ($text) = @_;
        open my $fh, '>', "$dir/probe.conf" or die $!;
        print $fh $text;
        close $fh;
        return doctor(['--httpd', Eb::Server::apache(), '-f', "$dir/probe.conf"]);
    };
    ($code, @found) = $try->($conf =~ s/^(?:LoadModule einbuergerung_module|Einbuergerung|LogLevel).*\n//mgr
        =~ s/<Location.*?<\/Location>//sr =~ s/<EinbuergerungAuthority.*<\/EinbuergerungAuthority>//sr);
    like join(' ', wrong(@found)), qr/EB0803/, 'the module is not loaded: EB0803';
    ($code, @found) = $try->($conf =~ s{"\Q$dir\E/keys"}{"$dir/schluessel"}r);
    is $code, 1, 'configtest fails';
    like join(' ', wrong(@found)), qr/EB0802 configtest.*EB0101 key file/, 'EB0802, and the rest was looked at: EB0101';
};

subtest 'doctor: files and folders' => sub {
    copy("$dir/keys", "$dir/keys-offen");
    chmod 0644, "$dir/keys-offen";
    finds('EB0102', 'a key file that all may read', key_file => "$dir/keys-offen");
    finds('EB0408', 'no spool',  outbox => { engine => 'spool', folder => "$dir/nirgends" });
    finds('EB0707', 'no output', output => "$dir/nirgends");
  SKIP: {
        skip 'needs root', 3 if $>;
        copy("$dir/keys", "$dir/keys-fremd");
        chmod 0600, "$dir/keys-fremd";
        chown $owner, -1, "$dir/keys-fremd";
        finds('EB0810', "a key file of httpd's user", key_file => "$dir/keys-fremd");
        mkdir "$dir/nur-root", 0700;
        finds('EB0408', "a spool that is closed to httpd's user", outbox => { engine => 'spool', folder => "$dir/nur-root" });
        finds('EB0707', 'such an output', output => "$dir/nur-root");
    }
    my ($old) = $server->inbox;
    utime time - 5 * 86400, time - 5 * 86400, $old;
    finds('EB0813', 'messages that nobody fetches', key_file => "$dir/keys");
  SKIP: {
        my $tmpfs = "/dev/shm/eb-ctl-$$";
        skip 'no tmpfs', 1 unless qx{stat -f -c %T /dev/shm 2>/dev/null} =~ /tmpfs/ && mkdir $tmpfs;
        chmod 0777, $tmpfs;
        finds('EB0811', 'a spool in memory', outbox => { engine => 'spool', folder => $tmpfs });
        rmdir $tmpfs;
    }
};

subtest 'doctor: Redis, clamd' => sub {
    my $other = Eb::Server->new(start => 0);
    my $at    = "unix:$other->{dir}/redis/redis.sock";
    finds('EB0401', 'no Redis', redis => { address => $at, options => {} });
    $other->start_redis('--appendonly', 'no', '--maxmemory-policy', 'allkeys-lru');
    finds('EB0426', 'no append-only file', redis => { address => $at, options => {} });
    finds('EB0429', 'eviction',            redis => { address => $at, options => {} });
    $other->redis(qw(CONFIG SET appendonly yes));
    $other->redis(qw(CONFIG SET appendfsync everysec));
    finds('EB0427', 'a lazy append-only file', redis => { address => $at, options => {} });
    is scalar($other->redis_keys), 0, 'the doctor leaves no key';
    $other->redis(qw(CONFIG SET appendfsync always));
    $other->redis(qw(CONFIG SET maxmemory-policy noeviction));
    my ($rights) = Eb::Server::slurp(Eb::Server::root() . '/conf/redis-users.acl') =~ /^user einbuergerung (.*)/m;
    open my $fh, '>', "$dir/redis-password" or die $!;
    print $fh "geheim\n";
    close $fh;
    my $user = { address => $at, options => { user => 'antrag', 'password-file' => "$dir/redis-password" } };
    $other->redis(qw(ACL SETUSER antrag >geheim), split ' ', $rights);
    ok !(grep { /^EB04|^EB0815/ } look(redis => $user)), 'the user that is shipped is good';
    finds('EB0815', 'but has not the rights for an outbox', outbox => { engine => 'redis', redis => $user, lease => 60 });
    my ($more) = Eb::Server::slurp(Eb::Server::root() . '/conf/redis-users.acl') =~ /^user einbuergerung-outbox (.*)/m;
    $other->redis(qw(ACL SETUSER postfach >geheim), split ' ', $more);
    my $outbox = { engine => 'redis', redis => { address => $at, options => { %{ $user->{options} }, user => 'postfach' } }, lease => 60 };
    ok !(grep { /^EB04|^EB0815/ } look(outbox => $outbox)), 'which the other one has';
    is scalar($other->redis_keys), 0, 'and no key is left';
    $other->redis(qw(CONFIG SET appendfsync everysec));
    finds('EB0427', 'an outbox that may forget', outbox => $outbox);
    $other->redis(qw(CONFIG SET appendfsync always));
    $outbox->{redis}{options}{replicas} = '1';
    finds('EB0430', 'an outbox without its replicas', outbox => $outbox);
    $other->redis(qw(ACL SETUSER antrag -xadd -expire));
    finds('EB0815', 'a user without rights', redis => $user);
    finds('EB0715', 'no clamd', virus_scan => { mode => 'required', socket => "$dir/clamd.sock" });
    my $clamd = Eb::Clamd->new(dir => $dir);
    my @ids   = look(virus_scan => { mode => 'required', socket => $clamd->socket });
    chmod 0666, $clamd->socket;
    @ids = look(virus_scan => { mode => 'required', socket => $clamd->socket });
    ok !(grep { /^EB04[23]|^EB0715/ } @ids), 'one that answers is good' or diag "@ids";
    $clamd->mode('answer', 'nichts');
    ok +(grep { /^EB042[0-2]/ } look(virus_scan => { mode => 'required', socket => $clamd->socket })), 'one that answers nonsense is not';
};

subtest 'doctor: editions' => sub {
    my $b = Eb::Browser->new($server);
    my $first = Eb::Journey::first_page($server);
    $b->open($first);
    $b->submit({ Eb::Journey::page_values($server, $first, '01-ledige-person') });
    my ($key) = grep { /:draft$/ && $server->redis('TTL', $_) > 29 * 86400 } $server->redis_keys;
    $server->redis('EXPIRE', $key, 86400);
    finds('EB0817', 'a draft older than the form', key_file => "$dir/keys");
};

$server->log_is_clean;
done_testing;
