package Eb::Shipped;

# Starts a vhost as it is shipped: its paths are those of this test instead of the host's, its port a free one, its certificate made
# for the day. Everything else is as an operator would have it.

use strict;
use warnings;
use utf8;
use Eb::Browser;
use Eb::Server;
use HTTP::Tiny;

my $modules = '/usr/lib/apache2/modules';

sub has_modules { my @missing = grep { !-e "$modules/mod_$_.so" } @_; return !@missing }

# A server that is not yet started; `target`: where the host's folders are.
sub new {
    my ($class, %o) = @_;
    my $s = Eb::Server->new(start => 0);
    return bless { server => $s, dir => $s->{dir}, target => $o{target} // "$s->{dir}/host" }, $class;
}

sub certificate {
    my ($self) = @_;
    my $pem = "$self->{dir}/tls.pem";
    my @make = qw(req -x509 -newkey rsa:3072 -nodes -days 2 -subj /CN=einbuergerung.stadt-musterstadt.example);
    system(qq{openssl @make -keyout '$pem.key' -out '$pem' 2>/dev/null}) if !-e $pem;
    return $pem;
}

# The shipped text, with the paths of this test.
sub here {
    my ($self, $text) = @_;
    my ($s, $dir, $target) = ($self->{server}, $self->{dir}, $self->{target});
    my $pem = $self->certificate;
    $text =~ s{\*:443\b}{127.0.0.1:$s->{port}}g;
    $text =~ s{^(\s*SSLCertificateFile\s+).*}{$1"$pem"}mg;
    $text =~ s{^(\s*SSLCertificateKeyFile\s+).*}{$1"$pem.key"}mg;
    $text =~ s{/usr/share/mod_einbuergerung}{$s->{stage}/share}g;
    $text =~ s{/run/redis-einbuergerung/einbuergerung\.sock}{$dir/redis/redis.sock}g;
    $text =~ s{(?<![\w/])(/etc/apache2/|/var/lib/einbuergerung|/srv/)}{$target$1}g;
    return $text;
}

sub start {
    my ($self, $text, @more) = @_;
    my ($s, $dir) = ($self->{server}, $self->{dir});
    my $user = $s->{user} ? "User $s->{user}\nGroup $s->{user}\n" : '';
    my $load = join '', map { qq(LoadModule ${_}_module "$modules/mod_$_.so"\n) } qw(mpm_event authz_core authz_host mime), @more;
    my $workers = $ENV{WORKERS} || 16;
    my $threads = $workers > 64 ? 64 : 8;
    $s->write_conf(<<CONF . $self->here($text));
ServerRoot "$dir"
ServerName 127.0.0.1
Listen 127.0.0.1:$s->{port}
PidFile "$dir/httpd.pid"
ErrorLog "$dir/log/error.log"
LogLevel warn einbuergerung:debug
${load}LoadModule einbuergerung_module "$s->{stage}/modules/mod_einbuergerung.so"
TypesConfig /dev/null
AddType text/css .css
AddType font/woff2 .woff2
ServerTokens Prod
${user}StartServers 1
ServerLimit ${\ ($workers / $threads) }
ThreadsPerChild $threads
MaxRequestWorkers $workers
EinbuergerungShare "$s->{stage}/share"
EinbuergerungSpool "$self->{target}/var/lib/einbuergerung/spool"
CONF
    $s->start;
    return $self;
}

sub browser {
    my ($self, %o) = @_;
    return Eb::Browser->new($self->{server}, base => "https://127.0.0.1:$self->{server}{port}",
        http => HTTP::Tiny->new(max_redirect => 0, timeout => 60, verify_SSL => 0), %o);
}

1;
