# The outbox is changed while applications wait in the former one: said at configtest and at the start, on the status page, by the
# doctor; a second vhost delivers them, as the remedy says. Back again: the doctor finds what waits in Redis.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Browser;
use Eb::Journey;
use Eb::Server;
use JSON::PP ();
use Test::More;
use Time::HiRes qw(sleep);

my $status = qq(<Location "/zustand">\nSetHandler einbuergerung-status\n</Location>);
my $server = Eb::Server->new(server => $status);
my $dir    = $server->{dir};
$server->expect(qr/EB0601/);

sub submit { my $j = Eb::Journey->new(Eb::Browser->new($server), Eb::Journey::promised(Eb::Journey::fixture('01-ledige-person'))); return Eb::Journey::number($j->fill->send) }
sub page   { return Eb::Browser->new($server)->get('/zustand')->{text} }
sub health { return Eb::Browser->new($server)->get('/zustand?format=health')->{text} }
sub close_output { rename "$dir/eingang", "$dir/weg" or die $! }
sub open_output  { rename "$dir/weg", "$dir/eingang" or die $! }
sub configure { my (@lines) = @_; $server->{server} = join "\n", $status, @lines; $server->write_conf }
sub await { my ($good) = @_; for (1 .. 600) { return 1 if $good->(); sleep 0.1 } return 0 }

sub doctor {
    local %ENV = $server->environment;
    my $ctl = Eb::Server::build() . '/stage/usr/bin/einbuergerungctl';
    my $out = qx{$ctl --httpd ${\ Eb::Server::apache()} -f $dir/httpd.conf doctor --json 2>/dev/null};
    return map { "$_->{subject}: $_->{what}" } grep { ($_->{id} // '') eq 'EB0721' } @{ JSON::PP->new->utf8->decode($out) };
}

close_output();
ok my $number = submit(), 'one that cannot be delivered yet';
$server->stop;
open_output();
configure('EinbuergerungOutbox redis');

subtest 'it is told' => sub {
    my ($rc, $out) = $server->configtest;
    is $rc, 0, 'the configuration is good';
    like $out, qr{EB0721.*1 applications for authority 05711000 wait in \Q$dir\E/spool/05711000/queue.*second vhost}s, 'but for what was left behind';
    $server->start;
    like $server->log, qr/EB0721/, 'also at the start';
    like health(), qr{^unwell\nleft: authority 05711000: .*\Q$dir\E/spool \(1\)}, 'on the status page';
    like page(), qr/Aus dem früheren Ausgang wird nichts mehr zugestellt/, '… in German';
    is_deeply [doctor()], ["spool $dir/spool: 1 applications for authority 05711000"], 'by the doctor';
    is scalar(() = $server->inbox), 0, 'and nobody delivers it';
};

subtest 'and mended, while the new outbox works' => sub {
    configure('EinbuergerungOutbox redis', '<VirtualHost 127.0.0.2:1>', 'ServerName ausgang.example', 'EinbuergerungOutbox spool', $server->authority, '</VirtualHost>');
    is [$server->configtest]->[1] =~ /EB0721/, '', 'a vhost that delivers it: nothing is said any more';
    $server->restart;
    like join(' ', $server->await_inbox(1)), qr/\Q$number\E/, 'it is delivered';
    ok submit(), 'another one';
    is scalar(() = $server->await_inbox(2)), 2, '… by way of Redis';
    ok await(sub { health() eq "ok\n" }), 'all is well';
    configure('EinbuergerungOutbox redis');
    is [$server->configtest]->[1] =~ /EB0721/, '', 'without the vhost, too';
};

subtest 'an authority that is gone' => sub {
    mkdir "$dir/spool/05711999";
    mkdir "$dir/spool/05711999/queue";
    open my $fh, '>', "$dir/spool/05711999/queue/00000000-0000-4000-8000-000000000001.package" or die $!;
    is [$server->configtest]->[1] =~ /EB0721/, '', 'in the folder of another httpd: not our affair';
    configure();
    like [$server->configtest]->[1], qr/EB0721.*05711999/, 'in our outbox: said';
    system 'rm', '-r', "$dir/spool/05711999";
};

subtest 'back to the spool' => sub {
    configure('EinbuergerungOutbox redis');
    $server->restart;
    close_output();
    ok submit(), 'one that waits in Redis';
    $server->stop;
    open_output();
    configure();
    my @found = doctor();
    is scalar(@found), 1, 'the doctor asks Redis' or diag @found;
    like "@found", qr/^Redis unix:.*: 1 applications for authority 05711000$/, '… and finds it';
    $server->start;
};

$server->log_is_clean;
done_testing;
