# The scripted XTA gateway of the tests, looked at with a small client of its own: the whole way of a message and of an answer, what it
# refuses, how it misbehaves. Nothing of the product takes part. Every answer is validated with KoSIT's schemas, where they are.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(sha512_hex);
use Eb::Files;
use Eb::XtaServer;
use File::Temp ();
use HTTP::Tiny;
use MIME::Base64 qw(encode_base64);
use Test::More;
use Time::HiRes qw(time);

plan skip_all => 'no sanitizer is needed for Perl' if $ENV{EB_SANITIZE};
$SIG{PIPE} = 'IGNORE';
my $xta = Eb::XtaServer->new;
my $e   = $xta->expected;
my $tmp = File::Temp->newdir;
diag 'nothing is validated: ' . $xta->schema_missing if $xta->schema_missing;

sub client { my ($who) = @_; return HTTP::Tiny->new(agent => 'xta_server.t', timeout => 60, keep_alive => 1, max_redirect => 0, verify_SSL => 1, SSL_options => { SSL_ca_file => $xta->ca_file, $who ? (SSL_cert_file => $xta->certificate($who), SSL_key_file => $xta->key($who)) : () }) }
our $http = client('client');
my %ns = (s => 'http://www.w3.org/2003/05/soap-envelope', wsa => 'http://www.w3.org/2005/08/addressing', xta => 'http://xoev.de/transport/xta/211', om => 'http://www.osci.eu/ws/2014/10/transport', osci => 'http://www.osci.eu/ws/2008/05/transport');
my $box = 'http://www.osci.eu/ws/2008/05/transport/urn/messageTypes/MsgBox';
our ($n, $author, %spoil) = (0, $e->{author});

sub party { my ($name, $id) = @_; return "<om:$name><om:Identifier type=\"xoev\">$id</om:Identifier></om:$name>" }

sub envelope {
    my ($action, $url, $header, $body) = @_;
    my $id = $spoil{message_id} // 'urn:uuid:' . Eb::XtaServer::Soap::uuid();
    my $text = '<?xml version="1.0" encoding="UTF-8"?><s:Envelope' . join('', map { " xmlns:$_=\"$ns{$_}\"" } sort keys %ns) . "><s:Header><wsa:Action s:mustUnderstand=\"true\">$action</wsa:Action><wsa:MessageID>$id</wsa:MessageID><wsa:To>$url</wsa:To>"
        . "<wsa:ReplyTo><wsa:Address>http://www.w3.org/2005/08/addressing/anonymous</wsa:Address></wsa:ReplyTo>$header</s:Header><s:Body>$body</s:Body></s:Envelope>";
    $spoil{text}->() for $spoil{text} ? $text : ();
    return ($text, $id);
}

# Attachments, then the rest: { status, x, fault, relates, parts }.
sub ask {
    my ($action, $url, $header, $body, @parts) = @_;
    my ($text, $id) = envelope($action, $url, $header, $body);
    my ($type, $content) = ("application/soap+xml; charset=UTF-8; action=\"" . ($spoil{action} // $action) . '"', $text);
    if (@parts) {
        $type = 'multipart/related; type="application/xop+xml"; start="<r@x>"; start-info="application/soap+xml"; boundary="=_b"; action="' . $action . '"';
        $content = "--=_b\r\nContent-ID: <r\@x>\r\nContent-Type: application/xop+xml; charset=UTF-8; type=\"application/soap+xml\"\r\n\r\n$text\r\n"
            . join('', map { "--=_b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: " . ($spoil{encoding} // 'binary') . "\r\nContent-ID: <$_->[0]>\r\n\r\n$_->[1]\r\n" } @parts) . '--=_b' . ($spoil{end} // '--') . "\r\n";
    }
    my $res = $http->post($url, { headers => { 'content-type' => $spoil{type} // $type }, content => $content });
    return read_answer($res, $id, $action);
}

sub read_answer {
    my ($res, $id, $action) = @_;
    my ($text, %part) = ($res->{content});
    my $type = $res->{headers}{'content-type'} // '';
    if ($type =~ m{^multipart/related.*boundary="([^"]+)"}) {
        for (grep { /\S/ && !/^--/ } split /(?:\r\n)?--\Q$1\E(?=\r\n|--)/, $text) {
            my ($head, $bytes) = split /\r\n\r\n/, $_, 2;
            $part{$1} = $bytes if $head =~ /Content-ID: <([^>]+)>/i;
        }
        my $root = $type =~ /start="<([^>]+)>"/ ? $1 : '';
        $text = delete $part{$root} // '';
        $text =~ s{<xop:Include[^>]*href="cid:([^"]+)"/>}{encode_base64($part{ $1 =~ s/%40/\@/r } // '', '')}ge;
    }
    my $answer = { status => $res->{status}, text => $text, type => $type, parts => \%part, headers => $res->{headers} };
    return $answer unless $type =~ m{soap\+xml|multipart} && eval { $answer->{x} = Eb::XtaServer::Xml::tree($text) };
    my $get = sub { my ($node) = $answer->{x}->findnodes($_[0]); return $node ? $node->textContent : '' };
    @$answer{qw(fault relates action get)} = ($get->('//xta:errorCode/code') || $get->('//s:Fault//s:Subcode/s:Value') || $get->('//s:Fault//s:Value'), $get->('//wsa:RelatesTo'), $get->('//wsa:Action'), $get);
    return $answer if $spoil{bad} || $xta->schema_missing;
    my $why = Eb::XtaServer::Schema::violation($answer->{x}->getContextNode);
    push @main::invalid, "$action: $why" if $why;
    push @main::invalid, "$action: relates to $answer->{relates}" if $answer->{relates} ne $id && !$answer->{fault};
    push @main::invalid, "$action: it says $answer->{action}" if $answer->{action} ne $action && !$answer->{fault};
    return $answer;
}

sub refused { my ($a, $code, $name) = @_; local $Test::Builder::Level = $Test::Builder::Level + 1; is $a->{fault} // "HTTP $a->{status}", $code, "$name: $code" or diag $a->{text} }

sub xta { my ($name, $body) = @_; return ask("http://www.xta.de/XTA/$name", $xta->management_url, party('Author', $author), $body // '') }
sub msgbox { my ($name, $body) = @_; return ask("$box$name", $xta->msgbox_url, party('Author', $author), $body) }
sub new_id { return xta('CreateMessageID')->{get}->('//s:Body/wsa:MessageID') }
sub report { my ($id) = @_; return xta('GetTransportReport', "<wsa:MessageID>$id</wsa:MessageID>") }

# A message with its documents: what stands in the body, and the parts.
sub prepared {
    my ($number, @files) = @_;
    my $uuid = Eb::XtaServer::Soap::uuid();
    my $xml  = "<?xml version=\"1.0\"?><einbuergerung.antrag.0001><nachrichtenUUID>$uuid</nachrichtenUUID><vorgangsnummer>$number</vorgangsnummer>"
        . join('', map { "<anlage><anhang>$_->[0]</anhang><sha512>" . sha512_hex($_->[1]) . '</sha512></anlage>' } @files) . '</einbuergerung.antrag.0001>';
    return { number => $number, uuid => $uuid, xml => $xml, files => \@files };
}

sub metadata {
    my ($id, %o) = @_;
    my %q = (%$e, %o);
    return "<om:MessageMetaData><om:DeliveryAttributes><om:Origin>2026-01-15T09:30:00.000+01:00</om:Origin>" . ($o{more} // '') . '</om:DeliveryAttributes><om:Originators>' . party('Author', $q{author}) . '</om:Originators><om:Destinations>' . party('Reader', $q{reader})
        . "</om:Destinations><om:MsgIdentification><wsa:MessageID>$id</wsa:MessageID></om:MsgIdentification><om:Qualifier><om:Service>$q{service}</om:Service><om:BusinessScenario><om:Undefined>$q{scenario}</om:Undefined></om:BusinessScenario>"
        . "<om:MessageType payloadSchema=\"urn:test\" listURI=\"$q{message_list}\" listVersionID=\"$q{message_version}\"><code>$q{message_type}</code></om:MessageType></om:Qualifier></om:MessageMetaData>";
}

sub include { return "<i:Include xmlns:i=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:$_[0]\"/>" }

sub send_plain {
    my ($id, $p, %o) = @_;
    my $body = '<xta:GenericContentContainer><xta:ContentContainer><xta:Message contentType="application/xml" size="' . ($o{said} // length $p->{xml}) . '"' . ($o{attribute} // '') . '>' . include('m@x') . '</xta:Message>'
        . join('', map { "<xta:Attachment contentType=\"application/pdf\" filename=\"$p->{files}[$_][0]\">" . include("a$_\@x") . '</xta:Attachment>' } 0 .. $#{ $p->{files} }) . '</xta:ContentContainer></xta:GenericContentContainer>';
    return ask('http://www.xta.de/XTA/SendMessage', $xta->send_url, metadata($id, %o), $body, ['m@x', $p->{xml}], map { ["a$_\@x", $p->{files}[$_][1]] } 0 .. $#{ $p->{files} });
}

my $first = prepared('EB-2026-AAAA-AAAA-1', ['01-pass.pdf', Eb::Files::pdf(20_000, 'a')], ['02-urkunde.pdf', Eb::Files::pdf(30_000, 'b')]);
my $id;

subtest 'a message from beginning to end' => sub {
    is xta('CheckAccountActive')->{status}, 200, 'the account is active';
    my $look = xta('IsServiceAvailable', '<xta:LookupServiceRequest><xta:LookupServiceRequestList><xta:LookupService>' . party('Reader', $e->{reader}) . "<xta:ServiceType>$e->{service}</xta:ServiceType></xta:LookupService></xta:LookupServiceRequestList></xta:LookupServiceRequest>");
    is $look->{get}->('//xta:ServiceIsAvailable'), 'true', 'the service is offered';
    $id = new_id();
    like $id, qr/^urn:de:xta:messageid:/, 'an id';
    refused(report($id), 9070, 'no report before it is sent');
    is send_plain($id, $first)->{status}, 200, 'sent, in MTOM';
    refused(send_plain($id, $first), 9024, 'and once more');
    $xta->set(polls => 1);
    is report($id)->{get}->('//xta:Status'), 0, 'open at first';
    my $report = report($id);
    is $report->{get}->('//xta:Status'), 1, 'then green';
    is $report->{get}->('//xta:TransportReport//wsa:MessageID'), $id, 'of this message';
    $xta->set(report => 'red', polls => undef);
    like report($id)->{get}->('//xta:Error/xta:Reason'), qr/nicht erreichbar/, 'red, with a reason';
    $xta->set(report => undef);
    my ($seen) = $xta->received;
    is "$seen->{number} $seen->{uuid} $seen->{fault} @{$seen->{remarks}}", "$first->{number} $first->{uuid} whole ", 'the authority has it whole';
    is_deeply [map { $_->{sha512} } @{ $seen->{attachments} }], [map { sha512_hex($_->[1]) } @{ $first->{files} }], 'with its documents';
    is_deeply $xta->tally($first->{number}, 'EB-fehlt'), { lost => ['EB-fehlt'], twice => [], broken => [], unknown => [] }, 'and counts';
    my $again = new_id();
    send_plain($again, $first);
    is_deeply $xta->tally($first->{number})->{twice}, [$first->{number}], 'the same under another id is there twice';
};

sub sealed {
    my ($p, %o) = @_;
    my $inner = "<xta:ContentContainer xmlns:xta=\"$ns{xta}\"><xta:Message contentType=\"application/xml\">" . encode_base64($p->{xml}, '') . '</xta:Message>'
        . join('', map { "<xta:Attachment contentType=\"application/pdf\" filename=\"$_->[0]\">" . encode_base64($_->[1]) . '</xta:Attachment>' } @{ $p->{files} }) . '</xta:ContentContainer>';
    my $ds = 'http://www.w3.org/2000/09/xmldsig#';
    my $template = "<EncryptedData xmlns=\"http://www.w3.org/2001/04/xmlenc#\" Type=\"http://www.w3.org/2001/04/xmlenc#Element\"><EncryptionMethod Algorithm=\"http://www.w3.org/2009/xmlenc11#aes256-gcm\"/><KeyInfo xmlns=\"$ds\"><EncryptedKey xmlns=\"http://www.w3.org/2001/04/xmlenc#\">"
        . "<EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p\"/><CipherData><CipherValue/></CipherData></EncryptedKey></KeyInfo><CipherData><CipherValue/></CipherData></EncryptedData>";
    for (['inner.xml', $inner], ['template.xml', $template]) { open my $out, '>:raw', "$tmp/$_->[0]" or die $!; print $out $_->[1]; close $out }
    system('xmlsec1', '--encrypt', '--pubkey-cert-pem', $o{certificate} // $xta->reader_certificate, '--session-key', 'aes-256', '--xml-data', "$tmp/inner.xml", '--node-name', "$ns{xta}:ContentContainer", '--output', "$tmp/sealed.xml", "$tmp/template.xml") == 0 or die 'xmlsec1';
    open my $in, '<:raw', "$tmp/sealed.xml" or die $!;
    local $/;
    return <$in> =~ s/^<\?xml.*?\?>\s*//sr;
}

subtest 'encrypted for the authority, by another implementation' => sub {
    plan skip_all => 'no xmlsec1' if system('xmlsec1 --version >/dev/null 2>&1') != 0;
    my $send = sub { my ($data, @parts) = @_; my $to = new_id(); my $a = ask('http://www.xta.de/XTA/SendMessage', $xta->send_url, metadata($to), "<xta:GenericContentContainer>$data</xta:GenericContentContainer>", @parts); return ($a, map { $_->{fault} } grep { $_->{id} eq $to } $xta->received) };
    my $p = prepared('EB-2026-BBBB-BBBB-2', ['a.pdf', Eb::Files::pdf(40_000, 'c')]);
    my ($a, $fault) = $send->(my $data = sealed($p));
    is "$a->{status} " . ($fault // ''), '200 whole', 'opened, and whole' or diag $a->{text};
    (undef, $fault) = $send->($data);
    is $fault, 'crypt: the content key was used before', 'a key for each message';
    my @parts;
    my $mtom = sealed(prepared('EB-2026-CCCC-CCCC-3')) =~ s{(<CipherValue>)\s*([^<]+)}{push @parts, ["c" . @parts . '@x', MIME::Base64::decode_base64($2)]; $1 . include($parts[-1][0])}ger;
    (undef, $fault) = $send->($mtom, @parts);
    is $fault, 'whole', 'with the ciphertext beside it';
    vec($parts[-1][1], 800, 1) ^= 1;
    (undef, $fault) = $send->($mtom, @parts);
    is $fault, 'crypt: the tag is wrong', 'a bit that is another';
    (undef, $fault) = $send->(sealed($p, certificate => "$xta->{keys}/signing.crt"));
    like $fault, qr/^crypt: the key is not for us|^crypt: not for this key/, 'for somebody else';
    $xta->set(encrypted => 1);
    refused(send_plain(new_id(), $p), 9052, 'plain, where the profile demands encryption');
    $xta->set(encrypted => undef);
};

subtest 'the way back' => sub {
    my ($seen) = $xta->received;
    my $receipt = $xta->reply($seen, 'receipt', attachments => [{ name => 'bescheid.pdf', type => 'application/pdf', data => Eb::Files::pdf(10_000, 'd') }]);
    my $unknown = $xta->reply($seen, 'unknown');
    $xta->put(xml => '<x/>', account => 'guest');
    my $list = msgbox('StatusListRequest', '<osci:MsgBoxStatusListRequest maxListItems="1" ListForm="MessageMetaData"><osci:MsgSelector newEntry="true"/></osci:MsgBoxStatusListRequest>');
    is $list->{get}->('//osci:MsgStatusList//wsa:MessageID'), $receipt, 'listed, one at a time';
    is $list->{get}->('//om:In-Reply-To'), $seen->{id}, 'an answer to what was sent';
    is $list->{get}->('//om:ProcessRef/om:Requester'), $seen->{number}, 'about this case';
    is $list->{get}->('//osci:ItemsPending'), 1, 'one more';
    my $request = $list->{get}->('//osci:MsgBoxResponse/@MsgBoxRequestID');
    is msgbox('GetNextListRequest', "<osci:MsgBoxGetNextRequest MsgBoxRequestID=\"$request\"/>")->{get}->('//osci:MsgStatusList//wsa:MessageID'), $unknown, 'the next';
    my $fetch = sub { my ($which) = @_; msgbox('FetchRequest', "<osci:MsgBoxFetchRequest><osci:MsgSelector><wsa:MessageID>$which</wsa:MessageID></osci:MsgSelector></osci:MsgBoxFetchRequest>") };
    my $message = $fetch->($receipt);
    like $message->{type}, qr{^multipart/related}, 'fetched, in MTOM';
    is scalar(keys %{ $message->{parts} }), 2, 'with its attachment';
    like MIME::Base64::decode_base64($message->{get}->('//xta:Message')), qr{<referenzUUID>$seen->{uuid}</referenzUUID>}, 'about the message';
    $xta->set(mtom => 'never');
    is $fetch->($receipt)->{get}->('//xta:Attachment'), $message->{get}->('//xta:Attachment'), 'in base64 it is the same';
    $xta->set(mtom => 'always');
    like xta('CheckAccountActive')->{type}, qr{^multipart/related}, 'and everything else may come in MTOM';
    $xta->set(mtom => undef);
    $request = $message->{get}->('//osci:MsgBoxResponse/@MsgBoxRequestID');
    refused(msgbox('CloseRequest', '<osci:MsgBoxCloseRequest MsgBoxRequestID="urn:uuid:1"/>'), 9070, 'another request');
    is msgbox('CloseRequest', "<osci:MsgBoxCloseRequest MsgBoxRequestID=\"$request\"><osci:LastMsgReceived>$receipt</osci:LastMsgReceived></osci:MsgBoxCloseRequest>")->{status}, 200, 'closed';
    is_deeply [map { $_->{fetched} ? 1 : 0 } grep { $_->{account} eq 'client' } $xta->box], [1, 0], 'one is no longer new';
    $list = msgbox('StatusListRequest', '<osci:MsgBoxStatusListRequest><osci:MsgSelector newEntry="true"/></osci:MsgBoxStatusListRequest>');
    is $list->{get}->('//osci:MsgAttributes/wsa:MessageID'), $unknown, 'the other still is';
    is msgbox('StatusListRequest', '<osci:MsgBoxStatusListRequest><osci:MsgSelector><wsa:MessageID>urn:x</wsa:MessageID></osci:MsgSelector></osci:MsgBoxStatusListRequest>')->{get}->('//osci:NoMessageAvailable/@reason'), 'http://www.osci.eu/ws/2008/05/transport/MsgBox/reasons/NoMatch', 'nothing of that name';
    refused($fetch->('urn:x'), 9070, 'nor to be fetched');
    $xta->reply($seen, $_) for qw(by-process by-reply stranger broken invalid stale text empty entities);
    is scalar(grep { $_->{account} eq 'client' } $xta->box), 11, 'all kinds of answers';
};

subtest 'answers, with the schemas of XWasser' => sub {
    my $shared = Eb::Server::root() . '/../shared/data';
    plan skip_all => "$shared/xwasser is not there" unless -d "$shared/xwasser";
    XML::LibXML->load_catalog("$shared/catalog/catalog.xml");
    my $schema = XML::LibXML::Schema->new(location => "$shared/xwasser/schemas/xwasser.xsd", no_network => 1);
    for my $kind (qw(receipt by-process unknown invalid stale)) {
        my %put  = Eb::XtaServer::Replies::about($e, ($xta->received)[0], $kind);
        my $good = eval { $schema->validate(XML::LibXML->load_xml(string => $put{xml})); 1 } // 0;
        is $good, $kind =~ /^(?:invalid|stale)$/ ? 0 : 1, "$kind is " . ($good ? 'valid' : 'not valid') or diag $@;
    }
};

subtest 'what is refused' => sub {
    my $p = prepared('EB-2026-DDDD-DDDD-4');
    my $to = new_id();
    my $bad = sub { my ($code, $name, %how) = @_; local %spoil = (%how, bad => 1); refused(xta('CheckAccountActive'), $code, $name) };
    my $edit = sub { my ($code, $name, $do) = @_; $bad->($code, $name, text => $do) };
    $edit->('s:VersionMismatch', 'SOAP 1.1', sub { s{http://www.w3.org/2003/05/soap-envelope}{http://schemas.xmlsoap.org/soap/envelope/} });
    $edit->('s:MustUnderstand', 'a header nobody knows', sub { s{<wsa:To>}{<f:x xmlns:f="urn:f" s:mustUnderstand="1"/><wsa:To>} });
    $edit->('s:Sender', 'a document type', sub { s{\?>}{?><!DOCTYPE a>} });
    $edit->('s:Sender', 'a processing instruction', sub { s{\?>}{?><?a b?>} });
    $edit->('s:Sender', 'not well-formed', sub { s{</s:Body>}{} });
    $edit->('s:Sender', 'no Author', sub { s{<om:Author>.*</om:Author>}{} });
    $edit->('s:Sender', 'another body', sub { s{<s:Body>}{<s:Body><wsa:MessageID>a</wsa:MessageID>} });
    $edit->('wsa:MessageAddressingHeaderRequired', 'no MessageID', sub { s{<wsa:MessageID>.*</wsa:MessageID>}{} });
    $edit->('wsa:InvalidAddressingHeader', 'two Actions', sub { s{(<wsa:Action.*</wsa:Action>)}{$1$1} });
    $edit->('wsa:ActionNotSupported', 'an action nobody knows', sub { s{CheckAccountActive}{Verspeisen} });
    $edit->('wsa:OnlyAnonymousAddressSupported', 'an answer to elsewhere', sub { s{addressing/anonymous}{addressing/none} });
    $edit->('wsa:DestinationUnreachable', 'To somebody else', sub { s{(<wsa:To>)[^<]*}{$1https://anderswo/} });
    $bad->('wsa:ActionMismatch', 'another action in the media type', action => 'http://www.xta.de/XTA/CreateMessageID');
    $bad->('s:Sender', 'text/xml', type => 'text/xml');
    SKIP: {
        skip $xta->schema_missing, 1 if $xta->schema_missing;
        $edit->('s:Sender', 'against the schema', sub { s{ type="xoev"}{} });
    }
    { local $author = 'eip:anders'; refused(xta('CheckAccountActive'), 9014, 'another author') }
    { local $http = client('guest');  refused(xta('CheckAccountActive'), 9014, 'a certificate of another account') }
    { local $http = client('nobody'); refused(xta('CheckAccountActive'), 9012, 'a certificate of no account') }
    for my $who (undef, 'client-expired', 'client-otherca') { local $http = client($who); is xta('CheckAccountActive')->{status}, 599, 'TLS: ' . ($who // 'no certificate') }
    my @profile = ([9022, reader => 'ebb:1'], [9013, service => 'urn:anders'], [9052, scenario => 'ANDERS'], [9052, message_type => '0815'], [9052, message_version => '2'], [9014, author => 'eip:1']);
    refused(send_plain($to, $p, $_->[1] => $_->[2]), $_->[0], "another $_->[1]") for @profile;
    refused(send_plain('urn:x', $p), 9021, 'no id of ours');
    refused(send_plain('urn:de:xta:messageid:test:00000000-0000-4000-8000-000000000000', $p), 9022, 'an id that was never given out');
    refused(send_plain($to, { %$p, xml => '<a>' }), 9050, 'no XML');
    refused(send_plain($to, $p, attribute => ' encoding="ISO-8859-1"'), 9051, 'Latin 1');
    $xta->set(max_content => 100);
    refused(send_plain($to, $p), 9023, 'too much');
    $xta->set(max_content => undef, test => 1);
    refused(send_plain($to, $p), 9052, 'no TestMsg');
    $xta->set(test => undef, locked => 1);
    refused(xta('CheckAccountActive'), 9011, 'locked');
    $xta->set(locked => undef);
    { local $spoil{encoding} = 'base64'; refused(send_plain($to, $p), 's:Sender', 'a part in base64') }
    { local $spoil{end} = ''; refused(send_plain($to, $p), 's:Sender', 'MIME that does not end') }
    { local $spoil{text} = sub { s/cid:m/cid:n/ }; refused(send_plain($to, $p), 's:Sender', 'a part that is not there') }
    refused(ask('http://www.xta.de/XTA/SendMessageSync', $xta->send_url, metadata($to), '<xta:GenericContentContainer><xta:ContentContainer><xta:Message contentType="text/plain">YQ==</xta:Message></xta:ContentContainer></xta:GenericContentContainer>'), 9080, 'synchronously');
    refused(xta('CancelMessage', "<wsa:MessageID>$id</wsa:MessageID>"), 9101, 'too late to take back');
    is ask('http://www.xta.de/XTA/CheckAccountActive', $xta->url . '/xta/anders', party('Author', $author), '')->{status}, 404, 'no such port';
    is send_plain($to, $p, said => 1)->{status}, 200, 'a size that is wrong is seen';
    like((grep { $_->{id} eq $to } $xta->received)[0]{fault}, qr/^Message says size 1/, 'by the authority');
    cmp_ok scalar($xta->refused), '>', 35, 'all of it is in the log';
};

subtest 'a body in pieces of any length' => sub {
    my $body = "before\r\n--b\r\nContent-ID: <r\@x>\r\nContent-Type: application/xop+xml; charset=UTF-8;\r\n type=\"application/soap+xml\"\r\n\r\n<a/>\r\n--b \r\ncontent-id: <2>\r\n\r\n--b\r\nContent-ID: <3>\r\n\r\n\r\n--c\r\n--b--\r\nafter";
    my %seen;
    for my $step (1 .. 8, 1000) {
        my $mime = Eb::XtaServer::Mime->new('multipart/related; boundary=b; type="application/xop+xml"; start="<r@x>"; start-info="application/soap+xml; action=\"urn:a\""', "$tmp");
        $mime->feed(substr $body, $_ * $step, $step) for 0 .. (length($body) - 1) / $step;
        $mime->end;
        $seen{ join ' ', $mime->action, map { "$_->{id}=" . unpack 'H*', Eb::Partner::State::slurp($_->{file}) } @{ $mime->{parts} } }++;
    }
    is_deeply [sort keys %seen], ['urn:a r@x=3c612f3e 2= 3=0d0a2d2d63'], 'has the same parts';
};

subtest 'misbehaviour' => sub {
    local $spoil{bad} = 1;
    my $meet = sub { $xta->script(account => @_); return xta('CheckAccountActive') };
    is $meet->($_)->{status}, $_, "a $_" for 403, 404, 500, 503;
    is $meet->('429:7')->{headers}{'retry-after'}, 7, 'with Retry-After';
    refused($meet->($_), $_, 'as the script says') for 9000, 9010 .. 9014, 9020 .. 9024, 9030 .. 9032, 9050 .. 9052, 9060, 9070, 9080, 9081, 9100, 9101;
    like $meet->('9030@PermissionDenied')->{text}, qr/PermissionDeniedException/, 'in another exception';
    refused($meet->('receiver'), 's:Receiver', 'without a detail');
    is $meet->("$_ x2")->{status}, 599, "none: $_" for qw(cut cut-after cut-midway);
    $xta->script('account');
    like $meet->('html')->{type}, qr/html/, 'a page';
    is $meet->('wrong-relates')->{relates}, 'urn:uuid:00000000-0000-4000-8000-000000000000', 'an answer to another';
    is $meet->('no-relates')->{relates}, '', 'to nobody';
    ok !$meet->($_)->{x}, "no answer: $_" for qw(broken empty deep not-utf8);
    cmp_ok length $meet->('huge')->{text}, '>', 8_000_000, 'much';
    like $meet->('soap11')->{text}, qr{schemas\.xmlsoap\.org/soap/envelope}, 'SOAP 1.1';
    unlike $meet->($_)->{text}, qr/^<\?xml.*<\/s:Envelope>$/s, "MIME: $_" for qw(mime-boundary mime-no-root);
    my $began = time;
    is $meet->('slow:1')->{status}, 200, 'a slow one';
    cmp_ok time - $began, '>', 0.9, 'takes its time';
    my $p = prepared('EB-2026-EEEE-EEEE-5');
    for my $kind (qw(503-after 9030-after)) {
        my $to = new_id();
        $xta->script(send => $kind);
        isnt send_plain($to, $p)->{status}, 200, "lost: $kind";
        refused(send_plain($to, $p), 9024, 'but with effect');
    }
    $xta->script(report => 'red');
    is report($id)->{get}->('//xta:Status'), 3, 'red this time';
    is report($id)->{get}->('//xta:Status'), 1, 'and green the next';
    $xta->stop;
    is xta('CheckAccountActive')->{status}, 599, 'not there at all';
    $xta->start;
    is xta('CheckAccountActive')->{status}, 200, 'back';
    is report($id)->{get}->('//xta:Status'), 1, 'with its memory';
};

subtest 'twelve megabytes, in little memory' => sub {
    my $p  = prepared('EB-2026-FFFF-FFFF-6', ['gross.pdf', Eb::Files::pdf(12_000_000, 'gross')]);
    my $to = new_id();
    my $before = ($xta->seen('create'))[-1]{memory};
    is send_plain($to, $p)->{status}, 200, 'taken';
    my ($seen) = grep { ($_->{id} // '') eq $to } $xta->seen('send');
    cmp_ok $seen->{memory} - $before, '<', 8_000, 'the server needs a little more than for nothing, in kB';
    is((grep { $_->{id} eq $to } $xta->received)[0]{fault}, 'whole', 'and the authority has it whole');
};

is_deeply [@main::invalid[0 .. ($#main::invalid > 5 ? 5 : $#main::invalid)]], [], 'every answer was valid, and of its request' unless $xta->schema_missing;
is_deeply [$xta->faults], [], 'the server itself had no fault';
done_testing;
