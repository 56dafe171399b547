# "einbuergerungctl init": five answers make a host on which the doctor finds nothing wrong and an application is delivered over TLS; a
# second run changes nothing, a different one destroys nothing. Every answer of that host, also httpd's own, has all security headers.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Journey;
use Eb::Server;
use Eb::Shipped;
use IO::Socket::UNIX;
use JSON::PP ();
use Test::More;
use Time::HiRes qw(sleep);

plan skip_all => 'mod_ssl, mod_headers or IO::Socket::SSL are missing'
    unless Eb::Shipped::has_modules(qw(ssl headers alias)) && eval { require IO::Socket::SSL };

my $shipped = Eb::Shipped->new;
my ($s, $dir, $target) = @$shipped{qw(server dir target)};
mkdir $target;
chmod 0755, $target;
my $etc = "$target/etc/apache2/einbuergerung";
my %answer = (authority => '05711000', name => 'Stadt Musterstadt, Einbürgerungsbehörde', host => 'einbuergerung.stadt-musterstadt.example',
    mail => 'einbuergerung@stadt-musterstadt.example', folder => '/srv/einbuergerung/eingang');

# (exit code, stdout, stderr)
sub run {
    my ($stdin, @args) = @_;
    utf8::encode($_) for $stdin, @args;
    open my $in, '>', "$dir/stdin" or die $!;
    print $in $stdin;
    close $in;
    local %ENV = $s->environment;
    my $pid = fork // die $!;
    if (!$pid) {
        open STDIN,  '<', "$dir/stdin";
        open STDOUT, '>', "$dir/ctl.out";
        open STDERR, '>', "$dir/ctl.err";
        exec Eb::Server::build() . '/stage/usr/bin/einbuergerungctl', @args or POSIX::_exit(127);
    }
    waitpid $pid, 0;
    return ($? >> 8, map { Eb::Server::slurp("$dir/ctl.$_") } qw(out err));
}

sub init {
    my ($change, @more) = @_;
    my %now = (%answer, %{ $change || {} });
    return run('', 'init', '--yes', '--target', $target, '--share', "$s->{stage}/share", '--scan', 'off', (map { ("--$_", $now{$_}) } sort keys %now), @more);
}

sub files { return split /\n/, qx{cd '$target' && find . -type f | sort} }
sub sums  { return scalar qx{cd '$target' && find . -type f | sort | xargs sha256sum} }

subtest 'what cannot be' => sub {
    for ([authority => '0571100'], [authority => '0571100x'], [name => 'Stadt "Musterstadt"'], [name => 'Stadt ${HOME}'], [name => ''], [name => "a\nb"],
        [host => 'ein host'], [host => '-a'], [mail => 'niemand'], [mail => 'a@b@c.de'], [folder => 'eingang'], [scan => 'immer']) {
        my ($code, undef, $err) = init({ @$_ });
        is $code, 2, "$_->[0] $_->[1]" =~ s/\n/ /r;
        like $err, qr/--$_->[0]: expected is/, '… and what is expected';
    }
    is +(run('', 'init', '--yes', '--target', $target))[0], 2, 'no answer';
    is +(run('', 'init', '--certificate', '/a'))[0], 2, 'a certificate without its key';
    is_deeply [files()], [], 'nothing was written';
};

subtest 'first run, answers typed in' => sub {
    my ($code, $out, $err) = run(join("\n", 'keine Zahl', @answer{qw(authority name host mail)}, '', ''), 'init', '--target', $target, '--share', "$s->{stage}/share", '--scan', 'off');
    is $code, 0, 'good' or diag $err;
    is scalar(() = $err =~ /Expected is/g), 1, 'a wrong answer was asked for again';
    like $out, qr/a2ensite einbuergerung.*einbuergerungctl doctor/s, 'it says what is left to do';
    is_deeply [files()], [qw(./etc/apache2/einbuergerung/keys ./etc/apache2/einbuergerung/redis-password ./etc/apache2/sites-available/einbuergerung.conf
        ./etc/redis/einbuergerung-users.acl ./etc/redis/redis-einbuergerung.conf ./var/lib/einbuergerung/security.txt)], 'six files';
    is sprintf('%o', (stat "$etc/$_")[2] & 07777), '600', "$_ is for root only" for qw(keys redis-password);
    is sprintf('%o', (stat "$target/etc/redis/$_")[2] & 07777), '640', "$_ is not for everybody" for qw(redis-einbuergerung.conf einbuergerung-users.acl);
    is sprintf('%o', (stat "$target/var/lib/einbuergerung/spool")[2] & 07777), '700', 'the spool, too';
    my $secret = substr Eb::Server::slurp("$etc/redis-password"), 0, 20;
    unlike Eb::Server::slurp("$target/etc/redis/einbuergerung-users.acl"), qr/\Q$secret\E/, 'Redis has no password in the clear';
    unlike Eb::Server::slurp("$target/etc/apache2/sites-available/einbuergerung.conf"), qr/\@[A-Z_]+\@/, 'no hole is left';
};

subtest 'again, and otherwise' => sub {
    my $before = sums();
    my ($code, $out) = init();
    is $code, 0, 'the same answers, by options';
    unlike $out, qr/^written/m, 'nothing is written';
    is sums(), $before, 'nothing has changed';
    my $json = JSON::PP->new->decode((init(undef, '--json'))[1]);
    is_deeply [map { $_->{changed} ? 1 : 0 } @{ $json->{files} }], [(0) x 5], 'and says so to programs';
    ($code, undef, my $err) = init({ host => 'anders.example' });
    is $code, 1, 'another answer';
    like $err, qr/EB0818/, '… is not done';
    is sums(), $before, '… and nothing has changed';
    my ($key, $password) = map { Eb::Server::slurp("$etc/$_") } qw(keys redis-password);
    is +(init({ host => 'anders.example' }, '--force'))[0], 0, 'unless by force';
    like Eb::Server::slurp("$target/etc/apache2/sites-available/einbuergerung.conf"), qr/ServerName anders\.example/, '… then it is';
    is_deeply [map { Eb::Server::slurp("$etc/$_") } qw(keys redis-password)], [$key, $password], 'but keys and password are those of before';
    is +(init(undef, '--force'))[0], 0, 'and back';
    is sums(), $before, '… to the same';
    my $text = Eb::Server::slurp("$target/var/lib/einbuergerung/security.txt");
    my $soon = POSIX::strftime('%Y-%m-%dT00:00:00Z', gmtime(time + 30 * 86400));
    open my $fh, '>', "$target/var/lib/einbuergerung/security.txt";
    print $fh $text =~ s/^Expires: .*/Expires: $soon/mr;
    close $fh;
    is +(init())[0], 0, 'a security.txt that expires in a month';
    is Eb::Server::slurp("$target/var/lib/einbuergerung/security.txt"), $text, '… is renewed';
};

# Redis as it is written, with the folders of this test.
my $conf = Eb::Server::slurp("$target/etc/redis/redis-einbuergerung.conf");
$conf =~ s{/run/redis-einbuergerung/einbuergerung\.sock}{$dir/redis/redis.sock};
$conf =~ s{/var/lib/redis\b}{$dir/redis};
$conf =~ s{/var/log/redis}{$dir/log};
$conf =~ s{/etc/redis/einbuergerung-users\.acl}{$dir/redis/users.acl}g;
for (["$dir/redis/redis.conf", $conf], ["$dir/redis/users.acl", Eb::Server::slurp("$target/etc/redis/einbuergerung-users.acl")]) {
    open my $fh, '>', $_->[0] or die $!;
    print $fh $_->[1];
    close $fh;
}
chmod 0777, "$dir/log";
my $bin  = Eb::Server::redis_binary($dir) or plan skip_all => 'no Redis binary (package redis-tools)';
my @drop = $s->{user} ? ('setpriv', "--reuid=$s->{user}", "--regid=$s->{user}", '--clear-groups') : ();
$s->{redis_pid} = $s->spawn("$dir/log/redis.log", @drop, $bin, "$dir/redis/redis.conf");
for (1 .. 3000) { last if IO::Socket::UNIX->new(Peer => "$dir/redis/redis.sock"); sleep 0.02 }
ok +IO::Socket::UNIX->new(Peer => "$dir/redis/redis.sock"), 'Redis starts with what was written for it' or diag map { Eb::Server::slurp($_) } glob "$dir/log/*";

$shipped->start(do { my $t = Eb::Server::slurp("$target/etc/apache2/sites-available/einbuergerung.conf"); utf8::decode($t); $t }, qw(ssl headers alias reqtimeout));

subtest 'the doctor' => sub {
    my ($code, $out) = run('', '--httpd', Eb::Server::apache(), '-f', "$dir/httpd.conf", 'doctor');
    my @wrong = grep { !/EB081[12]/ } $out =~ /^(WRONG.*)/mg;    # this machine's own tmpfs, or disk
    is_deeply \@wrong, [], 'finds nothing wrong' or diag $out;
};

subtest 'the doctor, and a security.txt' => sub {
    my $file = "$target/var/lib/einbuergerung/security.txt";
    my $text = Eb::Server::slurp($file);
    for (['2020-01-01T00:00:00Z', qr/EB0820.*It has expired/], ['bald', qr/EB0820.*does not say/], [POSIX::strftime('%Y-%m-%dT00:00:00Z', gmtime(time + 9 * 86400)), qr/EB0820.*within a month/]) {
        open my $fh, '>', $file or die $!;
        print $fh $text =~ s/^Expires: .*/Expires: $_->[0]/mr;
        close $fh;
        like +(run('', '--httpd', Eb::Server::apache(), '-f', "$dir/httpd.conf", 'doctor'))[1], $_->[1], "Expires: $_->[0]";
    }
    open my $fh, '>', $file or die $!;
    print $fh $text;
};

subtest 'a whole application' => sub {
    my $j   = Eb::Journey->new($shipped->browser, '01-ledige-person');
    my $res = $j->fill->send;
    ok my $number = Eb::Journey::number($res), 'is accepted' or diag substr $res->{text} // '', 0, 800;
    my $got = 0;
    for (1 .. 1200) { $got = () = glob "$target/srv/einbuergerung/eingang/*.xml"; last if $got; sleep 0.1 }
    is $got, 1, 'and delivered';
};

subtest 'every answer has its headers' => sub {
    my %wanted = ('content-security-policy' => qr/^default-src 'none';.*frame-ancestors 'none'/, 'strict-transport-security' => qr/^max-age=31536000$/,
        'x-content-type-options' => qr/^nosniff$/, 'referrer-policy' => qr/^same-origin$/, 'cross-origin-opener-policy' => qr/^same-origin$/,
        'cross-origin-resource-policy' => qr/^same-origin$/, 'permissions-policy' => qr/^camera=\(\)/);
    my $b = $shipped->browser;
    my @paths = (qw(/ /antrag /antrag/ /antrag/nirgends /quickcheck/ /status /antrag/status /einbuergerung-status /.well-known/security.txt /nirgends /app.css /.htaccess /antrag/../../x
        /antrag/%00 /antrag/%zz), Eb::Journey::first_page(), ($b->open('/antrag/')->{text} =~ m{(?:href|src)="(/[^"]*\.(?:css|js)[^"]*)"}g));
    my ($looked, @wrong) = 0;
    for my $path (@paths) {
        for my $method (qw(GET HEAD POST PUT OPTIONS TRACE DELETE)) {
            next if $method eq 'GET' && $path =~ /%00|%zz/;
            my $res = $shipped->browser->request($method, $path);
            $looked++;
            for (sort keys %wanted) {
                my $value = $res->{headers}{$_} // '';
                push @wrong, "$method $path ($res->{status}): $_ " . (ref $value ? 'twice' : "is '$value'") if ref $value || $value !~ $wanted{$_};
            }
            push @wrong, "$method $path tells its version: $res->{headers}{server}" if ($res->{headers}{server} // '') =~ /\d/;
        }
    }
    my $long = $shipped->browser->request('GET', '/antrag/' . 'x' x 5000);
    push @wrong, "a long line ($long->{status}) lacks $_" for grep { !$long->{headers}{$_} } sort keys %wanted;
    cmp_ok $looked, '>', 100, "$looked answers looked at";
    is_deeply \@wrong, [], 'none lacks one' or diag join "\n", @wrong[0 .. ($#wrong > 20 ? 20 : $#wrong)];
};

subtest 'security.txt' => sub {
    my $res = $shipped->browser->get('/.well-known/security.txt');
    is $res->{status}, 200, 'is served';
    like $res->{headers}{'content-type'}, qr{^text/plain; charset=utf-8}i, 'as text';
    like $res->{text}, qr/^Contact: mailto:\Q$answer{mail}\E$/m, 'whom to tell';
    my ($expires) = $res->{text} =~ /^Expires: (\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\dZ$/m;
    cmp_ok $expires, 'gt', POSIX::strftime('%Y-%m-%d', gmtime(time + 300 * 86400)), 'it is valid for long';
    cmp_ok $expires, 'lt', POSIX::strftime('%Y-%m-%d', gmtime(time + 366 * 86400)), '… and less than a year, as RFC 9116 asks for';
    is $shipped->browser->get("/.well-known/$_")->{status}, 404, "$_ is not beside it" for qw(spool keys);
};

$s->expect(qr/AH10244/);    # addresses that are none
$s->log_is_clean;
done_testing;
