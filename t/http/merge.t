# Every directive: unset, set in the main server, set in the vhost, set in both, and back to its default in the vhost. What counts is what a
# visitor and the message see.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Browser;
use Eb::Files;
use Eb::Journey;
use Eb::Server;
use Test::More;
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

# One httpd with a vhost per case, told apart by name; all share the port.
my $s   = Eb::Server->new(start => 0);
my $dir = $s->{dir};
my %vhost;

sub vhost {
    my ($name, $inside, $location) = @_;
    $vhost{$name} = <<CONF;
<VirtualHost 127.0.0.1:$s->{port}>
    ServerName $name.example
    <Location "/antrag">
        SetHandler einbuergerung
        EinbuergerungForm einbuergerung
        @{[ $location // '' ]}
    </Location>
$inside
</VirtualHost>
CONF
}

my $other = $s->authority('05711000') =~ s/Stadt Musterstadt/Gemeinde Anderswo/r =~ s{/eingang}{/anderswo}r;
mkdir "$dir/anderswo";
mkdir "$dir/spool$_" for 2 .. 5;
system('chown', 'www-data:', "$dir/anderswo", map { "$dir/spool$_" } 2 .. 5) if $s->{user};
vhost('erbt',        '');
vhost('eigene',      qq(EinbuergerungOutbox spool\nEinbuergerungSpool "$dir/spool3"\n$other));
vhost('zweite',      $s->authority('05711001') =~ s/Stadt Musterstadt/Stadt Zweitens/r, 'EinbuergerungUseAuthority 05711001');
vhost('erste',       $s->authority('05711001') =~ s/Stadt Musterstadt/Stadt Zweitens/r, 'EinbuergerungUseAuthority 05711000');
vhost('test-an',     'EinbuergerungTest On');
vhost('test-aus',    'EinbuergerungTest Off');
vhost('autor',       'EinbuergerungAuthor "eip:09999999" "Portal des Kreises"');
vhost('spool',       qq(EinbuergerungSpool "$dir/spool2"));
vhost('outbox-redis', 'EinbuergerungOutbox redis');
vhost('outbox-spool', 'EinbuergerungOutbox spool');
vhost('grenzen',     "EinbuergerungFileSize 2M\nEinbuergerungFilesSize 5M\nEinbuergerungFilesCount 3");
vhost('grenzen-zurueck', "EinbuergerungFileSize 10M\nEinbuergerungFilesSize 80M\nEinbuergerungFilesCount 30");
vhost('scan-noetig', "EinbuergerungVirusScan required unix:$dir/kein-clamd");
vhost('scan-aus',    'EinbuergerungVirusScan off');
vhost('redis-fehlt', 'EinbuergerungRedis "127.0.0.1:1"');
vhost('schluessel',  qq(EinbuergerungKeyFile "$dir/andere-keys"\nEinbuergerungOutbox spool\nEinbuergerungSpool "$dir/spool4"));
vhost('karg',        qq(EinbuergerungSpool "$dir/spool5"\n<EinbuergerungAuthority 05711000>\nEinbuergerungAuthorityName "Karge Stadt"\nEinbuergerungOutput directory "$dir/eingang"\n</EinbuergerungAuthority>));
vhost('andere-teile', qq(EinbuergerungShare "$dir/teile"));
$vhost{'ohne-location'} = "<VirtualHost 127.0.0.1:$s->{port}>\n    ServerName ohne-location.example\n</VirtualHost>\n";
system('cp', '-R', "$s->{stage}/share", "$dir/teile");
my $changed = Eb::Server::slurp("$dir/teile/schemas/forms/einbuergerung.xml") =~ s{<eb:title>[^<]*}{<eb:title>Anderer Titel}r;
open my $form_file, '>', "$dir/teile/schemas/forms/einbuergerung.xml" or die $!;
print $form_file $changed;
close $form_file;
open my $fh, '>', "$dir/andere-keys" or die $!;
print $fh 'anders ' . `openssl rand -base64 32`;
close $fh;
chmod 0600, "$dir/andere-keys";

# HTTP::Tiny does not let Host be set.
sub page {
    my ($name, $path, %o) = @_;
    my $sock = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $s->{port}) or die $!;
    my $body = $o{body};
    my $method = defined $body ? 'POST' : 'GET';
    print $sock "$method $path HTTP/1.1\r\nHost: $name.example\r\nConnection: close\r\n"
        . ($o{cookie} ? "Cookie: $o{cookie}\r\n" : '')
        . (defined $body ? "Content-Type: " . ($o{type} // 'application/x-www-form-urlencoded') . "\r\nContent-Length: " . length($body) . "\r\n" : '') . "\r\n" . ($body // '');
    local $/;
    my $all = <$sock> // '';
    utf8::decode($all);
    my ($status) = $all =~ m{^HTTP/1\.1 (\d+)};
    my ($cookie) = $all =~ /^Set-Cookie: ([^;]+)/mi;
    return { status => $status, text => $all, cookie => $cookie, path => $path };
}

sub run {
    my ($main, $check) = @_;
    my $conf = $s->conf_text;
    $conf =~ s/^<EinbuergerungAuthority/$main\n<EinbuergerungAuthority/m;
    $s->write_conf($conf . join '', map { $vhost{$_} } sort keys %vhost);
    my ($rc, $out) = $s->configtest;
    is $rc, 0, 'configtest' or diag $out;
    $s->start;
    $check->();
    $s->stop;
}

$s->start_redis;
my $first = Eb::Journey::first_page($s);
my $form_of = sub { my ($res) = @_; return Eb::Browser::form(bless({}, 'Eb::Browser'), $res) };

sub first_post {
    my ($name) = @_;
    my $page = page($name, $first);
    my $form = $form_of->($page) or return $page;
    my $j = bless { fixture => Eb::Journey::fixture('01-ledige-person') }, 'Eb::Journey';
    my %v = $j->values_for($first, $form);
    my @pairs = (@{ $form->{hidden} }, (map { my $n = $_; map { ($n => $_) } ref $v{$n} ? @{ $v{$n} } : $v{$n} } @{ $form->{order} }), _weiter => 1);
    return page($name, $first, body => Eb::Browser::encode_form(@pairs));
}

# A browser that names its host, for whole journeys.
package Eb::Browser::Host { our @ISA = ('Eb::Browser');
    sub request {
        my ($self, $method, $path, %o) = @_;
        my $r = main::page($self->{name}, $path =~ s{^https?://[^/]+}{}r, cookie => $self->cookie_header, $method eq 'POST' ? (body => $o{content}, type => $o{headers}{'content-type'}) : ());
        if ($r->{cookie}) { my ($n, $v) = split /=/, $r->{cookie}, 2; $self->{cookies}{$n} = $v }
        ($r->{location}) = $r->{text} =~ /^Location: (\S+)/mi;
        return $self->{last} = $r;
    }
}

# The author of the message that an application through this vhost becomes.
sub author {
    my ($name) = @_;
    my $journey = Eb::Journey->new(bless({ name => $name, cookies => {} }, 'Eb::Browser::Host'), '01-ledige-person');
    my $number = Eb::Journey::number($journey->fill->send);
    for (1 .. 100) { last if glob "$dir/eingang/${number}_*.xml"; select undef, undef, undef, 0.1 }
    my $xml = Eb::Server::slurp((glob "$dir/eingang/${number}_*.xml")[0]);
    utf8::decode($xml);
    my ($id, $of) = $xml =~ m{<autor>.*?<kennung>([^<]*)</kennung>\s*<name>([^<]*)}s;
    return "$id $of";
}

# Where an application through this vhost waited until it was delivered.
sub engine {
    my ($name) = @_;
    my $count  = sub { $s->redis('HGET', 'eb:{o:05711000}:count', 'delivered') // 0 };
    my $before = $count->();
    author($name);
    for (1 .. 20) { return 'redis' if $count->() > $before; select undef, undef, undef, 0.05 }
    return 'spool';
}

# What the page for documents says about their limits.
sub limits {
    my ($name) = @_;
    my $text = page($name, '/antrag/nachweise-person')->{text};
    my ($count, $total) = $text =~ /0 von (\d+) Dateien, 0 Byte von (\d+) MB/ or return $text;
    my ($one) = $text =~ /höchstens (\d+) MB je Datei/;
    return "$one $total $count";
}

# What becomes of a file that no scanner has seen.
sub scan {
    my ($name) = @_;
    my $b = bless { name => $name, cookies => {} }, 'Eb::Browser::Host';
    $b->open($first);
    $b->submit({ Eb::Journey::page_values($s, $first, '01-ledige-person') });
    $b->open('/antrag/nachweise-person');
    $b->submit({ 'nachweise.geburtsurkunde' => [Eb::Files::make('a.pdf')] }, '_hochladen');
    my $text = $b->open('/antrag/nachweise-person')->{text};
    return $text !~ /a\.pdf/ ? 'refused' : $text =~ /wird noch/ ? 'waits' : 'goes';
}

subtest 'main server: test unset' => sub {
    run('', sub {
        like page('erbt', '/antrag/')->{text}, qr/Stadt Musterstadt/, 'authority: inherited';
        like page('eigene', '/antrag/')->{text}, qr/Gemeinde Anderswo/, 'authority: the vhost has the last word';
        unlike page('eigene', '/antrag/')->{text}, qr/Stadt Musterstadt/, '… alone';
        like page('zweite', '/antrag/')->{text}, qr/Stadt Zweitens/, 'EinbuergerungUseAuthority chooses the own one';
        like page('erste', '/antrag/')->{text}, qr/Stadt Musterstadt/, '… or the inherited one';
        unlike page('erbt', '/antrag/')->{text}, qr/Testbetrieb|Testinstallation|Testsystem/i, 'test: off by default';
        like page('test-an', '/antrag/')->{text}, qr/Test/, 'test: on in the vhost';
        is first_post('erbt')->{status}, 303, 'Redis: inherited';
        is first_post('redis-fehlt')->{status}, 503, 'Redis: the vhost has its own';
        my $mine = first_post('schluessel');
        is $mine->{status}, 303, 'key file: its own';
        is page('erbt', '/antrag/aufgaben', cookie => $mine->{cookie})->{status}, 404, "… and nobody else's draft can be read with it";
        my $theirs = first_post('erbt');
        is page('eigene', '/antrag/aufgaben', cookie => $theirs->{cookie})->{status}, 404, 'a draft of one vhost is not found by another';
        is page('erbt', '/antrag/aufgaben', cookie => $theirs->{cookie})->{status}, 200, '… but by its own';
        like page('karg', '/antrag/')->{text}, qr/Karge Stadt/, 'an authority of the vhost replaces the inherited one whole';
        unlike page('karg', '/antrag/')->{text}, qr/1234 567|Musterplatz|Impressum/, '… and takes nothing from it';
        like page('andere-teile', '/antrag/')->{text}, qr/Anderer Titel/, 'share: the vhost has its own';
        unlike page('erbt', '/antrag/')->{text}, qr/Anderer Titel/, 'share: inherited';
        like page('ohne-location', '/antrag/')->{text}, qr/Stadt Musterstadt/, 'form and location: inherited';
        is limits('erbt'), '10 80 30', 'limits of files: their defaults';
        is limits('grenzen'), '2 5 3', 'limits of files: set in the vhost';
        is scan('erbt'), 'goes', 'scan: off in the main server';
        is scan('scan-noetig'), 'waits', 'scan: required in the vhost';
        is engine('erbt'), 'spool', 'outbox: spool by default';
        is engine('outbox-redis'), 'redis', 'outbox: redis in the vhost';
        is author('erbt'), 'eip:05711000 erbt.example', 'author: by default from AGS and ServerName';
        is author('autor'), 'eip:09999999 Portal des Kreises', 'author: set in the vhost';
    });
};
subtest 'main server: test, author and outbox set' => sub {
    run(qq(EinbuergerungTest On\nEinbuergerungOutbox redis\nEinbuergerungAuthor "eip:01111111" "Portal des Landes"\nEinbuergerungFileSize 4M\nEinbuergerungFilesSize 6M\nEinbuergerungFilesCount 40), sub {
        is limits('erbt'), '4 6 40', 'limits of files: inherited';
        is limits('grenzen'), '2 5 3', 'limits of files: set in both';
        is limits('grenzen-zurueck'), '10 80 30', 'limits of files: back to their defaults';
        is scan('scan-aus'), 'goes', 'scan: off in the vhost';
        is engine('erbt'), 'redis', 'outbox: inherited';
        is engine('outbox-spool'), 'spool', 'outbox: back to the default in the vhost';
        is engine('outbox-redis'), 'redis', 'outbox: set in both';
        is author('erbt'), 'eip:01111111 Portal des Landes', 'author: inherited';
        is author('autor'), 'eip:09999999 Portal des Kreises', 'author: set in both';
        like page('erbt', '/antrag/')->{text}, qr/Test/, 'inherited';
        unlike page('test-aus', '/antrag/')->{text}, qr/ez-test/, 'back to the default in the vhost';
        like page('test-an', '/antrag/')->{text}, qr/Test/, 'set in both';
    });
};
# What has no value to fall back on in a test: configtest names the default it looked at.
subtest 'defaults' => sub {
    my $conf = $s->conf_text;
    for (['EinbuergerungSpool', '/var/lib/einbuergerung/spool'], ['EinbuergerungShare', '/usr/share/mod_einbuergerung']) {
        my ($directive, $default) = @$_;
      SKIP: {
            skip "$default exists here", 2 if -e $default;
            like [$s->configtest($conf =~ s/^$directive.*//mr)]->[1], qr/\Q$default/, "$directive unset: its default";
            my $back = $conf . qq(<VirtualHost 127.0.0.1:$s->{port}>\nServerName zurueck.example\n$directive "$default"\n<Location "/antrag">\nSetHandler einbuergerung\nEinbuergerungForm einbuergerung\n</Location>\n</VirtualHost>\n);
            like [$s->configtest($back)]->[1], qr/\Q$default/, "$directive back to its default in the vhost";
        }
    }
};
subtest 'scan: unset, and back to its default' => sub {
    my $conf = $s->conf_text =~ s/^EinbuergerungVirusScan.*//mr;
    my $socket = '/run/clamav/clamd.ctl';
    plan skip_all => "$socket exists here" if -e $socket;
    like [$s->configtest($conf)]->[1], qr/EB0715.*\Q$socket/, 'required, at the usual socket';
    my $back = $s->conf_text . qq(<VirtualHost 127.0.0.1:$s->{port}>\nServerName zurueck.example\nEinbuergerungVirusScan required\n<Location "/antrag">\nSetHandler einbuergerung\nEinbuergerungForm einbuergerung\n</Location>\n</VirtualHost>\n);
    like [$s->configtest($back)]->[1], qr/EB0715.*\Q$socket/, 'back to it in the vhost';
};
ok -d "$dir/spool2/05711000", 'spool: the vhost has its own';
ok -d "$dir/spool/05711000",  'spool: inherited';
$s->expect(qr/EB04\d\d/);
$s->log_is_clean;
done_testing;
