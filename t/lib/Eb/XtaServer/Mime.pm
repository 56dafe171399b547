package Eb::XtaServer::Mime;

# A body as it comes from the wire, taken apart: an envelope alone, or multipart/related with the envelope as its root (RFC 2387, XOP).
# Each part goes to a file of its own while it arrives, so that forty megabytes need no more memory than four.
#
#   my $mime = Eb::XtaServer::Mime->new($content_type, $folder);    # dies with "mime: why\n", like all below
#   $mime->feed($bytes); $mime->end;
#   $mime->root->{file}, $mime->part('id')                          # { file, size, type, params, id, headers }

use strict;
use warnings;
use Exporter qw(import);

our @EXPORT_OK = qw(media_type);

my $token = qr/[!#\$%&'*+.^_`|~0-9A-Za-z-]+/;

# "type/subtype" and its parameters; nothing when it is none.
sub media_type {
    my ($text) = @_;
    $text //= '';
    $text =~ m{\G\s*($token/$token)\s*}gc or return;
    my ($type, %param) = (lc $1);
    while ($text =~ m{\G;\s*($token)=(?:($token)|"((?:[^"\\]|\\.)*)")\s*}gc) {
        my ($name, $value) = (lc $1, $2 // $3 =~ s/\\(.)/$1/gr);
        return if exists $param{$name};
        $param{$name} = $value;
    }
    return $text =~ /\G;?\s*\z/gc ? ($type, \%param) : ();
}

sub new {
    my ($class, $content_type, $dir) = @_;
    my ($type, $param) = media_type($content_type);
    die "mime: no media type\n" unless defined $type;
    my $self = bless { dir => $dir, type => $type, params => $param, buffer => '', parts => [] }, $class;
    return $self->related if $type eq 'multipart/related';
    die "mime: $type is neither application/soap+xml nor multipart/related\n" if $type ne 'application/soap+xml';
    $self->begin({});
    $self->{state} = 'alone';
    return $self;
}

sub related {
    my ($self) = @_;
    my $param = $self->{params};
    my $boundary = $param->{boundary} // die "mime: no boundary\n";
    die "mime: the boundary is too long, or has other characters\n" if $boundary !~ m{^[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]$};
    die "mime: type is not application/xop+xml\n"        if ($param->{type} // '') ne 'application/xop+xml';
    die "mime: start-info is not application/soap+xml\n" if ((media_type($param->{'start-info'}))[0] // '') ne 'application/soap+xml';
    $self->{delimiter} = "\r\n--$boundary";
    $self->{state}     = 'preamble';
    $self->{buffer}    = "\r\n";    # so that the first boundary may be the first line
    return $self;
}

sub feed {
    my ($self, $bytes) = @_;
    $self->{buffer} .= $bytes;
    1 while $self->{state} ne 'end' && $self->step;
    $self->{buffer} = '' if $self->{state} eq 'end';    # an epilogue says nothing
}

# One step of taking apart; false when more bytes are needed.
sub step {
    my ($self) = @_;
    return $self->write_out(length $self->{buffer}) && 0 if $self->{state} eq 'alone';
    return $self->headers if $self->{state} eq 'headers';
    return $self->behind  if $self->{state} eq 'behind';
    my $at = index $self->{buffer}, $self->{delimiter};
    if ($at < 0) {
        my $safe = length($self->{buffer}) - length($self->{delimiter});
        $self->write_out($safe) if $safe > 0;
        return 0;
    }
    $self->write_out($at);
    substr $self->{buffer}, 0, length $self->{delimiter}, '';
    $self->{state} = 'behind';
    return 1;
}

# Behind a delimiter: the last one has two hyphens, the others a new line.
sub behind {
    my ($self) = @_;
    return 0 if length $self->{buffer} < 2;
    $self->finish;
    return $self->{state} = 'end' if $self->{buffer} =~ /^--/;
    if ($self->{buffer} =~ s/^[ \t]*\r\n//) { $self->{state} = 'headers'; return 1 }
    die "mime: garbage behind a boundary\n" if $self->{buffer} !~ /^[ \t]*\r?\z/;
    return 0;
}

sub headers {
    my ($self) = @_;
    my $end = $self->{buffer} =~ /^\r\n/ ? 0 : index $self->{buffer}, "\r\n\r\n";
    die "mime: the headers of a part are too long\n" if length $self->{buffer} > 16384 && ($end < 0 || $end > 16384);
    return 0 if $end < 0;
    my $text = substr $self->{buffer}, 0, $end, '';
    substr $self->{buffer}, 0, 2, '' if $end;
    my %header;
    for (split /\r\n/, $text =~ s/\r\n[ \t]+/ /gr) {
        my ($name, $value) = /^([!-9;-~]+):\s*(.*?)\s*$/ or die "mime: no header: $_\n";
        die "mime: $name twice\n" if exists $header{ lc $name };
        $header{ lc $name } = $value;
    }
    my $encoding = lc($header{'content-transfer-encoding'} // '7bit');
    die "mime: a part is encoded as $encoding\n" unless $encoding =~ /^(?:binary|8bit|7bit)$/;
    $self->begin(\%header);
    $self->{state} = 'body';
    $self->{blank} = 2;    # the empty line is still there: it may be the beginning of a delimiter, for a part without a body
    return 1;
}

sub begin {
    my ($self, $header) = @_;
    my ($type, $param) = media_type($header->{'content-type'});
    my ($id) = ($header->{'content-id'} // '') =~ /^<([^<>\s]+)>$/;
    die "mime: a part without Content-ID\n" if $self->{delimiter} && !defined $id;
    die "mime: the Content-ID $id twice\n" if defined $id && $self->part($id);
    my $file = "$self->{dir}/part-" . @{ $self->{parts} };
    open my $out, '>:raw', $file or die "$file: $!";
    $self->{out} = $out;
    push @{ $self->{parts} }, { id => $id, type => $type, params => $param, headers => $header, file => $file, size => 0 };
}

sub write_out {
    my ($self, $count) = @_;
    my $bytes = substr $self->{buffer}, 0, $count, '';
    my $out = $self->{out} or return 1;
    if ($self->{blank}) { $self->{blank} -= length substr $bytes, 0, $self->{blank}, '' }
    print $out $bytes;
    $self->{parts}[-1]{size} += length $bytes;
    return 1;
}

sub finish {
    my ($self) = @_;
    my $out = delete $self->{out} or return;
    close $out or die "part: $!";
}

sub end {
    my ($self) = @_;
    die "mime: the last boundary is missing\n" if $self->{state} !~ /^(?:end|alone)$/;
    $self->finish;
    my $root = $self->root;
    return unless $self->{delimiter};
    die "mime: the root is no application/xop+xml\n" if ($root->{type} // '') ne 'application/xop+xml';
    die "mime: the type of the root is not application/soap+xml\n" if ((media_type($root->{params}{type}))[0] // '') ne 'application/soap+xml';
    die "mime: the root is not in UTF-8\n" if lc($root->{params}{charset} // 'utf-8') ne 'utf-8';
}

sub part { my ($self, $id) = @_; return (grep { defined $_->{id} && $_->{id} eq $id } @{ $self->{parts} })[0] }

# The part that `start` names, or the first.
sub root {
    my ($self) = @_;
    my $start = $self->{params}{start} // return $self->{parts}[0] // die "mime: no part at all\n";
    die "mime: start is no <id>\n" if $start !~ /^<(.*)>$/;
    return $self->part($1) // die "mime: no part $start\n";
}

# What the media type says about the action; undef when nothing.
sub action {
    my ($self) = @_;
    my $root = $self->root;
    my (undef, $info) = media_type($self->{params}{'start-info'});
    my (undef, $type) = media_type(($root->{params} // {})->{type});
    return (grep { defined } $self->{params}{action}, ($root->{params} // {})->{action}, ($info // {})->{action}, ($type // {})->{action})[0];
}

1;
