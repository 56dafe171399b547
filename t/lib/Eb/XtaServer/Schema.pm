package Eb::XtaServer::Schema;

# KoSIT's schemas of XTA 2.1.1, with those of SOAP 1.2, WS-Addressing and OSCI they import, as ../shared has them: compiled once.
#
#   my $why = violation($document);     # undef when the envelope is valid, or when there is nothing to validate with: missing() says why

use strict;
use warnings;
use Eb::Server;
use Exporter qw(import);
use XML::LibXML;

our @EXPORT_OK = qw(violation folder);
my ($schema, $missing);

sub folder { return Eb::Server::root() . '/../shared/data/xta211' }

sub compile {
    return $schema if $schema || $missing;
    my $file = folder() . '/driver.xsd';
    $missing = '../shared/data/xta211 is not there', return undef unless -e $file;
    return $schema = XML::LibXML::Schema->new(location => $file, no_network => 1);
}

sub missing { compile(); return $missing }

sub violation {
    my ($doc) = @_;
    my $with = compile() or return undef;
    return eval { $with->validate($doc); 1 } ? undef : "$@" =~ s/\s+/ /gr;
}

1;
