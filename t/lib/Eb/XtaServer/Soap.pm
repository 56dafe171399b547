package Eb::XtaServer::Soap;

# SOAP 1.2 with WS-Addressing 1.0 as the WSDL of XTA 2.1.1 binds it: a request read and checked header by header, an answer written,
# faults in both. What is wrong with a request is thrown as a fault: { code or value, sub, reason, problem }.

use strict;
use warnings;
use Eb::XtaServer::Schema;
use Eb::XtaServer::Xml qw(%ns thin tree text esc);
use Exporter qw(import);
use POSIX qw(strftime);

our @EXPORT_OK = qw(%operations read_envelope operation_of envelope fault soap_fault uuid stamp);

my ($xta_action, $box_action) = ('http://www.xta.de/XTA/', 'http://www.osci.eu/ws/2008/05/transport/urn/messageTypes/MsgBox');
our $anonymous = 'http://www.w3.org/2005/08/addressing/anonymous';

# operation => step of scripts, port, action, header that names the caller, element of the body
our %operations = map { my ($name, @rest) = @$_; ($name => { name => $name, map { (('step', 'port', 'action', 'header', 'body')[$_] => $rest[$_]) } 0 .. $#rest }) } (
    [checkAccountActive => 'account',  'management', "${xta_action}CheckAccountActive",      'Author', undef],
    [lookupService      => 'lookup',   'management', "${xta_action}IsServiceAvailable",      'Author', 'xta:LookupServiceRequest'],
    [createMessageId    => 'create',   'management', "${xta_action}CreateMessageID",         'Author', undef],
    [getTransportReport => 'report',   'management', "${xta_action}GetTransportReport",      'Author', 'wsa:MessageID'],
    [cancelMessage      => 'cancel',   'management', "${xta_action}CancelMessage",           'Author', 'wsa:MessageID'],
    [sendMessage        => 'send',     'send',       "${xta_action}SendMessage",             'MessageMetaData', 'xta:GenericContentContainer'],
    [sendMessageSync    => 'sync',     'send',       "${xta_action}SendMessageSync",         'MessageMetaData', 'xta:GenericContentContainer'],
    [getMessage         => 'fetch',    'msgbox',     "${box_action}FetchRequest",            'Author', 'osci:MsgBoxFetchRequest'],
    [getStatusList      => 'list',     'msgbox',     "${box_action}StatusListRequest",       'Author', 'osci:MsgBoxStatusListRequest'],
    [getNextMessage     => 'next',     'msgbox',     "${box_action}GetNextMsgRequest",       'Author', 'osci:MsgBoxGetNextRequest'],
    [getNextStatusList  => 'nextlist', 'msgbox',     "${box_action}GetNextListRequest",      'Author', 'osci:MsgBoxGetNextRequest'],
    [close              => 'close',    'msgbox',     "${box_action}CloseRequest",            'Author', 'osci:MsgBoxCloseRequest'],
);
my %by_action = map { ($_->{action} => $_) } values %operations;

sub operation_of { my ($action) = @_; return defined $action ? $by_action{$action} : undef }

# code => its exception, who is to blame, its name in the code list
our %codes = (
    9000 => [XTAWSTechnicalProblem => 'Receiver', 'Unspezifizierter Fehler, als Freitext beschrieben'],
    map({ ($_->[0] => [PermissionDenied => 'Sender', $_->[1]]) } [9010, 'Authentisierung/Zertifikat ist abgelaufen.'], [9011, 'Account ist gesperrt.'],
        [9012, 'Account nicht vorhanden.'], [9013, 'Dienst ist nicht gebucht.'], [9014, 'Authentisierung/Zertifikat passt nicht zur Absenderkennung.']),
    map({ ($_->[0] => [ParameterIsNotValid => 'Sender', $_->[1]]) } [9020, 'Keine Parameter vorhanden'], [9021, 'Keine gültige URI'],
        [9022, 'Ungültige Parameterkombination'], [9023, 'Die Nachricht überschreitet die Größenbeschränkung.'], [9024, 'MessageID ist bereits vergeben.']),
    map({ ($_->[0] => [XTAWSTechnicalProblem => 'Receiver', $_->[1]]) } [9030, 'Interner Fehler beim XTA-Server bzw. XTA-Dienstleister'],
        [9031, 'Fehler beim externen Verzeichnisdienst'], [9032, 'Fehler bei der Zustellung']),
    map({ ($_->[0] => [MessageSchemaViolation => 'Sender', $_->[1]]) } [9050, 'Fachnachricht ist nicht schemakonform'],
        [9051, 'Fachnachricht trägt ein falsches Encoding.'], [9052, 'Nachricht verletzt das entsprechende Service Profil.']),
    9060 => [MessageVirusDetection => 'Sender', 'Es wurde schadhafter Code ermittelt.'],
    9070 => [InvalidMessageID => 'Sender', 'MessageID für den Account nicht bekannt.'],
    map({ ($_->[0] => [SyncAsync => 'Sender', $_->[1]]) } [9080, 'Der Dienst wird nur asynchron angeboten.'], [9081, 'Der Dienst wird nur synchron angeboten.']),
    map({ ($_->[0] => [CancelDenied => 'Sender', $_->[1]]) } [9100, 'Der durch den Schalter NotBefore gesetzte Termin ist verstrichen.'],
        [9101, 'Der Schalter NotBefore wurde nicht gesetzt.']),
);

sub fault { my ($code, $problem) = @_; return { code => $code, problem => "$code" . (defined $problem ? " $problem" : '') } }
sub soap_fault { my ($value, $sub, $reason) = @_; return { value => $value, sub => $sub, reason => $reason, problem => ($sub // $value) . " $reason" } }

sub addressing { my ($sub, $reason) = @_; return soap_fault('s:Sender', "wsa:$sub", $reason) }

# ---- a request

# { thin, x, doc, action, operation, message_id, author, problem }. Throws what is wrong.
sub read_envelope {
    my ($mime, $dir, $port, $url) = @_;
    my $thin = eval { thin(file => $mime->root->{file}, dir => $dir, part => sub { $mime->part($_[0]) }) } or die soap_fault('s:Sender', undef, $@ =~ s/\n//r);
    my $x    = eval { tree($thin->{xml}) } or die soap_fault('s:Sender', undef, $@ =~ s/\n//r);
    my $root = $x->getContextNode->documentElement;
    die soap_fault('s:VersionMismatch', undef, 'no envelope of SOAP 1.2') if $root->localname ne 'Envelope' || ($root->namespaceURI // '') ne $ns{s};
    my %r = (thin => $thin, x => $x, operation => { name => '?', step => '?', action => 'http://www.w3.org/2005/08/addressing/soap/fault' });
    eval { check(\%r, $mime, $port, $url); 1 } or do { die $@ unless ref $@; $@->{request} = \%r; die $@ };
    return \%r;
}

sub check {
    my ($r, $mime, $port, $url) = @_;
    my $x = $r->{x};
    $r->{message_id} = text($x, '/s:Envelope/s:Header/wsa:MessageID');
    for my $name (qw(Action MessageID To ReplyTo From FaultTo)) {
        my @all = $x->findnodes("/s:Envelope/s:Header/wsa:$name");
        die addressing('InvalidAddressingHeader', "wsa:$name twice") if @all > 1;
        die addressing('MessageAddressingHeaderRequired', "no wsa:$name") if !@all && $name =~ /^(?:Action|MessageID)$/;
    }
    my $action = text($x, '/s:Envelope/s:Header/wsa:Action');
    my $o = $r->{operation} = operation_of($action) // die addressing('ActionNotSupported', $action);
    understood($x);
    my $said = $mime->action;
    die soap_fault('s:Sender', undef, 'the media type names no action') unless defined $said;
    die addressing('ActionMismatch', $said) if $said ne $action;
    die addressing('ActionNotSupported', "$o->{name} is not at $port") if $o->{port} ne $port;
    my $to = text($x, '/s:Envelope/s:Header/wsa:To');
    die addressing('DestinationUnreachable', $to) if defined $to && $to ne $url && $to ne $anonymous;
    for my $name (qw(ReplyTo FaultTo)) {
        my $address = text($x, "/s:Envelope/s:Header/wsa:$name/wsa:Address") // next;
        die addressing('OnlyAnonymousAddressSupported', $address) if $address ne $anonymous;
    }
    body($r, $o);
}

sub understood {
    my ($x) = @_;
    for my $header ($x->findnodes('/s:Envelope/s:Header/*[@s:mustUnderstand = "true" or @s:mustUnderstand = "1"]')) {
        my $uri = $header->namespaceURI // '';
        next if $uri eq $ns{wsa} || $uri eq $ns{om} || $uri eq $ns{osci};
        die soap_fault('s:MustUnderstand', undef, "{$uri}" . $header->localname);
    }
}

sub body {
    my ($r, $o) = @_;
    my $x = $r->{x};
    my $why = Eb::XtaServer::Schema::violation($x->getContextNode);
    die soap_fault('s:Sender', undef, "schema: $why") if defined $why;
    my @inside = $x->findnodes('/s:Envelope/s:Body/*');
    my ($wanted) = $o->{body} ? $x->findnodes("/s:Envelope/s:Body/$o->{body}") : ();
    die soap_fault('s:Sender', undef, "the body is not that of $o->{name}") if @inside != ($o->{body} ? 1 : 0) || $o->{body} && !$wanted;
    $r->{body} = $wanted;
    my @callers = $x->findnodes("/s:Envelope/s:Header/om:$o->{header}");
    die soap_fault('s:Sender', undef, @callers . " headers om:$o->{header}") if @callers != 1;
    $r->{header} = $callers[0];
    my $author = $o->{header} eq 'Author' ? 'om:Identifier' : 'om:Originators/om:Author/om:Identifier';
    @$r{qw(author type)} = map { text($x, $_, $r->{header}) } $author, "$author/\@type";
}

# ---- an answer

sub uuid {
    open my $fh, '<:raw', '/dev/urandom' or die $!;
    read $fh, my $bytes, 16;
    my @n = unpack 'n8', $bytes;
    return sprintf '%04x%04x-%04x-%04x-%04x-%04x%04x%04x', @n[0 .. 2], $n[3] & 0x0fff | 0x4000, $n[4] & 0x3fff | 0x8000, @n[5 .. 7];
}

sub stamp { my ($time) = @_; return strftime('%Y-%m-%dT%H:%M:%S.000Z', gmtime($time // time)) }

# The envelope of an answer: { action, relates, header, body } or { fault, … }.
sub envelope {
    my ($a) = @_;
    my $declared = join '', map { qq( xmlns:$_="$ns{$_}") } qw(s wsa xta om osci);
    my $relates = defined $a->{relates} ? '<wsa:RelatesTo>' . esc($a->{relates}) . '</wsa:RelatesTo>' : '';
    return qq(<?xml version="1.0" encoding="UTF-8"?>\n<s:Envelope$declared><s:Header>) . ($a->{action} ? '<wsa:Action>' . esc($a->{action}) . '</wsa:Action>' : '')
        . '<wsa:MessageID>urn:uuid:' . uuid() . "</wsa:MessageID>$relates<wsa:To>$anonymous</wsa:To>" . ($a->{header} // '') . '</s:Header><s:Body>'
        . ($a->{fault} ? fault_body($a->{fault}) : $a->{body} // '') . '</s:Body></s:Envelope>';
}

sub fault_body {
    my ($f) = @_;
    my ($exception, $who, $name) = $f->{code} ? @{ $codes{ $f->{code} } // $codes{9000} } : ();
    $exception = $f->{exception} if $f->{exception};
    my $value  = $f->{value} // "s:$who";
    my $sub    = $f->{sub} ? "<s:Subcode><s:Value>$f->{sub}</s:Value></s:Subcode>" : '';
    my $reason = '<s:Reason><s:Text xml:lang="de">' . esc($f->{reason} // $f->{text} // $name) . '</s:Text></s:Reason>';
    my $detail = $f->{code} ? "<s:Detail><xta:${exception}Exception><xta:errorCode listURI=\"urn:de:xta:webservice:codeliste:fehlernummer\" listVersionID=\"1.0\"><code>$f->{code}</code><name>"
        . esc($name) . "</name></xta:errorCode></xta:${exception}Exception></s:Detail>" : '';
    return "<s:Fault><s:Code><s:Value>$value</s:Value>$sub</s:Code>$reason$detail</s:Fault>";
}

1;
