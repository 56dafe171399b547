package Eb::Server;

# A private httpd and a private Redis below a temporary folder, started in a fraction of a second and stopped when the object
# goes; as root (children then run as www-data) or not. At the end the error log is looked through: a crash, a sanitizer report
# or an error that the test did not announce fails the test.

use strict;
use warnings;
use utf8;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp ();
use IO::Socket::INET;
use IO::Socket::UNIX;
use POSIX qw(:sys_wait_h);
use Test::More ();
use Time::HiRes qw(sleep time);

binmode Test::More->builder->$_, ':encoding(UTF-8)' for qw(output failure_output todo_output);

my $root = abs_path(dirname(__FILE__) . '/../../..');

sub root  { $root }
sub build { $ENV{EB_BUILD} || "$root/build" }

sub apache { (grep { -x } '/usr/sbin/apache2', '/usr/sbin/httpd')[0] }

sub redis_binary {
    my ($dir) = @_;
    for my $path (map { "$_/redis-server" } split /:/, $ENV{PATH}) { return $path if -x $path }
    my ($tool) = grep { -x } map { "$_/redis-check-rdb" } split /:/, $ENV{PATH};
    return unless $tool;
    symlink $tool, "$dir/redis-server";    # redis-tools: one binary, its name decides
    return "$dir/redis-server";
}

sub free_port {
    my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', Proto => 'tcp') or die "no free port: $!";
    return $s->sockport;
}

# new(%): mpm (event), server => directives for the main server, vhost => directives that replace the default authority, location =>
# directives that replace the default form, scan => EinbuergerungVirusScan (off), timeout => milliseconds that Redis is
# given (a minute: that a busy machine is slow is no fault), redis => 0 to leave Redis out, start => 0 to only write the configuration, output, spool.
sub new {
    my ($class, %o) = @_;
    my $missing = !-e build() . '/stage/.done' ? 'the module is not built (make stage)'
                : !apache()                    ? 'httpd is not installed'
                :                                undef;
    Test::More::plan(skip_all => $missing) if $missing;
    my $self = bless { mpm => 'event', expected => [], owner => $$, %o }, $class;
    $self->{dir} = File::Temp->newdir('eb-XXXXXX', TMPDIR => 1);
    chmod 0755, $self->{dir};
    mkdir "$self->{dir}/$_" for qw(log redis spool eingang);
    $self->{port} = free_port();
    $self->{user} = $> == 0 ? 'www-data' : undef;
    $self->{stage} = $self->readable_stage;
    $self->write_keys;
    system('chown', '-R', 'www-data:', map { "$self->{dir}/$_" } qw(redis spool eingang)) if $self->{user};
    $self->write_conf;
    if ($o{start} // 1) {
        $self->start_redis if $o{redis} // 1;
        $self->start;
    }
    return $self;
}

# www-data must be able to read style sheets: a checkout below a closed folder is copied.
sub readable_stage {
    my ($self) = @_;
    my $stage = build() . '/stage';
    return $stage unless $self->{user};
    return $stage if 0 == system qq(setpriv --reuid=www-data --regid=www-data --clear-groups test -r '$stage/share/theme/app.css' 2>/dev/null);
    system('cp', '-R', $stage, "$self->{dir}/stage");
    return "$self->{dir}/stage";
}

sub write_keys {
    my ($self) = @_;
    my $key = `openssl rand -base64 32`;
    my $file = "$self->{dir}/keys";
    open my $fh, '>', $file or die $!;
    print $fh "test $key";
    close $fh;
    chmod 0600, $file;
}

sub conf_text {
    my ($self) = @_;
    my $dir     = $self->{dir};
    my $modules = '/usr/lib/apache2/modules';
    my $user    = $self->{user} ? "User $self->{user}\nGroup $self->{user}\n" : '';
    my $limits  = $self->{limits} // ($self->{mpm} eq 'prefork'
        ? "StartServers 2\nMinSpareServers 1\nMaxSpareServers 4\nMaxRequestWorkers 4\n"
        : "StartServers 1\nServerLimit 2\nThreadsPerChild 8\nMaxRequestWorkers 16\nMinSpareThreads 1\nMaxSpareThreads 16\n");
    my $location = $self->{location} // "SetHandler einbuergerung\n    EinbuergerungForm einbuergerung";
    my $vhost    = $self->{vhost}    // $self->authority;
    my $server   = $self->{server}   // '';
    $server .= "\nEinbuergerungLanguages de" unless $server =~ /EinbuergerungLanguages/;    # others cost a start their time
    my $scan     = $self->{scan}     // 'off';
    my $timeout  = $self->{timeout}  // 60_000;
    my $redis    = $self->{redis_conf} // qq(EinbuergerungRedis "unix:$dir/redis/redis.sock" connect-timeout=$timeout timeout=$timeout);
    return <<CONF;
ServerRoot "$dir"
ServerName 127.0.0.1
Listen 127.0.0.1:$self->{port}
PidFile "$dir/httpd.pid"
ErrorLog "$dir/log/error.log"
LogLevel warn einbuergerung:debug
DocumentRoot "$dir"
LoadModule mpm_$self->{mpm}_module "$modules/mod_mpm_$self->{mpm}.so"
LoadModule authz_core_module "$modules/mod_authz_core.so"
LoadModule mime_module "$modules/mod_mime.so"
LoadModule einbuergerung_module "$self->{stage}/modules/mod_einbuergerung.so"
TypesConfig /dev/null
AddType text/css .css
AddType font/woff2 .woff2
$user$limits
KeepAliveTimeout 5
MaxKeepAliveRequests 0
GracefulShutdownTimeout 5
LogFormat "%m %U %>s %b" kurz
CustomLog "$dir/log/access.log" kurz
EinbuergerungShare   "$self->{stage}/share"
$redis
EinbuergerungKeyFile "$dir/keys"
EinbuergerungSpool   "$dir/spool"
EinbuergerungVirusScan $scan
$server
<Location "/antrag">
    $location
</Location>
$vhost
CONF
}

sub authority {
    my ($self, $id, $output) = @_;
    $id     //= '05711000';
    $output //= qq(directory "$self->{dir}/eingang");
    return <<CONF;
<EinbuergerungAuthority $id>
    EinbuergerungAuthorityName "Stadt Musterstadt, Einbürgerungsbehörde"
    EinbuergerungAuthorityAddress "Musterplatz 1" "12345 Musterstadt"
    EinbuergerungAuthorityPhone "+49 1234 567-0"
    EinbuergerungAuthorityMail "einbuergerung\@musterstadt.example"
    EinbuergerungAuthorityImprint "https://www.musterstadt.example/impressum"
    EinbuergerungAuthorityPrivacy "https://www.musterstadt.example/datenschutz"
    EinbuergerungAuthorityAccessibility "https://www.musterstadt.example/barrierefreiheit"
    EinbuergerungOutput $output
</EinbuergerungAuthority>
CONF
}

sub write_conf {
    my ($self, $text) = @_;
    open my $fh, '>:encoding(UTF-8)', "$self->{dir}/httpd.conf" or die $!;
    print $fh $text // $self->conf_text;
    close $fh;
}

# (exit code, everything httpd said) of a configtest.
sub configtest {
    my ($self, $text) = @_;
    $self->write_conf($text) if defined $text;
    my $out = do { local %ENV = $self->environment; qx{${\ apache()} -t -f "$self->{dir}/httpd.conf" 2>&1} };
    return ($? >> 8, $out);
}

# A build with sanitizers needs their runtime before everything else.
sub environment {
    my ($self) = @_;
    return %ENV unless $ENV{EB_SANITIZE};
    chomp(my $asan = qx{gcc -print-file-name=libasan.so});
    return (%ENV, LD_PRELOAD => $asan, ASAN_OPTIONS => 'detect_leaks=0:log_path=stderr', UBSAN_OPTIONS => 'print_stacktrace=1');
}

sub spawn {
    my ($self, $log, @command) = @_;
    my $pid = fork // die "fork: $!";
    return $pid if $pid;
    POSIX::setsid();    # prefork ends its whole process group
    open STDOUT, '>>', $log;
    open STDERR, '>&', \*STDOUT;
    %ENV = $self->environment if $command[0] eq apache();
    exec @command or POSIX::_exit(127);
}

sub start_redis {
    my ($self, @more) = @_;
    my $dir  = $self->{dir};
    my $bin  = redis_binary($dir);
    Test::More::plan(skip_all => 'no Redis binary (package redis-tools)') unless $bin;
    my @drop = $self->{user} ? ('setpriv', '--reuid=www-data', '--regid=www-data', '--clear-groups') : ();
    $self->{redis_pid} = $self->spawn("$dir/log/redis.log", @drop, $bin, '--port', 0, '--unixsocket', "$dir/redis/redis.sock",
        '--dir', "$dir/redis", '--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction', @more);
    for (1 .. 3000) { last if eval { $self->redis('PING') eq 'PONG' }; sleep 0.02 }
}

sub stop_redis {
    my ($self, $signal) = @_;
    my $pid = delete $self->{redis_pid} or return;
    kill $signal || 'TERM', $pid;
    waitpid $pid, 0;
    unlink "$self->{dir}/redis/redis.sock" if ($signal || '') eq 'KILL';
}

sub start {
    my ($self) = @_;
    $self->{pid} = $self->spawn("$self->{dir}/log/stderr.log", apache(), '-f', "$self->{dir}/httpd.conf", '-DFOREGROUND');
    for (1 .. 3000) {
        return 1 if $self->answers;
        last if waitpid($self->{pid}, WNOHANG) > 0;
        sleep 0.02;
    }
    Test::More::diag($self->log, "\n", slurp("$self->{dir}/log/stderr.log"));
    die 'httpd did not start';
}

# An answer, not merely a connection: httpd opens its port twice while it starts.
sub answers {
    my ($self) = @_;
    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port}, Timeout => 5) or return;
    local $SIG{PIPE} = 'IGNORE';
    print $s "GET / HTTP/1.0\r\n\r\n";
    return (<$s> // '') =~ /^HTTP/;
}

sub stop {
    my ($self, $signal) = @_;
    my $pid = delete $self->{pid} or return;
    kill $signal || 'TERM', $pid;
    for (1 .. 3000) { return if waitpid($pid, WNOHANG) != 0; sleep 0.02 }
    kill 'KILL', $self->children($pid), $pid;
    waitpid $pid, 0;
}

# Kills httpd and its children at once, as a power cut would.
sub kill_all {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    my @all = ($pid, $self->children($pid));
    kill 'KILL', @all;
    waitpid $pid, 0;
    for (1 .. 6000) { last unless grep { kill 0, $_ } @all; sleep 0.01 }
}

sub graceful { kill 'USR1', $_[0]{pid}; sleep 0.3 }
sub restart  { my ($self) = @_; $self->stop; $self->start }

sub children {
    my ($self, $pid) = @_;
    $pid //= $self->{pid};
    my @found;
    for my $stat (glob '/proc/[0-9]*/stat') {
        open my $fh, '<', $stat or next;
        my $line = <$fh> // next;
        push @found, $1 if $line =~ /^(\d+) \(.*\) \S (\d+)/ && $2 == $pid;
    }
    return @found;
}

sub slurp {
    my ($file) = @_;
    open my $fh, '<', $file or return '';
    local $/;
    return scalar(<$fh>) // '';
}

sub log { slurp("$_[0]{dir}/log/error.log") }

# Log lines that this test provokes: a pattern each.
sub expect { my ($self, @patterns) = @_; push @{ $self->{expected} }, @patterns }

# Messages in the authority's inbox, oldest first.
sub inbox {
    my ($self) = @_;
    my @files = sort { -M $b <=> -M $a || $a cmp $b } glob "$self->{dir}/eingang/*.xml";
    return @files;
}

# As soon as there are so many; fewer when the time is over, which is said.
sub await_inbox {
    my ($self, $count, $seconds) = @_;
    my $end = time + ($seconds //= 90);
    while (1) {
        my @files = $self->inbox;
        return @files if @files >= $count;
        last if time >= $end;
        sleep 0.05;
    }
    my @files = $self->inbox;
    Test::More::diag('after ', $seconds, ' s there are ', scalar @files, " messages of $count");
    return @files;
}

# One Redis command over the private socket; arrays come back as references.
sub redis { my ($self, @command) = @_; return ($self->redis_all(\@command))[0] }

# Several, each a list, with the answers in their order.
sub redis_all {
    my ($self, @commands) = @_;
    my $s = IO::Socket::UNIX->new(Peer => "$self->{dir}/redis/redis.sock") or die "no Redis: $!";
    for my $command (@commands) { print $s join '', '*', scalar(@$command), "\r\n", map { ('$', length, "\r\n", $_, "\r\n") } @$command }
    $s->flush;
    return map { redis_reply($s) } @commands;
}

sub redis_reply {
    my ($s) = @_;
    my $line = <$s> // die 'Redis closed the connection';
    $line =~ s/\r\n\z//;
    my ($kind, $rest) = (substr($line, 0, 1), substr($line, 1));
    return $rest if $kind eq '+' || $kind eq ':';
    die "Redis: $rest" if $kind eq '-';
    return undef if $rest < 0;
    return [map { redis_reply($s) } 1 .. $rest] if $kind eq '*';
    read $s, my $data, $rest + 2;
    return substr $data, 0, $rest;
}

sub redis_keys { @{ $_[0]->redis('KEYS', '*') } }

# calls per command since the last CONFIG RESETSTAT
sub redis_calls {
    my ($self) = @_;
    return { map { /^cmdstat_([^:]+):calls=(\d+)/ ? ($1 => $2) : () } split /\r\n/, $self->redis('INFO', 'commandstats') };
}

sub check_log {
    my ($self) = @_;
    my @bad;
    for my $line (split /\n/, $self->log . slurp("$self->{dir}/log/stderr.log")) {
        next unless $line =~ /:(?:error|crit|alert|emerg)\]|exit signal|Sanitizer|runtime error:/;
        next if $line =~ /AH00484|AH00485|AH00288|AH03269|AH10159/;    # httpd's word for "all workers are busy": a busy machine, no fault
        next if grep { $line =~ $_ } @{ $self->{expected} };
        push @bad, $line;
    }
    return @bad;
}

# The last test of a file that ran a server.
sub log_is_clean {
    my ($self) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my @bad = $self->check_log;
    Test::More::ok(!@bad, 'nothing unexpected in the error log') or Test::More::diag(join "\n", @bad[0 .. ($#bad > 9 ? 9 : $#bad)]);
}

sub DESTROY {
    my ($self) = @_;
    return if $$ != $self->{owner};
    local ($?, $!);
    $self->stop;
    $self->stop_redis;
}

1;
