package Eb::Journey;

# Walks an application through the form as a person would, page by page, with the answers of a fixture (t/message/instances/*.txt:
# "path = value" lines). It knows nothing of the engine: fields come from the pages, their meaning from their names.

use strict;
use warnings;
use utf8;
use Eb::Browser;
use Eb::Files;
use Eb::Server;

my $root = Eb::Server::root();

sub fixture {
    my ($name) = @_;
    my ($file) = glob "$root/t/message/instances/$name*.txt" or die "no fixture $name";
    open my $fh, '<:encoding(UTF-8)', $file or die "$file: $!";
    my %value;
    while (<$fh>) {
        next if /^\s*(?:#|$)/;
        my ($path, $value) = /^\s*(\S+)\s*=\s*(.*?)\s*$/ or die "$file:$.: not 'path = value'";
        $value =~ s/\\n/\n/g;
        $value{$path} = $value;
    }
    return \%value;
}

# The same answers, with every document but those named promised for later.
sub promised {
    my ($fixture, @kept) = @_;
    my %kept = map { ($_ => 1) } @kept;
    return { map { ($_ => $fixture->{$_} =~ /^(?:datei|ungeprueft) / && !$kept{$_} ? 'spaeter' : $fixture->{$_}) } keys %$fixture };
}

# step id => path of its repeat ("kinder/kind"), from the form definition.
my $repeats;
sub repeats {
    $repeats //= do {
        my $form = Eb::Server::slurp("$root/schemas/forms/einbuergerung.xml");
        my %of;
        while ($form =~ m{<eb:step id="([^"]+)"(?:(?!</eb:step>).)*?<xf:repeat nodeset="([^"]+)"}gs) { $of{$1} = $2 }
        \%of;
    };
    return $repeats;
}

sub first_page {
    my ($step) = Eb::Server::slurp("$root/schemas/forms/einbuergerung.xml") =~ /<eb:step id="([^"]+)"/ or die 'no step';
    return "/antrag/$step";
}

sub new {
    my ($class, $browser, $fixture, %o) = @_;
    return bless { browser => $browser, fixture => ref $fixture ? $fixture : fixture($fixture), pages => [], added => {},
        base => '/antrag', %o }, $class;
}

sub date_part {
    my ($value, $part) = @_;
    my ($y, $m, $d) = $value =~ /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?$/ or return undef;
    return { jahr => $y, monat => $m, tag => $d }->{$part} // '';
}

# The files of an answer "datei 812334 Pass.jpg | datei 70112 Seite 2.jpg | spaeter"; small ones, since it is not their size that matters.
sub files {
    my ($self, $path, $value) = @_;
    my @files = map { /^(?:datei|ungeprueft) (\d+) (.*)/ ? Eb::Files::make($2, $1 > 4000 ? 4000 : $1) : () } split / \| /, $value;
    $self->{files}{$path} = \@files;
    return \@files;
}

# What the fixture answers to one field of a page: a value, or a list for boxes and files.
sub answer {
    my ($self, $prefix, $name, $field) = @_;
    my $path  = $prefix . $name =~ s{\.}{/}gr;
    if ($path =~ m{^(.*)/spaeter$} && defined $self->{fixture}{$1}) {
        $self->{used}{$1}++;
        return $self->{fixture}{$1} =~ /(?:^|\| )spaeter$/ ? $field->{options} : [];
    }
    my $value = $self->{fixture}{$path};
    if ($field->{type} eq 'file') {
        $self->{used}{$path}++ if defined $value;
        return $self->files($path, $value // '');
    }
    if (!defined $value && $path =~ m{^(.*)/(tag|monat|jahr)$} && defined $self->{fixture}{$1}) {
        $self->{used}{$1}++;
        return date_part($self->{fixture}{$1}, $2);
    }
    $self->{used}{$path}++ if defined $value;
    return defined $value ? [split ' ', $value] : [] if $field->{type} eq 'checkbox' && @{ $field->{options} } > 1;
    return ($value // '') eq 'true' ? $field->{options} : [] if $field->{type} eq 'checkbox';
    return defined $value ? [$value] : [] if $field->{type} eq 'radio';
    return $value // '';
}

sub values_for {
    my ($self, $path, $form) = @_;
    my ($step, $n) = $path =~ m{^\Q$self->{base}\E/([^/?]+)(?:/(\d+))?};
    my $prefix = defined $n ? repeats()->{$step} . "[$n]/" : '';
    return map { ($_ => $self->answer($prefix, $_, $form->{fields}{$_})) } @{ $form->{order} };
}

# The values for one page, scalars only: for benches that build requests themselves.
sub page_values {
    my ($server, $path, $fixture) = @_;
    my $b = Eb::Browser->new($server);
    $b->open($path);
    my %v = __PACKAGE__->new($b, $fixture)->values_for($path, $b->form);
    return map { ref $v{$_} ? @{ $v{$_} } ? ($_ => $v{$_}[0]) : () : ($_ => $v{$_}) } keys %v;
}

sub entries {
    my ($self, $step) = @_;
    my $repeat = quotemeta repeats()->{$step};
    my $most = 0;
    for (keys %{ $self->{fixture} }) { $most = $1 if /^$repeat\[(\d+)\]/ && $1 > $most }
    return $most;
}

# One page further; returns the next path.
sub page {
    my ($self, $path) = @_;
    my $b   = $self->{browser};
    my $res = $b->open($path);
    die "GET $path: $res->{status}\n$res->{text}" unless $res->{status} == 200;
    die "$path: nothing fills $1" if $res->{text} =~ s/<[^>]+>//gr =~ /(\{\w+\})/;
    push @{ $self->{pages} }, $path;
    $self->{look}->($path, $res) if $self->{look};
    my ($step, $n) = $path =~ m{^\Q$self->{base}\E/([^/?]+)(?:/(\d+))?};
    if (repeats()->{$step} && !defined $n && ($self->{added}{$step} //= 0) < $self->entries($step)) {
        return "$self->{base}/$step/" . ++$self->{added}{$step};
    }
    my $form = $b->form or die "no form on $path\n$res->{text}";
    my $answer = $b->submit({ $self->values_for($path, $form) });
    if ($answer->{status} != 303) {
        my @errors = map { s/<[^>]+>//gr } $answer->{text} =~ m{<li><a[^>]*>(.*?)</a>}gs;
        die "POST $path: $answer->{status} " . join('; ', @errors) . (@errors ? '' : "\n$answer->{text}");
    }
    return $answer->{location} =~ s{^https?://[^/]+}{}r;
}

# Everything up to the review page.
sub fill {
    my ($self) = @_;
    my $path = first_page() =~ s{^/antrag}{$self->{base}}r;
    for (1 .. 600) {
        return $self if $path =~ m{/pruefen$};
        die "the form ended at the task list: not everything is answered\n" . join(' ', @{ $self->{pages} }) if $path =~ m{/aufgaben$};
        $path = $self->page($path);
    }
    die 'the form does not end';
}

# Review and send; returns the receipt's answer.
sub send {
    my ($self) = @_;
    my $b   = $self->{browser};
    my $res = $b->open("$self->{base}/pruefen");
    die "review: $res->{status}" unless $res->{status} == 200;
    my $answer = $b->submit({ _bestaetigt => ['ja'] });
    die "submission: $answer->{status}\n$answer->{text}" unless $answer->{status} == 303;
    return $b->open($answer->{location});
}

sub number {
    my ($res) = @_;
    return $res->{text} =~ /(EB-\d{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z])/ ? $1 : undef;
}

# Answers of the fixture that no page asked for.
sub unused { my ($self) = @_; return grep { !$self->{used}{$_} } sort keys %{ $self->{fixture} } }

1;
