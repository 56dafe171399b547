package Eb::XtaServer::Spoil;

# Good answers made bad: one fault each, and everything else as it was; or, as odd and mime-odd, made as unusual as they may be without
# becoming bad. Kinds it does not know change nothing.

use strict;
use warnings;

my $id = qr{urn:de:xta:messageid:test:[0-9a-f-]{36}};

my %envelope = (
    'wrong-relates' => sub { s{(<wsa:RelatesTo>)[^<]*}{$1urn:uuid:00000000-0000-4000-8000-000000000000} },
    'no-relates'    => sub { s{<wsa:RelatesTo>[^<]*</wsa:RelatesTo>}{} },
    'two-relates'   => sub { s{(<wsa:RelatesTo>[^<]*</wsa:RelatesTo>)}{$1<wsa:RelatesTo>urn:uuid:00000000-0000-4000-8000-000000000000</wsa:RelatesTo>} },
    'wrong-action'  => sub { s{(<wsa:Action>)[^<]*}{$1http://www.xta.de/XTA/Anders} },
    'no-action'     => sub { s{<wsa:Action>[^<]*</wsa:Action>}{} },
    'soap11'        => sub { s{http://www\.w3\.org/2003/05/soap-envelope}{http://schemas.xmlsoap.org/soap/envelope/} },
    'dtd'           => sub { s{\?>}{?><!DOCTYPE s:Envelope [<!ENTITY a "0123456789"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>}; s{<s:Body>}{<s:Body>&b;} },
    'pi'            => sub { s{\?>}{?><?xml-stylesheet href="x.xsl"?>} },
    'other-namespace' => sub { s{http://xoev\.de/transport/xta/211}{https://xoev.de/transport/xta/core/3.1.1}; s{(xmlns:wsa=")[^"]*}{$1http://schemas.xmlsoap.org/ws/2004/08/addressing} },
    'no-body'       => sub { s{<s:Body>.*</s:Body>}{}s },
    'two-bodies'    => sub { s{(<s:Body>.*</s:Body>)}{$1$1}s },
    'other-body'    => sub { s{<s:Body>.*</s:Body>}{<s:Body><xta:LookupServiceResponse/></s:Body>}s },
    'understand'    => sub { s{</s:Header>}{<f:Fremd xmlns:f="urn:fremd" s:mustUnderstand="true"/></s:Header>} },
    'not-utf8'      => sub { s{<s:Body>}{<!-- \xFF\xFE --><s:Body>} },
    'latin1'        => sub { s{encoding="UTF-8"}{encoding="ISO-8859-1"}; s{<s:Body>}{<!-- \xFC --><s:Body>} },
    'no-id'         => sub { s{(<s:Body>.*?)<wsa:MessageID>[^<]*</wsa:MessageID>}{$1}s },
    'empty-id'      => sub { s{(<s:Body>.*?<wsa:MessageID>)[^<]*}{$1}s },
    'other-id'      => sub { s{(<s:Body>.*?<wsa:MessageID>)[^<]*}{${1}urn:de:xta:messageid:test:00000000-0000-4000-8000-000000000000}s },
    'id-space'      => sub { s{(<s:Body>.*?<wsa:MessageID>)([^<]*)}{$1\n  $2\n}s },
    'huge'          => sub { my $fill = 'x' x 8_000_000; s{</s:Header>}{<f:Fuellung xmlns:f="urn:fremd">$fill</f:Fuellung></s:Header>} },
);

# Other prefixes, quotes, line ends, and a header block that nobody has to understand.
sub odd {
    my ($text) = @_;
    $text =~ s{<\?xml[^>]*\?>}{<?xml version='1.0' encoding='utf-8' standalone="yes"?>\r\n<!-- <s:Fault/> -->\r\n};
    $text =~ s{(</?|xmlns:|\s)s([:=])}{$1SOAP-ENV.1_2$2}g;
    $text =~ s{(</?|xmlns:)wsa([:=])}{$1a$2}g;
    $text =~ s{(<a:RelatesTo)>([^<]*)<}{$1\n  RelationshipType = 'http://www.w3.org/2005/08/addressing/reply'\n>\r\n\t<!-- an id -->$2 \r\n<};
    $text =~ s{(:Header>)}{$1<f:Fremd xmlns:f="urn:fremd" xmlns="urn:fremd"><MessageID>&lt;&#x66;remd&gt;</MessageID></f:Fremd>\r\n};
    return "\xEF\xBB\xBF$text\r\n";
}

sub envelope {
    my ($text, $kind) = @_;
    return odd($text) if $kind =~ /odd$/;
    my $how = $envelope{$kind} or return $text;
    $how->() for $text;
    return $text;
}

sub type {
    my ($type, $kind) = @_;
    return qq(Application/SOAP+XML ; Charset="utf-8";x-neu=1 ;ACTION="urn:a;b\\"c") if $kind eq 'odd';
    return $kind eq 'text-xml' ? 'text/xml; charset=utf-8' : $kind eq 'latin1' ? $type =~ s/UTF-8/ISO-8859-1/r : $type;
}

my %parts = (
    'mime-no-root'  => sub { my ($type) = @_; $$type =~ s/start="[^"]*"/start="<fehlt\@xta.test>"/ },
    'mime-cid'      => sub { my ($type, $b, $all) = @_; $all->[0]{text} =~ s/cid:content-0/cid:fehlt/ or pop @$all },
    'mime-boundary' => sub { my ($type, $b) = @_; $$b .= 'x' },
    'mime-header'   => sub { my ($type, $b, $all) = @_; $all->[-1]{header} = "kein Kopf\r\n" },
    'mime-twice'    => sub { my ($type, $b, $all) = @_; push @$all, { %{ $all->[-1] } } },
    'mime-encoding' => sub { my ($type, $b, $all) = @_; $all->[-1]{encoding} = 'base64' },
    'mime-type'     => sub { my ($type) = @_; $$type =~ s/xop\+xml/json/ },
    'mime-extra'    => sub { my ($type, $b, $all) = @_; push @$all, { id => 'mehr@xta.test', type => 'text/plain', text => 'niemand nennt mich' } },
);

# Headers in any order and case, folded, with blanks or without, with quotes and escapes, and others that mean nothing to anybody; a boundary
# of all signs that are allowed, and something before the first delimiter and behind the last.
sub odd_mime {
    my ($type, $boundary, $all) = @_;
    my $odd = "=_(odd)/'+,-.:=? end_" . substr $boundary, -20;
    my ($start) = $type =~ /start="([^"]*)"/;
    my @pieces = { text => "This is a message in MIME: as in mail.\r\n--\r\n--$odd" =~ s/_.{5}\z//r . "\r\n" };
    for my $part (@$all) {
        my $inner = $part->{type} =~ s{; *type=}{;\r\n\t TYPE=}r =~ s{charset=UTF-8}{Charset="utf\\-8"}r;
        push @pieces, { text => "\r\n--$odd \t\r\nCONTENT-ID:<$part->{id}>\t\r\nX-Leer:\r\nX-Umlaut: \xFC: --$odd\r\ncontent-transfer-encoding:\r\n BINARY\r\nContent-Disposition: attachment;\r\n filename=\"a;b: c\"\r\ncontent-TYPE:  $inner\r\n\r\n" };
        push @pieces, defined $part->{text} ? { text => $part->{text} } : { file => $part->{file} };
    }
    push @pieces, { text => "\r\n--$odd--  \r\n--$odd\r\nand something behind it" };
    return (qq(Multipart/Related ;START-INFO="application/soap+xml; action=\\"x\\"" ;Start="$start"; x-neu=1;boundary="$odd" ; TYPE="application/xop+xml";), @pieces);
}

# The media type and the pieces of a multipart message, spoilt or not.
sub mime {
    my ($type, $boundary, $all, $kind) = @_;
    return odd_mime($type, $boundary, $all) if $kind eq 'mime-odd';
    my $how = $parts{$kind};
    $how->(\$type, \$boundary, $all) if $how;
    my @pieces;
    for my $part (@$all) {
        push @pieces, { text => "\r\n--$boundary\r\nContent-Type: $part->{type}\r\nContent-Transfer-Encoding: " . ($part->{encoding} // 'binary') . "\r\nContent-ID: <$part->{id}>\r\n" . ($part->{header} // '') . "\r\n" };
        push @pieces, defined $part->{text} ? { text => $part->{text} } : { file => $part->{file} };
    }
    push @pieces, { text => $kind eq 'mime-cut' ? "\r\n--$boundary" : "\r\n--$boundary--\r\n" };
    return ($type, @pieces);
}

1;
