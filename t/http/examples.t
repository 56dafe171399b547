# The example vhosts, each started as it is shipped and used: an application goes in at the front and arrives where the file says.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Journey;
use Eb::Sentinels;
use Eb::Server;
use Eb::Shipped;
use JSON::PP ();
use Test::More;
use Time::HiRes qw(sleep);

plan skip_all => 'mod_ssl or IO::Socket::SSL are missing' unless Eb::Shipped::has_modules('ssl') && eval { require IO::Socket::SSL };

plan skip_all => 'the same code under other configurations: enough without sanitizers' if $ENV{EB_SANITIZE};

sub text_of { my $t = Eb::Server::slurp(Eb::Server::root() . "/conf/$_[0]"); utf8::decode($t); return $t }

# What a host has: keys, a spool, inboxes; no scanner.
sub host {
    my (@inboxes) = @_;
    my $h = Eb::Shipped->new;
    my ($target, $s) = @$h{qw(target server)};
    my @own = map { "$target$_" } '/var/lib/einbuergerung/spool', map { "/srv/einbuergerung/$_" } @inboxes;
    system('mkdir', '-p', "$target/etc/apache2/einbuergerung", @own);
    system('cp', '-p', "$h->{dir}/keys", "$target/etc/apache2/einbuergerung/keys");
    system('chown', 'www-data:', @own) if $s->{user};
    return $h;
}

# Without a scanner, and with time enough for a busy machine.
sub calm { my ($t) = @_; $t =~ s/^EinbuergerungVirusScan.*//m; $t =~ s/^(\s*EinbuergerungRedis .*)/$1 connect-timeout=60000 timeout=60000/m; return "EinbuergerungVirusScan off\n$t" }

sub arrives {
    my ($h, $inbox, $b) = @_;
    $b //= $h->browser;
    my $j = Eb::Journey->new($b, '01-ledige-person');
    ok my $number = Eb::Journey::number($j->fill->send), 'an application is accepted' or return;
    my @got;
    for (1 .. 1200) { @got = glob "$h->{target}/srv/einbuergerung/$inbox/*.xml"; last if @got; sleep 0.1 }
    is scalar @got, 1, '… and arrives';
    return $b;
}

subtest 'vhost-example.conf' => sub {
    my $h = host('eingang');
    $h->{server}->start_redis;
    $h->start(calm(text_of('vhost-example.conf')), qw(ssl alias));
    my $b = arrives($h, 'eingang');
    is $h->browser->get('/')->{location} =~ s{^https://[^/]+}{}r, '/antrag/', 'the address without a path leads to it';
    is $h->browser->get('/quickcheck/')->{status}, 200, 'the Quick-Check is there';
    $h->{server}->log_is_clean;
};

# What httpd makes of a text, in which only what must exist lies here; nothing is started.
sub understood {
    my ($h, $text) = @_;
    my $s = $h->{server};
    $text =~ s{/usr/share/mod_einbuergerung}{$s->{stage}/share};
    $text =~ s{/etc/apache2/einbuergerung/keys}{$h->{dir}/keys};
    my $load = join '', map { qq(LoadModule ${_}_module "/usr/lib/apache2/modules/mod_$_.so"\n) } qw(mpm_event authz_core authz_host);
    $s->write_conf(qq(ServerName 127.0.0.1\nErrorLog "$h->{dir}/log/error.log"\n${load}LoadModule einbuergerung_module "$s->{stage}/modules/mod_einbuergerung.so"\n$text));
    my $dump = qx{${\ Eb::Server::apache()} -t -D DUMP_EINBUERGERUNG -f "$h->{dir}/httpd.conf" 2>$h->{dir}/err};
    return eval { JSON::PP->new->utf8->decode($dump) } // diag Eb::Server::slurp("$h->{dir}/err");
}

subtest 'reference.conf' => sub {
    my $h = host('eingang');
    my $text = text_of('reference.conf');
    my $without = $text =~ s/^Einbuergerung(?:Outbox|Spool|Test|VirusScan|File\w+) .*\n//mgr;
    my ($said, $default) = map { understood($h, $_)->{vhosts}[0] } $text, $without;
    cmp_ok length $without, '<', length($text) - 100, 'without what is said to be the default';
    is_deeply [@$said{qw(test outbox virus_scan limits)}], [@$default{qw(test outbox virus_scan limits)}], '… all is as with it';
    $h->{server}->start_redis;
    $h->start(calm($text) =~ s/^Einbuergerung(?:Spool|Share) .*//mgr);    # which are this test's
    my $plain = Eb::Browser->new($h->{server});
    arrives($h, 'eingang', $plain);
    like $plain->get('/einbuergerung-status')->{text}, qr/05711000/, 'the status is there';
    $h->{server}->log_is_clean;
};

subtest 'twenty-authorities.conf' => sub {
    plan skip_all => 'no mod_macro' unless Eb::Shipped::has_modules('macro');
    my @ags = map { sprintf '057110%02d', $_ } 1 .. 20;
    my $h = host(@ags);
    $h->{server}->start_redis;
    $h->start(calm(text_of('examples/twenty-authorities.conf')), qw(ssl macro));
    my ($pages, %name) = 0;
    for my $path ($h->here(text_of('examples/twenty-authorities.conf')) =~ /^\s+Use Behoerde (\w+)/mg) {
        my $res = $h->browser->open("/$path/antrag/");
        $pages++ if $res->{status} == 200;
        $name{$1}++ if $res->{text} =~ /((?:Stadt|Gemeinde) \w+dorf, [\w -]+)/;
    }
    is $pages, 20, 'twenty forms';
    is scalar keys %name, 20, 'each by its own name';
    $h->{server}->log_is_clean;
};

subtest 'behind-a-proxy.conf' => sub {
    plan skip_all => 'no mod_proxy_http or mod_remoteip' unless Eb::Shipped::has_modules(qw(proxy_http remoteip headers));
    my $h = host('eingang');
    my $port = Eb::Server::free_port();
    $h->{server}->start_redis;
    $h->start(calm(text_of('examples/behind-a-proxy.conf')) =~ s/127\.0\.0\.1:8081/127.0.0.1:$port/gr, qw(ssl headers proxy proxy_http remoteip));
    my $b = arrives($h, 'eingang');
    ok !(grep { !/^__Host-/ } keys %{ $b->{cookies} }), 'its cookies are __Host- ones' or diag join ' ', keys %{ $b->{cookies} };
    isnt $h->browser->get('/einbuergerung-status')->{status}, 200, 'the status is not for the outside';
    $h->{server}->log_is_clean;
};

subtest 'sentinel.conf' => sub {
    my $h = host('eingang');
    my $group = Eb::Sentinels->new($h->{server}, redis => [qw(a b)], options => [qw(--appendonly yes --appendfsync always)]);
    plan skip_all => 'no Redis that is a Sentinel' unless $group && $group->start;
    my $address = $group->address;
    my $text = calm(text_of('examples/sentinel.conf'));
    $text =~ s{sentinel://[^"]+}{$address} or die 'no address';
    $h->start($text, 'ssl');
    arrives($h, 'eingang');
    $h->{server}->log_is_clean;
};
done_testing;
