package Eb::XtaServer::Replies;

# What comes back from an authority: messages for the portal's mailbox, and answers to one it has sent. They have the form of XWasser's
# administration.quittung.0020, and validate with its schemas in ../shared; the case is named by its UUID there, as that form wants it.
#
# Kinds of answers:
#   receipt      an acknowledgement: In-Reply-To, ProcessRef and referenzUUID are those of the message
#   by-process, by-reply     that names it by its ProcessRef alone, or by In-Reply-To alone
#   unknown      about a message that never was                 stranger      names one that never was, but the process of this
#   broken       cut off in the middle                          invalid       well-formed, and against its schema
#   stale        an older version of a code list                text          a letter that is no XML
#   empty        no bytes at all                                entities      with a document type that swells

use strict;
use warnings;
use Eb::XtaServer::Soap qw(stamp uuid);
use Eb::XtaServer::Xml qw(%ns esc);

my $xwasser = 'https://gitlab.opencode.de/akdb/xoev/xwasser/-/raw/main/V1_0_0';
my $never   = 'urn:de:xta:messageid:test:00000000-0000-4000-8000-000000000000';

sub party { my ($element, $id, $type, $name) = @_; return "<om:$element><om:Identifier type=\"" . esc($type) . '" name="' . esc($name) . '">' . esc($id) . "</om:Identifier></om:$element>" }

# The metadata of a message for the portal.
sub metadata {
    my ($e, $o) = @_;
    my $replies = join '', map { '<om:In-Reply-To>' . esc($_) . '</om:In-Reply-To>' } @{ $o->{in_reply_to} || [] };
    my $process = defined $o->{process} ? '<om:ProcessRef><om:Requester>' . esc($o->{process}) . '</om:Requester>' . (defined $o->{file_number} ? '<om:Responder>' . esc($o->{file_number}) . '</om:Responder>' : '') . '</om:ProcessRef>' : '';
    return qq(<om:MessageMetaData xmlns:om="$ns{om}" xmlns:wsa="$ns{wsa}") . (defined $o->{test} ? " TestMsg=\"$o->{test}\"" : '') . '><om:DeliveryAttributes><om:Origin>' . stamp() . '</om:Origin><om:Delivery>' . $o->{delivered} . '</om:Delivery></om:DeliveryAttributes>'
        . '<om:Originators>' . party('Author', $o->{author} // $e->{reader}, $e->{type}, 'Stadt Bielefeld, Einbürgerung') . '</om:Originators><om:Destinations>' . party('Reader', $o->{reader} // $e->{author}, $e->{type}, 'Einbürgerungsportal')
        . '</om:Destinations><om:MsgIdentification><wsa:MessageID>' . esc($o->{id}) . "</wsa:MessageID>$replies$process</om:MsgIdentification><om:Qualifier><om:Subject>" . esc($o->{subject} // 'Rückmeldung') . '</om:Subject><om:Service>' . esc($o->{service} // $e->{service})
        . '</om:Service><om:BusinessScenario><om:Undefined>' . esc($o->{scenario} // $e->{scenario}) . '</om:Undefined></om:BusinessScenario><om:MessageType payloadSchema="' . esc($o->{payload_schema} // $xwasser) . '" listURI="' . esc($e->{message_list})
        . '" listVersionID="' . esc($e->{message_version}) . '"><code>' . esc($o->{message_type} // '0020') . '</code></om:MessageType></om:Qualifier>' . ($o->{size} ? "<om:MsgSize>$o->{size}</om:MsgSize>" : '') . '</om:MessageMetaData>';
}

# Puts it in; its id. instead => what stands in the GenericContentContainer; metadata => the whole element; account => whose mailbox.
sub put {
    my ($state, $expected, %o) = @_;
    $o{id}        //= 'urn:de:xta:messageid:test:' . uuid();
    $o{delivered} //= stamp();
    my @all = ({ contentType => $o{content_type} // 'application/xml', encoding => 'UTF-8', filename => $o{filename} // 'nachricht.xml', data => $o{instead} // $o{xml} },
        map { { contentType => $_->{type}, filename => $_->{name}, data => $_->{data} } } @{ $o{attachments} || [] });
    for (@all) { utf8::encode($_->{data}) if utf8::is_utf8($_->{data}); $o{size} += length $_->{data}; $_->{size} = length $_->{data} || undef }
    my @bytes = map { delete $_->{data} } @all;
    my %entry = (id => $o{id}, account => $o{account} // 'client', in_reply_to => $o{in_reply_to} // [], process => $o{process}, delivered => $o{delivered}, size => $o{size}, contents => \@all, instead => defined $o{instead} ? 1 : 0);
    return $state->put(\%entry, $o{metadata} // metadata($expected, \%o), @bytes)->{id};
}

# ---- answers

# What put() wants, for an answer of that kind.
sub about {
    my ($expected, $received, $kind, %o) = @_;
    my $uuid = $kind eq 'unknown' || $kind eq 'stranger' ? uuid() : $received->{uuid};
    my $xml  = $o{xml} // receipt($expected, $uuid, $o{status} // '200');
    my %put  = (in_reply_to => [$received->{id}], process => $received->{number}, xml => $xml);
    $put{in_reply_to} = [$never]               if $kind eq 'unknown' || $kind eq 'stranger';
    $put{in_reply_to} = []                     if $kind eq 'by-process';
    $put{process}     = 'EB-2000-0000-0000-0'  if $kind eq 'unknown';
    $put{process}     = undef                  if $kind eq 'by-reply';
    $put{xml} = substr $xml, 0, length($xml) / 2 if $kind eq 'broken';
    $put{xml} =~ s{<referenzUUID>.*?</referenzUUID>}{<ohne/>} if $kind eq 'invalid';
    $put{xml} =~ s{(nachrichtentyp"[^>]*listVersionID=")1}{${1}0} if $kind eq 'stale';
    $put{xml} = '' if $kind eq 'empty';
    @put{qw(xml content_type filename)} = ("Guten Tag,\n\nIhr Antrag ist da.\n", 'text/plain', 'brief.txt') if $kind eq 'text';
    $put{xml} =~ s{\?>}{?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>} if $kind eq 'entities';
    return %put;
}

sub authority_of { my ($who, $id, $name) = @_; return "<$who><verzeichnisdienst listVersionID=\"1\"><code>DVDV</code></verzeichnisdienst><kennung>" . esc($id) . "</kennung><name>$name</name></$who>" }

sub receipt {
    my ($expected, $uuid, $status) = @_;
    return qq(<?xml version="1.0" encoding="UTF-8"?>\n<xwas:administration.quittung.0020 xmlns:xwas="$xwasser" produkt="Probe" produkthersteller="Probe" produktversion="1" standard="XWasser" test="true" version="1.0.0"><nachrichtenkopf.g2g><identifikation.nachricht><nachrichtenUUID>)
        . uuid() . '</nachrichtenUUID><nachrichtentyp listURI="urn:xoev-de:xwasser:codeliste:nachrichtentyp" listVersionID="1"><code>0020</code></nachrichtentyp><erstellungszeitpunkt>' . stamp() . '</erstellungszeitpunkt></identifikation.nachricht>'
        . authority_of('leser', $expected->{author}, 'Einbürgerungsportal') . authority_of('autor', $expected->{reader}, 'Stadt Bielefeld') . '<referenzUUID>' . esc($uuid) . '</referenzUUID><dvdvDienstkennung>' . esc($expected->{service}) . '</dvdvDienstkennung></nachrichtenkopf.g2g>'
        . '<xwas:identifikationVorgang><xwas:vorgangsID>' . esc($uuid) . '</xwas:vorgangsID></xwas:identifikationVorgang><xwas:quittung><xwas:aktuellerStatusTechnisch listURI="urn:xoev-de:xewaffe:codeliste:statustechnisch" listVersionID="1"><code>'
        . esc($status) . '</code></xwas:aktuellerStatusTechnisch></xwas:quittung></xwas:administration.quittung.0020>';
}

1;
