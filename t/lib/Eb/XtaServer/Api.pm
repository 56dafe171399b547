package Eb::XtaServer::Api;

# The operations of the ports management and send, and everything they refuse. An answer is a hash: action, relates, header, body, parts
# (what follows in MTOM), or fault; and what of it is worth a line in the log. Those of msgbox: MsgBox.pm.

use strict;
use warnings;
use Eb::XtaServer::MsgBox;
use Eb::XtaServer::Soap qw(fault read_envelope soap_fault stamp);
use Eb::XtaServer::State;
use Eb::XtaServer::Xml qw(esc text thin tree);

my $record_list = 'listURI="urn:de:xta:codeliste:record.type" listVersionID="1.0"';
my %light = (open => 0, green => 1, yellow => 2, red => 3);

# state, expected => { author, type, reader, service, scenario, message_type, … }, accounts => { name => author }
sub new {
    my ($class, %o) = @_;
    my $self = bless {%o}, $class;
    $self->{msgbox} = Eb::XtaServer::MsgBox->new(state => $o{state});
    return $self;
}

# What $r asks for; its envelope is read here. Never dies.
sub answer {
    my ($self, $r) = @_;
    my $done = eval {
        die $r->{broken} if $r->{broken};
        $r->{soap} = read_envelope($r->{mime}, $r->{dir}, $r->{port}, $r->{url});
        $r->{operation} = $r->{soap}{operation};
        $self->permit($r);
        my $name = $r->{operation}{name};
        ($name =~ /^(?:get(?:Next)?(?:Message|StatusList)|close)$/ ? $self->{msgbox} : $self)->$name($r);
    };
    my $why  = $@;
    my $soap = $r->{soap} // (ref $why eq 'HASH' ? $why->{request} : undef) // {};
    $done //= { fault => ref $why eq 'HASH' ? $why : { code => 9030, text => "$why", problem => "9030 $why", own => 1 } };
    $r->{message_id} = $soap->{message_id};
    return { action => $soap->{operation}{action} // 'http://www.w3.org/2005/08/addressing/soap/fault', relates => $soap->{message_id}, %$done };
}

# The certificate's account, whose Author this is.
sub permit {
    my ($self, $r) = @_;
    my $account = $r->{account};
    my $author  = defined $account ? $self->{accounts}{$account} : undef;
    die fault(9012) unless defined $author;
    die fault(9014, $r->{soap}{author}) if $r->{soap}{author} ne $author;
    die fault(9014, "type $r->{soap}{type}") if $r->{soap}{type} ne $self->{expected}{type};
    die fault(9011) if $self->{state}->settings->{locked};
}

# ---- management

sub checkAccountActive { return {} }

sub createMessageId {
    my ($self, $r) = @_;
    my $id = $self->{state}->create($r->{account});
    return { body => '<wsa:MessageID>' . esc($id) . '</wsa:MessageID>', id => $id };
}

sub lookupService {
    my ($self, $r) = @_;
    my ($x, $expected, $results) = ($r->{soap}{x}, $self->{expected}, '');
    for my $asked ($x->findnodes('xta:LookupServiceRequestList/xta:LookupService', $r->{soap}{body})) {
        my ($reader)  = $x->findnodes('om:Reader', $asked);
        my $echo      = $reader->toStringEC14N(1);
        utf8::encode($echo) if utf8::is_utf8($echo);
        my $service   = text($x, 'xta:ServiceType', $asked);
        my $known     = text($x, 'om:Identifier', $reader) eq $expected->{reader};
        my $available = $known && $service eq $expected->{service} ? 'true' : 'false';
        my $value = $known || $service eq $expected->{service} ? "<xta:ServiceIsAvailable>$available</xta:ServiceIsAvailable>" : '<xta:ServiceIsAvailableUnknown>true</xta:ServiceIsAvailableUnknown>';
        $results .= "<xta:LookupServiceResult>$echo" . '<xta:ServiceType>' . esc($service) . "</xta:ServiceType><xta:IsServiceAvailableValue>$value</xta:IsServiceAvailableValue></xta:LookupServiceResult>";
    }
    return { body => "<xta:LookupServiceResponse><xta:LookupServiceResultList>$results</xta:LookupServiceResultList></xta:LookupServiceResponse>" };
}

# A message of this account, by the id in the body.
sub own_message {
    my ($self, $r) = @_;
    my $id = $r->{soap}{body}->textContent =~ s/^\s+|\s+$//gr;
    $r->{id} = $id;
    my $m = $self->{state}->message($id);
    die fault(9070, $id) if !$m || $m->{account} ne $r->{account};
    return $m;
}

sub getTransportReport {
    my ($self, $r) = @_;
    my ($state, $settings) = ($self->{state}, $self->{state}->settings);
    my $m = $self->own_message($r);
    die fault(9070, "$m->{id} was not sent") unless $m->{sent};
    my $polls = $state->polled($m);
    my $light = $r->{kind} =~ /^(open|green|yellow|red)$/ ? $1 : $m->{cancelled} ? 'red' : $polls <= ($settings->{polls} // 0) ? $settings->{meanwhile} // 'open' : $settings->{report} // 'green';
    my $lists = '';
    for my $list ([Error => 'ErrorList', 'red'], [Warning => 'WarnList', 'yellow'], [Info => 'InfoList', 'green']) {
        my ($name, $outer, $color) = @$list;
        my @records = @{ $settings->{records}{$color} // ($color eq $light || $color eq 'green' ? [$self->record($color, $m)] : []) };
        $lists .= "<xta:$outer>" . join('', map { "<xta:$name><xta:Timestamp>" . stamp() . "</xta:Timestamp><xta:Code $record_list><code>" . esc($_->[0]) . '</code></xta:Code><xta:Reason>' . esc($_->[1]) . "</xta:Reason></xta:$name>" } @records) . "</xta:$outer>" if @records;
    }
    return { id => $m->{id}, light => $light, body => '<xta:TransportReport>' . $state->metadata($m) . '<xta:ReportTime>' . stamp() . '</xta:ReportTime><xta:XTAServerIdentity>urn:test:xta</xta:XTAServerIdentity><xta:MessageStatus><xta:Status>'
            . ($light{$light} // $light) . "</xta:Status>$lists</xta:MessageStatus></xta:TransportReport>" };
}

sub record {
    my ($self, $color, $m) = @_;
    return $color eq 'red' ? ['E1', $m->{cancelled} ? 'Vom Autor zurückgezogen' : 'Der Leser "X" & <Y> ist nicht erreichbar'] : $color eq 'yellow' ? ['W1', 'Zertifikat läuft bald ab'] : ['I1', 'Angenommen'];
}

# Only what is still open and was not to leave before a time can be taken back.
sub cancelMessage {
    my ($self, $r) = @_;
    my $state = $self->{state};
    my $m = $self->own_message($r);
    my $lock = $state->lock("messages/$m->{uuid}");
    my $not_before = ($state->metadata($m) // '') =~ m{NotBefore>([^<]+)<} ? $1 : die fault(9101);
    die fault(9100) if $not_before lt stamp();
    $m->{cancelled} = 1;
    $state->store($m);
    return { id => $m->{id} };
}

# ---- send

sub sendMessageSync { die fault(9080) }

sub sendMessage {
    my ($self, $r) = @_;
    my ($state, $soap) = ($self->{state}, $r->{soap});
    my ($x, $head) = @$soap{qw(x header)};
    my $id = $r->{id} = text($x, 'om:MsgIdentification/wsa:MessageID', $head);
    die fault(9021, $id) unless defined Eb::XtaServer::State::uuid_of($id);
    my $seen = $state->message($id) // die fault(9022, "$id was never given out");
    my $lock = $state->lock("messages/$seen->{uuid}");
    my $m    = $state->message($id);
    die fault(9014, "$id is another account's") if $m->{account} ne $r->{account};
    die fault(9024, $id) if $m->{sent};
    my %about = $self->profile($x, $head);
    $self->content($r, \%about);
    $state->keep_content($m, $self->laid_out($r), $head->toStringEC14N(1));
    $m->{sent} = Time::HiRes::time();
    $m->{about} = \%about;
    $state->store($m);
    return { id => $id };
}

# What the metadata say, as the service profile wants it.
sub profile {
    my ($self, $x, $head) = @_;
    my %about = map { ($_->[0] => text($x, $_->[1], $head)) } (['reader', 'om:Destinations/om:Reader/om:Identifier'], ['reader_type', 'om:Destinations/om:Reader/om:Identifier/@type'],
        ['service', 'om:Qualifier/om:Service'], ['scenario', 'om:Qualifier/om:BusinessScenario/*'], ['scenario_list', 'om:Qualifier/om:BusinessScenario/om:Defined/@listURI'],
        ['scenario_version', 'om:Qualifier/om:BusinessScenario/om:Defined/@listVersionID'], ['message_type', 'om:Qualifier/om:MessageType/code'],
        ['message_list', 'om:Qualifier/om:MessageType/@listURI'], ['message_version', 'om:Qualifier/om:MessageType/@listVersionID'],
        ['payload_schema', 'om:Qualifier/om:MessageType/@payloadSchema'], ['size', 'om:MsgSize'], ['process', 'om:MsgIdentification/om:ProcessRef/om:Requester'],
        ['origin', 'om:DeliveryAttributes/om:Origin'], ['subject', 'om:Qualifier/om:Subject'], ['author_name', 'om:Originators/om:Author/om:Identifier/@name'],
        ['author_category', 'om:Originators/om:Author/om:Identifier/@category'], ['reader_name', 'om:Destinations/om:Reader/om:Identifier/@name'],
        ['reader_category', 'om:Destinations/om:Reader/om:Identifier/@category']);
    $about{test}   = (text($x, '@TestMsg', $head) // '') =~ /^(?:true|1)$/ ? 1 : 0;
    $about{tokens} = () = $x->findnodes('/s:Envelope/s:Header/osci:X509TokenContainer/osci:X509TokenInfo');
    my ($expected, $settings) = ($self->{expected}, $self->{state}->settings);
    die fault(9022, "reader $about{reader}") if $about{reader} ne $expected->{reader} || $about{reader_type} ne $expected->{type};
    die fault(9013, $about{service}) if $about{service} ne $expected->{service};
    for my $name (qw(scenario scenario_list scenario_version message_type message_list message_version payload_schema)) {
        my ($is, $should) = ($about{$name} // '', $expected->{$name} // '');
        die fault(9052, "$name is '$is', not '$should'") if exists $expected->{$name} && $is ne $should;
    }
    die fault(9052, 'TestMsg') if defined $settings->{test} && $about{test} != $settings->{test};
    die fault(9052, 'no X509TokenContainer') if $settings->{tokens} && !$about{tokens};
    return %about;
}

# The content, as far as a gateway sees it.
sub content {
    my ($self, $r, $about) = @_;
    my ($settings, $soap) = ($self->{state}->settings, $r->{soap});
    my $size = 0;
    $size += $_->{size} for @{ $soap->{thin}{blobs} };
    $about->{bytes} = $size;
    die fault(9023, $size) if $size > ($settings->{max_content} // 40_000_000);
    my ($plain) = $soap->{x}->findnodes('xta:ContentContainer', $soap->{body});
    $about->{encrypted} = $plain ? 0 : 1;
    die fault(9052, 'not encrypted') if $settings->{encrypted} && $plain;
    return unless $plain;
    my ($message) = $soap->{x}->findnodes('xta:Message', $plain);
    my $encoding = $message->getAttribute('encoding') // 'UTF-8';
    die fault(9051, $encoding) if $encoding !~ /^utf-?8$/i;
    my $file = Eb::XtaServer::Xml::blob($soap->{thin}, $message)->{file};
    eval { XML::LibXML->new(no_network => 1, load_ext_dtd => 0, expand_entities => 0)->parse_file($file); 1 } or die fault(9050, 'not well-formed') if $message->getAttribute('contentType') =~ m{^(?:text|application)/xml\b};
}

# The thin body and its blobs, alone in a folder.
sub laid_out {
    my ($self, $r) = @_;
    my $thin = $r->{soap}{thin};
    my $to   = "$r->{dir}/content";
    mkdir $to or die "$to: $!";
    for my $n (0 .. $#{ $thin->{blobs} }) { rename $thin->{blobs}[$n]{file}, "$to/blob-$n" or die "blob-$n: $!" }
    Eb::XtaServer::State::save("$to/body.xml", $r->{soap}{body}->toStringC14N(1));
    Eb::XtaServer::State::save("$to/blobs", Eb::XtaServer::State::encode([map { { name => $_->{name}, size => $_->{size}, inline => $_->{inline} } } @{ $thin->{blobs} }]));
    return $to;
}

1;
