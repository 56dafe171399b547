package Eb::XtaServer::Xml;

# XML whose base64 may be large. A stream parser (expat) copies a document byte by byte, but for what is in xta:Message, xta:Attachment
# and xenc:CipherValue: that goes decoded into files, whether it stands there as base64 or is an xop:Include; a small number takes its
# place, in base64. The rest is small enough for a tree and for the schemas.
#
#   my $thin = thin(file => 'envelope', dir => 'folder', part => sub { my ($id) = @_; … });    # dies with "xml: why\n"
#   $thin->{xml}, $thin->{blobs}[n]       # the document; { name, file, size, inline }
#   my $doc = tree($thin->{xml});         # XML::LibXML, with the prefixes s wsa xta om osci xenc ds
#   blob($thin, $element)                 # what stood there

use strict;
use warnings;
use Eb::Partner::State;
use Exporter qw(import);
use MIME::Base64 qw(decode_base64 encode_base64);
use XML::LibXML;
use XML::Parser::Expat;

our @EXPORT_OK = qw(%ns thin tree blob text esc);

our %ns = (s => 'http://www.w3.org/2003/05/soap-envelope', wsa => 'http://www.w3.org/2005/08/addressing', xta => 'http://xoev.de/transport/xta/211',
    om => 'http://www.osci.eu/ws/2014/10/transport', osci => 'http://www.osci.eu/ws/2008/05/transport', xenc => 'http://www.w3.org/2001/04/xmlenc#',
    ds => 'http://www.w3.org/2000/09/xmldsig#', xop => 'http://www.w3.org/2004/08/xop/include');

my %large = ("$ns{xta} Message" => 1, "$ns{xta} Attachment" => 1, "$ns{xenc} CipherValue" => 1);

# file, and where its parts are; before and after: what is read around it, for a piece of a document.
sub thin {
    my (%o) = @_;
    my $t = { %o, xml => '', blobs => [], depth => 0 };
    my $p = XML::Parser::ExpatNB->new(Namespaces => 1, ProtocolEncoding => 'UTF-8');
    $p->setHandlers(Start => sub { begin($t, @_) }, End => sub { finish($t, @_) }, Char => sub { chars($t, @_) }, Default => sub { copy($t, $_[0]) },
        Doctype => sub { die "xml: a document type\n" }, Proc => sub { die "xml: a processing instruction\n" });
    open my $in, '<:raw', $o{file} or die "$o{file}: $!";
    my $good = eval {
        $p->parse_more($o{before}) if $o{before};
        while (read $in, my $bytes, 65536) { $p->parse_more($bytes) }
        $p->parse_more($o{after}) if $o{after};
        $p->parse_done;
        1;
    };
    return $t if $good;
    my $why = $@;
    eval { $p->release };
    die $why =~ /(xml: .*?)(?: at \S+ line \d+.*)?$/m ? "$1\n" : 'xml: ' . ($why =~ s/\s+/ /gr) . "\n";
}

sub copy { my ($t, $p) = @_; my $bytes = $p->original_string; utf8::encode($bytes) if utf8::is_utf8($bytes); $t->{xml} .= $bytes unless $t->{blob} }

sub begin {
    my ($t, $p, $name, @attributes) = @_;
    die "xml: more than 200 elements in each other\n" if ++$t->{depth} > 200;
    my $full = ($p->namespace($name) // '') . " $name";
    return inside($t, $full, @attributes) if $t->{blob};
    copy($t, $p);
    return unless $large{$full};
    $t->{xml} =~ s{/>\z}{>} and $t->{closed} = 1;
    my $n = @{ $t->{blobs} };
    my $file = "$t->{dir}/blob-" . ($t->{prefix} // '') . $n;
    open my $out, '>:raw', $file or die "$file: $!";
    $t->{blob} = { name => $name, element => $full, depth => $t->{depth}, file => $file, size => 0, out => $out, rest => '', inline => 0 };
    push @{ $t->{blobs} }, $t->{blob};
}

# The one element that may stand in base64.
sub inside {
    my ($t, $full, %attribute) = @_;
    my $blob = $t->{blob};
    die "xml: $full in $blob->{name}\n" if $full ne "$ns{xop} Include";
    die "xml: xop:Include beside base64, or twice\n" if $blob->{included} || $blob->{inline};
    my ($id) = ($attribute{href} // '') =~ /^cid:(.+)$/ or die "xml: href is no cid\n";
    $id =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
    my $part = $t->{part} && $t->{part}->($id) or die "xml: no part $id\n";
    die "xml: part $id twice\n" if $t->{used}{$id}++;
    @$blob{qw(included size part)} = (1, $part->{size}, $part);
    unlink $blob->{file};
    rename $part->{file}, $blob->{file} or die "$part->{file}: $!";
}

sub chars {
    my ($t, $p, $text) = @_;
    my $blob = $t->{blob} or return copy($t, $p);
    $text =~ tr/ \t\r\n//d;
    return if $text eq '';
    die "xml: xop:Include beside base64\n" if $blob->{included};
    die "xml: no base64 in $blob->{name}\n" if $text =~ m{[^A-Za-z0-9+/=]} || $blob->{padded};
    $blob->{inline} = 1;
    $blob->{rest} .= $text;
    flush($blob, length($blob->{rest}) & ~3) if length $blob->{rest} >= 8192;
}

sub flush {
    my ($blob, $count) = @_;
    my $text = substr $blob->{rest}, 0, $count, '';
    $text =~ m{^[^=]*={0,2}\z} or die "xml: no base64 in $blob->{name}\n";
    $blob->{padded} = 1 if $text =~ /=\z/;
    my $bytes = decode_base64($text);
    print { $blob->{out} } $bytes;
    $blob->{size} += length $bytes;
}

sub finish {
    my ($t, $p, $name) = @_;
    my $blob = $t->{blob};
    my $mine = $blob && $t->{depth} == $blob->{depth};
    $t->{depth}--;
    return copy($t, $p) unless $blob;
    return unless $mine;
    die "xml: half a base64 in $blob->{name}\n" if length($blob->{rest}) % 4;
    flush($blob, length $blob->{rest});
    close delete $blob->{out} or die "blob: $!";
    delete $t->{blob};
    $t->{xml} .= encode_base64(sprintf('%09d', $#{ $t->{blobs} }), '');
    if (delete $t->{closed}) { my ($tag) = $t->{xml} =~ /.*<([^\s<>]+)[^<>]*>[^<>]*\z/s; $t->{xml} .= "</$tag>" }
    else { copy($t, $p) }
}

sub tree {
    my ($xml) = @_;
    my $doc = eval { XML::LibXML->new(no_network => 1, load_ext_dtd => 0, expand_entities => 0)->parse_string($xml) } or die 'xml: ' . ("$@" =~ s/\s+/ /gr) . "\n";
    my $context = XML::LibXML::XPathContext->new($doc);
    $context->registerNs($_ => $ns{$_}) for keys %ns;
    return $context;
}

sub blob {
    my ($thin, $element) = @_;
    return $thin->{blobs}[ 0 + decode_base64($element->textContent) ];
}

# The text of what a path finds, without the space around it; undef when there is none.
sub text {
    my ($context, $path, $from) = @_;
    my ($node) = $context->findnodes($path, $from // ());
    return defined $node ? $node->textContent =~ s/^\s+|\s+$//gr : undef;
}

sub esc {
    my ($text) = @_;
    my %entity = ('&' => '&amp;', '<' => '&lt;', '>' => '&gt;', '"' => '&quot;');
    $text = "$text";
    utf8::encode($text) if utf8::is_utf8($text);
    return $text =~ s/([&<>"])/$entity{$1}/gr;
}

1;
