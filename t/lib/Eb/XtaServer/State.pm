package Eb::XtaServer::State;

# What the gateway remembers, besides what every partner does:
#
#   log                      every request
#   received                 every message as the authority found it
#   messages/UUID/           state.json, metadata.xml, content/: the thin body and its blobs; polls
#   box/NNNNNN/              a message for the portal: state.json, metadata.xml, content-0 (the message), content-1 …
#   iterators/UUID           what a fetching client has still to get
#   incoming/                what is just arriving

use strict;
use warnings;
use Eb::Partner::State;
use Eb::XtaServer::Soap qw(uuid);
use File::Path qw(remove_tree);
use Time::HiRes ();

our @ISA = ('Eb::Partner::State');
{ no strict 'refs'; *$_ = \&{"Eb::Partner::State::$_"} for qw(encode decode slurp save append lines) }

my $prefix = 'urn:de:xta:messageid:test:';

sub new { my ($class, $dir) = @_; return $class->SUPER::new($dir, qw(messages box iterators incoming)) }

sub uuid_of { my ($id) = @_; return ($id // '') =~ /^\Q$prefix\E([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/ ? $1 : undef }
sub folder  { my ($self, $uuid) = @_; return "$self->{dir}/messages/$uuid" }

# ---- messages on their way to the authority

sub create {
    my ($self, $account) = @_;
    my $uuid = uuid();
    mkdir $self->folder($uuid);
    $self->store({ uuid => $uuid, id => "$prefix$uuid", account => $account, created => Time::HiRes::time() });
    return "$prefix$uuid";
}

sub message {
    my ($self, $id) = @_;
    my $uuid = uuid_of($id) // return;
    my $text = slurp($self->folder($uuid) . '/state.json') // return;
    return decode($text);
}

sub store    { my ($self, $m) = @_; save($self->folder($m->{uuid}) . '/state.json', encode($m)) }
sub messages { my ($self) = @_; return map { decode(slurp($_)) } glob "$self->{dir}/messages/*/state.json" }
sub metadata { my ($self, $m) = @_; return slurp($self->folder($m->{uuid}) . '/metadata.xml') }

# The content becomes the message's: what lies there of an attempt that was cut short goes.
sub keep_content {
    my ($self, $m, $from, $metadata) = @_;
    my $to = $self->folder($m->{uuid}) . '/content';
    remove_tree($to);
    rename $from, $to or die "$from: $!";
    save($self->folder($m->{uuid}) . '/metadata.xml', $metadata);
}

# How often its report has been asked for, this time included.
sub polled { my ($self, $m) = @_; my $file = $self->folder($m->{uuid}) . '/polls'; append($file, 1); return (-s $file) / 2 }

# ---- messages for the portal

sub put {
    my ($self, $entry, $metadata, @contents) = @_;
    my $folder = $self->locked(box => sub {
        my $number = sprintf '%06d', 1 + (() = glob "$self->{dir}/box/*");
        mkdir "$self->{dir}/box/$number";
        return "$self->{dir}/box/$number";
    });
    save("$folder/content-$_", $contents[$_]) for 0 .. $#contents;
    save("$folder/metadata.xml", $metadata);
    $entry->{folder} = $folder;
    save("$folder/state.json", encode($entry));
    return $entry;
}

sub box       { my ($self) = @_; return map { decode(slurp($_)) } glob "$self->{dir}/box/*/state.json" }
sub store_box { my ($self, $entry) = @_; save("$entry->{folder}/state.json", encode($entry)) }

sub iterator       { my ($self, $id) = @_; my ($uuid) = $id =~ /^urn:uuid:([0-9a-f-]{36})$/ or return; my $text = slurp("$self->{dir}/iterators/$uuid") // return; return decode($text) }
sub store_iterator { my ($self, $i) = @_; $i->{id} //= 'urn:uuid:' . uuid(); save("$self->{dir}/iterators/" . substr($i->{id}, 9), encode($i)); return $i->{id} }
sub end_iterator   { my ($self, $i) = @_; unlink "$self->{dir}/iterators/" . substr $i->{id}, 9 }

1;
