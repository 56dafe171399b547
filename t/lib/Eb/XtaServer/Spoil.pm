package Eb::XtaServer::Spoil;

# Good answers made bad: one fault each, and everything else as it was. Kinds it does not know change nothing.

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

sub envelope {
    my ($text, $kind) = @_;
    my $how = $envelope{$kind} or return $text;
    $how->() for $text;
    return $text;
}

sub type {
    my ($type, $kind) = @_;
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

# The media type and the pieces of a multipart message, spoilt or not.
sub mime {
    my ($type, $boundary, $all, $kind) = @_;
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
