package Eb::Zustelldienst::State;

# What the service remembers, besides what every partner does:
#
#   log                      every request
#   received                 every submission that reached the authority
#   tokens/…                 until when each is good
#   attachments/UUID         whose it is
#   submissions/UUID/        state.json, parts/, events (one SET a line), polls
#   cases/UUID               the submission

use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use Eb::Partner::State;

our @ISA = ('Eb::Partner::State');
{ no strict 'refs'; *$_ = \&{"Eb::Partner::State::$_"} for qw(encode decode no slurp save append lines) }

sub new { my ($class, $dir) = @_; return $class->SUPER::new($dir, qw(tokens attachments submissions cases)) }

# ---- tokens

sub give_token { my ($self, $token, $until) = @_; save("$self->{dir}/tokens/" . sha256_hex($token), $until) }
sub token_is_good { my ($self, $token) = @_; return (slurp("$self->{dir}/tokens/" . sha256_hex($token)) // 0) > time }
sub forget_tokens { my ($self) = @_; return unlink glob "$self->{dir}/tokens/*" }

# ---- submissions

sub folder { my ($self, $id) = @_; return "$self->{dir}/submissions/$id" }

sub submission {
    my ($self, $id) = @_;
    my $text = slurp($self->folder($id) . '/state.json') // return;
    return decode($text);
}

sub store {
    my ($self, $s) = @_;
    mkdir $self->folder($s->{submissionId});
    mkdir $self->folder($s->{submissionId}) . '/parts';
    save($self->folder($s->{submissionId}) . '/state.json', encode($s));
}

sub submission_ids { my ($self) = @_; return map { m{([^/]+)/state\.json$} } glob "$self->{dir}/submissions/*/state.json" }

# The parts of one submission: attachment ids, "metadata" and "data".
sub part      { my ($self, $id, $name)        = @_; return slurp($self->folder($id) . "/parts/$name") }
sub put_part  { my ($self, $id, $name, $data) = @_; save($self->folder($id) . "/parts/$name", $data) }

sub add_event { my ($self, $id, $jws) = @_; append($self->folder($id) . '/events', $jws) }
sub events    { my ($self, $id)       = @_; return lines($self->folder($id) . '/events') }

# How often the events have been asked for, this time included.
sub polled { my ($self, $id) = @_; append($self->folder($id) . '/polls', 1); return (-s $self->folder($id) . '/polls') / 2 }

1;
