package Eb::XtaServer::Authority;

# The authority behind the gateway: it opens what was sent with its own key, takes message and documents apart, compares sizes and
# digests, validates, and writes down what it got. What makes a message useless is its fault; what is merely odd, a remark.

use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use Eb::XtaServer::Crypt qw(open_data);
use Eb::XtaServer::Schema;
use Eb::XtaServer::State;
use Eb::XtaServer::Xml qw(%ns blob esc thin tree);
use XML::LibXML;

# state, key => sub { Crypt::PK::RSA }, schema => an XSD for the message, if any
sub new { my ($class, %o) = @_; return bless {%o}, $class }

# Takes a message in, while it is locked.
sub receive {
    my ($self, $m) = @_;
    my %seen  = (id => $m->{id}, time => $m->{sent}, about => $m->{about}, attachments => [], remarks => []);
    my $fault = eval { $self->examine($m, \%seen); 1 } ? 'whole' : "$@" =~ s/\s+/ /gr =~ s/ \z//r;
    $self->{state}->note(received => %seen, fault => $fault);
    $m->{fault} = $fault;
    $self->{state}->store($m);
}

sub examine {
    my ($self, $m, $seen) = @_;
    my $dir  = $self->{state}->folder($m->{uuid}) . '/content';
    my @blobs = @{ Eb::XtaServer::State::decode(Eb::XtaServer::State::slurp("$dir/blobs")) };
    my $thin = { blobs => [map { { %{ $blobs[$_] }, file => "$dir/blob-$_" } } 0 .. $#blobs] };
    my $x    = tree(Eb::XtaServer::State::slurp("$dir/body.xml"));
    my ($data) = $x->findnodes('/xta:GenericContentContainer/xenc:EncryptedData');
    $seen->{encrypted} = $data ? 1 : 0;
    ($thin, $x) = $self->decrypted($thin, $x, $data, $dir, $seen) if $data;
    my ($container) = $x->findnodes('/xta:GenericContentContainer/xta:ContentContainer') or die "no ContentContainer\n";
    $self->contents($thin, $x, $container, $seen);
    $self->message($m, $seen);
    $self->documents($seen);
    $self->odd($m, $seen);
}

sub decrypted {
    my ($self, $thin, $x, $data, $dir, $seen) = @_;
    my ($file, $key) = open_data($thin, $x, $data, $self->{key}->(), $dir);
    my $known = "$self->{state}{dir}/keys-" . sha256_hex($key);
    die "crypt: the content key was used before\n" if -e $known;
    Eb::XtaServer::State::save($known, $seen->{id});
    $seen->{plain} = -s $file;
    my %scope  = map { ($_->getLocalName // '' => $_->getData) } $x->findnodes('namespace::*', $data);
    my $before = qq(<outer:GenericContentContainer xmlns:outer="$ns{xta}") . join('', map { ($_ eq '' ? ' xmlns="' : " xmlns:$_=\"") . esc($scope{$_}) . '"' } grep { $_ ne 'xml' && $_ ne 'outer' } sort keys %scope) . '>';
    my $inner = thin(file => $file, dir => $dir, prefix => 'plain-', before => $before, after => '</outer:GenericContentContainer>');
    my $tree  = tree($inner->{xml});
    my $why   = Eb::XtaServer::Schema::violation($tree->getContextNode);
    die "schema: $why\n" if defined $why;
    unlink $file;
    return ($inner, $tree);
}

# Message first, then the attachments, each { type, name, size, sha512, file }.
sub contents {
    my ($self, $thin, $x, $container, $seen) = @_;
    my @all;
    for my $element ($x->findnodes('xta:Message | xta:Attachment', $container)) {
        my ($blob, $size) = (blob($thin, $element), $element->getAttribute('size'));
        my $name = $element->getAttribute('filename');
        die $element->localname . " says size $size, and has $blob->{size}\n" if defined $size && $size != $blob->{size};
        push @all, { type => $element->getAttribute('contentType'), name => $name, size => $blob->{size}, file => $blob->{file}, sha512 => Digest::SHA->new(512)->addfile($blob->{file}, 'b')->hexdigest,
            encoding => $element->getAttribute('encoding'), description => $element->getAttribute('contentDescription'), inline => $blob->{inline} };
    }
    $seen->{contents} = \@all;
}

# The message is XML; where it is not, a note for people, the first attachment is.
sub message {
    my ($self, $m, $seen) = @_;
    my ($first, @rest) = @{ $seen->{contents} };
    ($seen->{message}, @rest) = $first->{type} =~ m{^(?:application|text)/(?:[\w.-]+\+)?xml\b} ? ($first, @rest) : (shift @rest, @rest);
    die "no message\n" unless $seen->{message};
    $seen->{attachments} = \@rest;
    my $doc = eval { XML::LibXML->new(no_network => 1, load_ext_dtd => 0, expand_entities => 0)->parse_file($seen->{message}{file}) } or die "the message is not well-formed\n";
    ($seen->{uuid})   = map { $_->textContent } $doc->findnodes('//*[local-name() = "nachrichtenUUID"]');
    ($seen->{number}) = map { $_->textContent } $doc->findnodes('//*[local-name() = "vorgangsnummer"]');
    $seen->{number} //= $m->{about}{process};    # a standard without such an element
    ($seen->{reader}, $seen->{author}) = map { my $who = $_; map { $_->textContent } $doc->findnodes("(//*[local-name() = '$who']/*[local-name() = 'kennung'])[1]") } qw(leser autor);
    $seen->{root} = $doc->documentElement->nodeName;
    $seen->{test} = $doc->documentElement->hasAttribute('test') ? 1 : 0;
    $self->{named} = { map { my ($name, $digest) = map { $_->textContent } $_->findnodes('*[local-name() = "anhang"]'), $_->findnodes('.//*[local-name() = "sha512"]'); defined $digest ? ($digest => $name) : () }
            $doc->findnodes('//*[local-name() = "anlage"]') };
    die "no nachrichtenUUID\n" unless $seen->{uuid};
    my $schema = $self->{schema} or return;
    eval { $self->compiled($schema)->validate($doc); 1 } or die "message: $@\n";
}

sub compiled { my ($self, $schema) = @_; return $self->{compiled} //= XML::LibXML::Schema->new(location => $schema, no_network => 1) }

# What the message names has come, and nothing else.
sub documents {
    my ($self, $seen) = @_;
    my %left = %{ delete $self->{named} };
    return unless %left || $seen->{root} =~ /einbuergerung/;
    for my $a (@{ $seen->{attachments} }) {
        my $name = delete $left{ $a->{sha512} } // die 'attachment ' . ($a->{name} // '?') . " is not in the message\n";
        push @{ $seen->{remarks} }, "$name is sent as " . ($a->{name} // 'nothing') if $name ne ($a->{name} // '');
        my $magic = magic($a->{file});
        die "attachment $name is no $a->{type}\n" if $magic && $magic ne $a->{type};
    }
    my ($missing) = sort values %left;
    die "no document $missing\n" if defined $missing;
}

sub magic {
    my ($file) = @_;
    open my $in, '<:raw', $file or die "$file: $!";
    read $in, my $bytes, 8;
    return $bytes =~ /^%PDF-/ ? 'application/pdf' : $bytes =~ /^\xFF\xD8\xFF/ ? 'image/jpeg' : $bytes =~ /^\x89PNG\r\n/ ? 'image/png' : undef;
}

# Metadata beside the message itself.
sub odd {
    my ($self, $m, $seen) = @_;
    my ($about, $sum) = ($m->{about}, 0);
    $sum += $_->{size} for @{ $seen->{contents} };
    my @odd;
    push @odd, "MsgSize $about->{size}, content $sum" if defined $about->{size} && !grep { $about->{size} == $_ } $sum, $about->{bytes}, $seen->{plain} // 0;
    push @odd, "TestMsg $about->{test}, message $seen->{test}" if $about->{test} != $seen->{test};
    push @odd, "reader $about->{reader}, message $seen->{reader}" if defined $seen->{reader} && $seen->{reader} ne $about->{reader};
    push @odd, "process $about->{process}, message $seen->{number}" if defined $about->{process} && defined $seen->{number} && $about->{process} ne $seen->{number};
    push @{ $seen->{remarks} }, @odd;
}

1;
