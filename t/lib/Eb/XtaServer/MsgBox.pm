package Eb::XtaServer::MsgBox;

# The port msgbox: the portal's own mailbox, listed, fetched and closed. A message stays new until a close or a getNext names it as
# received (LastMsgReceived), as often as it may be fetched before.

use strict;
use warnings;
use Eb::XtaServer::Soap qw(fault stamp);
use Eb::XtaServer::State;
use Eb::XtaServer::Xml qw(esc text);

my $reasons = 'http://www.osci.eu/ws/2008/05/transport/MsgBox/reasons/';

sub new { my ($class, %o) = @_; return bless {%o}, $class }

# Entries of the caller that the selector of a request wants, the oldest first.
sub selected {
    my ($self, $r) = @_;
    my ($x, $body) = @{ $r->{soap} }{qw(x body)};
    my ($s)   = $x->findnodes('osci:MsgSelector', $body);
    my @boxed = grep { $_->{account} eq $r->{account} && !$_->{gone} } $self->{state}->box;
    return @boxed unless $s;
    my %ids   = map { ($_->textContent =~ s/\s//gr => 1) } $x->findnodes('wsa:MessageID', $s);
    my %about = map { ($_->textContent =~ s/\s//gr => 1) } $x->findnodes('wsa:RelatesTo', $s);
    my ($from, $to) = map { text($x, "osci:MsgBoxEntryTime$_", $s) } qw(From To);
    my $new = $s->getAttribute('newEntry');
    @boxed = grep { $ids{ $_->{id} } } @boxed if %ids;
    @boxed = grep { my $e = $_; grep { $about{$_} } @{ $e->{in_reply_to} } } @boxed if %about;
    @boxed = grep { $_->{delivered} ge $from } @boxed if defined $from;
    @boxed = grep { $_->{delivered} le $to } @boxed if defined $to;
    @boxed = grep { !!$_->{fetched} != ($new =~ /^(?:true|1)$/ ? 1 : 0) } @boxed if defined $new;
    return @boxed;
}

sub response {
    my ($id, $pending, $reason) = @_;
    return '<osci:MsgBoxResponse MsgBoxRequestID="' . esc($id) . '">' . (defined $reason ? "<osci:NoMessageAvailable reason=\"$reasons$reason\"/>" : "<osci:ItemsPending>$pending</osci:ItemsPending>") . '</osci:MsgBoxResponse>';
}

# ---- lists

sub getStatusList {
    my ($self, $r) = @_;
    my $body = $r->{soap}{body};
    my @ids  = map { $_->{id} } $self->selected($r);
    my %iterator = (left => \@ids, most => $body->getAttribute('maxListItems') // 100, form => $body->getAttribute('ListForm') // 'MsgAtrributes', account => $r->{account});
    return $self->list(\%iterator);
}

sub getNextStatusList {
    my ($self, $r) = @_;
    return $self->list($self->open_iterator($r));
}

sub list {
    my ($self, $iterator) = @_;
    my @now = splice @{ $iterator->{left} }, 0, $iterator->{most};
    my $id  = $self->{state}->store_iterator($iterator);
    my %wanted = map { ($_ => 1) } @now;
    my @entries = grep { $wanted{ $_->{id} } } $self->{state}->box;
    my $items = join '', map { $iterator->{form} eq 'MessageMetaData' ? metadata($_) : attributes($_) } @entries;
    return { header => response($id, scalar @{ $iterator->{left} }, @now ? undef : 'NoMatch'), body => "<osci:MsgStatusList>$items</osci:MsgStatusList>", listed => \@now };
}

sub metadata { my ($entry) = @_; return Eb::XtaServer::State::slurp("$entry->{folder}/metadata.xml") }

sub attributes {
    my ($e) = @_;
    return '<osci:MsgAttributes><wsa:MessageID>' . esc($e->{id}) . '</wsa:MessageID>' . join('', map { '<wsa:RelatesTo>' . esc($_) . '</wsa:RelatesTo>' } @{ $e->{in_reply_to} })
        . "<osci:TypeOfBusinessScenario>urn:test:scenario</osci:TypeOfBusinessScenario><osci:MsgSize>$e->{size}</osci:MsgSize><osci:DeliveryTime>$e->{delivered}</osci:DeliveryTime>"
        . ($e->{fetched} ? "<osci:InitialFetchedTime>$e->{fetched}</osci:InitialFetchedTime>" : '') . '</osci:MsgAttributes>';
}

# ---- messages

sub getMessage {
    my ($self, $r) = @_;
    my @ids = map { $_->{id} } $self->selected($r);
    my ($x, $body) = @{ $r->{soap} }{qw(x body)};
    my ($asked) = $x->findnodes('osci:MsgSelector/wsa:MessageID', $body);
    die fault(9070, $asked->textContent) if $asked && !@ids;
    return $self->next_message({ left => \@ids, account => $r->{account} }, 'NoMatch');
}

sub getNextMessage { my ($self, $r) = @_; return $self->next_message($self->open_iterator($r), 'NoMatch') }

sub next_message {
    my ($self, $iterator, $reason) = @_;
    my $id = shift @{ $iterator->{left} };
    push @{ $iterator->{given} }, $id if defined $id;
    my $request = $self->{state}->store_iterator($iterator);
    my ($entry) = grep { defined $id && $_->{id} eq $id } $self->{state}->box;
    die fault(9070, 'nothing there') unless $entry;
    my (@parts, $content);
    for my $n (0 .. $#{ $entry->{contents} }) {
        my $c = $entry->{contents}[$n];
        my $name = $n ? 'Attachment' : 'Message';
        my $attributes = join '', map { " $_=\"" . esc($c->{$_}) . '"' } grep { defined $c->{$_} } qw(contentType encoding filename contentDescription id size);
        $content .= "<xta:$name$attributes>\0$n\0</xta:$name>";
        push @parts, { id => "content-$n\@xta.test", type => $c->{contentType} =~ /^([^;]+)/, file => "$entry->{folder}/content-$n" };
    }
    my $inside = $entry->{instead} ? '' : "<xta:ContentContainer>$content</xta:ContentContainer>";
    if ($entry->{instead}) { $inside = Eb::XtaServer::State::slurp($parts[0]{file}); @parts = () }
    return { header => metadata($entry) . response($request, scalar @{ $iterator->{left} }), body => "<xta:GenericContentContainer>$inside</xta:GenericContentContainer>", parts => \@parts, id => $id };
}

# The iterator a request names; what it says it has received is no longer new.
sub open_iterator {
    my ($self, $r) = @_;
    my ($x, $body) = @{ $r->{soap} }{qw(x body)};
    my $iterator = $self->{state}->iterator($body->getAttribute('MsgBoxRequestID'));
    die fault(9070, 'no such MsgBoxRequestID') if !$iterator || $iterator->{account} ne $r->{account};
    my %received = map { ($_->textContent =~ s/\s//gr => 1) } $x->findnodes('osci:LastMsgReceived', $body);
    for my $entry (grep { delete $received{ $_->{id} } && $_->{account} eq $r->{account} } $self->{state}->box) {
        $entry->{fetched} //= stamp();
        push @{ $entry->{closed} }, $r->{operation}{name};
        $self->{state}->store_box($entry);
        push @{ $r->{received} }, $entry->{id};
    }
    die fault(9070, join ' ', sort keys %received) if %received;
    return $iterator;
}

sub close {
    my ($self, $r) = @_;
    my $iterator = $self->open_iterator($r);
    $self->{state}->end_iterator($iterator);
    return { closed => $r->{received} // [] };
}

1;
