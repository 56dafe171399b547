package Eb::Browser;

# A browser without JavaScript: cookies, redirects, and forms that are sent back as they came, hidden fields included.

use strict;
use warnings;
use HTTP::Tiny;
use utf8;
use Encode qw(encode_utf8 decode_utf8);

sub new {
    my ($class, $server, %o) = @_;
    return bless { server => $server, base => "http://127.0.0.1:$server->{port}", cookies => {}, headers => {},
        http => HTTP::Tiny->new(max_redirect => 0, timeout => 30, keep_alive => $o{keep_alive} // 0), %o }, $class;
}

sub cookie_header { my ($self) = @_; return join '; ', map { "$_=$self->{cookies}{$_}" } sort keys %{ $self->{cookies} } }

# One request; the answer is HTTP::Tiny's hash, with `text` (decoded) and `location` added.
sub request {
    my ($self, $method, $path, %o) = @_;
    my %headers = (%{ $self->{headers} }, %{ $o{headers} || {} });
    $headers{cookie} = $self->cookie_header if %{ $self->{cookies} } && !exists $headers{cookie};
    my $res = $self->{http}->request($method, $path =~ /^http/ ? $path : $self->{base} . $path,
        { headers => \%headers, defined $o{content} ? (content => $o{content}) : () });
    my $set = $res->{headers}{'set-cookie'} // [];
    for (ref $set ? @$set : $set) {
        my ($name, $value, $rest) = /^([^=]+)=([^;]*)(.*)/ or next;
        if ($rest =~ /Max-Age=0\b/i || $value eq '') { delete $self->{cookies}{$name} }
        else                                         { $self->{cookies}{$name} = $value }
    }
    $res->{text}     = eval { decode_utf8($res->{content} // '', Encode::FB_CROAK | Encode::LEAVE_SRC) } // $res->{content};
    $res->{location} = $res->{headers}{location};
    $res->{path}     = $path;
    $self->{last}    = $res;
    return $res;
}

sub get { my ($self, $path, %o) = @_; return $self->request('GET', $path, %o) }

sub encode_pair { return join '=', map { my $s = encode_utf8($_ // ''); $s =~ s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/ge; $s } @_ }

# A body from a list of name, value, name, value … (in that order, repeats allowed).
sub encode_form {
    my @pairs = @_;
    my @out;
    while (my ($name, $value) = splice @pairs, 0, 2) { push @out, encode_pair($name, $value) }
    return join '&', @out;
}

sub post {
    my ($self, $path, $pairs, %o) = @_;
    my $content = ref $pairs ? encode_form(@$pairs) : $pairs;
    return $self->request('POST', $path, content => $content, %o,
        headers => { 'content-type' => 'application/x-www-form-urlencoded', %{ $o{headers} || {} } });
}

my $boundaries = 0;

# A multipart body; a value that is a hash { name, type, data } is a file.
sub encode_multipart {
    my ($pairs) = @_;
    my $boundary = sprintf '----EbFormBoundary%08x%06d', $$, ++$boundaries;
    my ($body, @pairs) = ('', @$pairs);
    while (my ($name, $value) = splice @pairs, 0, 2) {
        my $head = sprintf 'Content-Disposition: form-data; name="%s"', encode_utf8($name) =~ s/"/%22/gr;
        $head .= sprintf qq(; filename="%s"\r\nContent-Type: %s), encode_utf8($value->{name}) =~ s/"/%22/gr, $value->{type} if ref $value;
        $body .= "--$boundary\r\n$head\r\n\r\n" . (ref $value ? $value->{data} : encode_utf8($value // '')) . "\r\n";
    }
    return ("multipart/form-data; boundary=$boundary", "$body--$boundary--\r\n");
}

sub post_multipart {
    my ($self, $path, $pairs, %o) = @_;
    my ($type, $body) = encode_multipart($pairs);
    return $self->request('POST', $path, content => $body, %o, headers => { 'content-type' => $type, %{ $o{headers} || {} } });
}

# GET, following redirects.
sub open {
    my ($self, $path) = @_;
    my $res = $self->get($path);
    for (1 .. 5) {
        last unless $res->{location};
        $res = $self->get($res->{location});
    }
    return $res;
}

sub unescape {
    my ($s) = @_;
    my %entity = (lt => '<', gt => '>', quot => '"', apos => "'", amp => '&');
    $s =~ s/&(?:#(\d+)|#x([0-9a-fA-F]+)|(\w+));/defined $1 ? chr $1 : defined $2 ? chr hex $2 : $entity{$3}/ge;
    return $s;
}

sub attributes {
    my ($tag) = @_;
    my %a;
    while ($tag =~ /([a-z-]+)(?:=(?:'([^']*)'|"([^"]*)"))?/g) { $a{$1} = unescape($2 // $3 // '') }
    return \%a;
}

# The first POST form of a page: { action, hidden => [pairs], fields => { name => [kind, value, options] }, order => [names] }.
sub form {
    my ($self, $res) = @_;
    $res //= $self->{last};
    my ($open, $inner) = $res->{text} =~ m{<form([^>]*method=.post.[^>]*)>(.*?)</form>}s or return;
    my $form = { action => attributes($open)->{action} || $res->{path}, enctype => attributes($open)->{enctype} // '', hidden => [], fields => {}, order => [], buttons => [] };
    while ($inner =~ m{<(input|select|textarea|button)\b([^>]*)>(?:((?:(?!</\1>).)*)</\1>)?}gs) {
        my ($tag, $a, $body) = ($1, attributes($2), $3);
        my $name = $a->{name} // next;
        my $type = $tag eq 'input' ? $a->{type} // 'text' : $tag;
        if ($type eq 'hidden') { push @{ $form->{hidden} }, $name, $a->{value}; next }
        if ($tag eq 'button') { push @{ $form->{buttons} }, $name; next }
        push @{ $form->{order} }, $name unless $form->{fields}{$name};
        my $f = $form->{fields}{$name} //= { type => $type, options => [] };
        if ($type eq 'radio' || $type eq 'checkbox') {
            push @{ $f->{options} }, $a->{value} // 'on';
            push @{ $f->{values} }, $a->{value} // 'on' if exists $a->{checked};
        }
        elsif ($tag eq 'select') {
            while ($body =~ m{<option([^>]*)>}g) {
                my $o = attributes($1);
                push @{ $f->{options} }, $o->{value};
                $f->{values} = [$o->{value}] if exists $o->{selected};
            }
        }
        else { $f->{values} = [$tag eq 'textarea' ? unescape($body // '') : $a->{value} // ''] }
    }
    return $form;
}

# Fills in the form of the last page and presses a button. %values: name => value or [values]; what is not named stays as it is. The
# value of a file input is a list of files, as Eb::Files makes them; without any it sends an empty one, as browsers do.
sub submit {
    my ($self, $values, $button, %o) = @_;
    my $form = $self->form or die "no form on $self->{last}{path} (status $self->{last}{status}) " . substr($self->{last}{text}, 0, 300);
    my @pairs = @{ $form->{hidden} };
    for my $name (@{ $form->{order} }) {
        my $v = exists $values->{$name} ? $values->{$name} : $form->{fields}{$name}{values};
        $v = @{ $values->{$name} || [] } ? $values->{$name} : [{ name => '', type => 'application/octet-stream', data => '' }]
            if $form->{fields}{$name}{type} eq 'file';
        push @pairs, map { ($name => $_) } ref $v ? @$v : defined $v ? $v : ();
    }
    push @pairs, $button // '_weiter', '1';
    return $self->post_multipart($form->{action}, \@pairs, %o) if $form->{enctype} eq 'multipart/form-data';
    return $self->post($form->{action}, \@pairs, %o);
}

1;
