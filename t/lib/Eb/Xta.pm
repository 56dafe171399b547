package Eb::Xta;

# The product on one side, the scripted XTA gateway on the other, and kept drafts between them. All that Eb::FitConnect does for its
# way, for this one.
#
#   my $way = Eb::Xta->new(options => { timeout => 5 });     # {xta}, {load}, {server}; skips the test when something is missing
#   my @numbers = $way->apply($count);  $way->finish($seconds);  $way->job($number);  $way->settle($mode);  $way->figures($mode)

use strict;
use warnings;
use Eb::FitConnect;
use Eb::Load;
use Eb::Server;
use Eb::XtaServer;

our @ISA = ('Eb::FitConnect');

sub new {
    my ($class, %o) = @_;
    my $xta  = Eb::XtaServer->new(%{ $o{xta} || {} });
    my $load = Eb::Load->new(%o, receiver => 0, vhost => Eb::Server->authority('05711000', output($xta, $o{options})));
    $load->{receiver} = $xta;
    my $self = bless { xta => $xta, zd => $xta, options => $o{options}, load => $load, server => $load->{server}, dir => $load->{server}{dir}, problems => {} }, $class;
    $self->save_configuration;
    return $self;
}

# The same server with other options.
sub reconfigure {
    my ($self, %options) = @_;
    my $server = $self->{server};
    $server->{vhost} = $server->authority('05711000', output($self->{xta}, { %{ $self->{options} || {} }, %options }));
    $server->write_conf;
    $self->save_configuration;
    $server->restart;
}

# The value of EinbuergerungOutput, and what belongs to it.
sub output {
    my ($xta, $more) = @_;
    my $e = $xta->expected;
    my %o = ('management-url' => $xta->management_url, 'send-url' => $xta->send_url, 'msgbox-url' => $xta->msgbox_url, 'cert-file' => $xta->certificate, 'key-file' => $xta->key,
        'ca-file' => $xta->ca_file, 'author' => $e->{author}, 'reader' => $e->{reader}, 'service' => $e->{service}, 'scenario' => $e->{scenario}, 'message-type' => $e->{message_type},
        'message-type-list' => $e->{message_list}, 'message-type-version' => $e->{message_version}, 'reader-cert-file' => $xta->reader_certificate, 'poll' => 1, 'timeout' => 5, %{ $more || {} });
    return "xta\n    EinbuergerungXta" . join '', map { qq( "$_=$o{$_}") } grep { defined $o{$_} } sort keys %o;
}

1;
