package Eb::Zustelldienst::State;

# What the service remembers, as files below one folder: any of its processes, and the test, may read and write them. A file is
# renamed into place; whatever is read, changed and written back happens under a lock, which the end of a process releases.
#
#   settings.json            what the test wants: destination, key, verdict …
#   script/STEP              one misbehaviour a line, the first is next
#   log                      every request, one JSON object a line
#   received                 every submission that reached the authority, likewise
#   tokens/…                 until when each is good
#   attachments/UUID         whose it is
#   submissions/UUID/        state.json, parts/, events (one SET a line), polls
#   cases/UUID               the submission

use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use Fcntl qw(:DEFAULT :flock);
use JSON::PP;

my $json = JSON::PP->new->utf8->canonical;

sub encode { return $json->encode($_[0]) }
sub decode { return $json->decode($_[0]) }
sub no     { return JSON::PP::false }

sub new {
    my ($class, $dir) = @_;
    mkdir "$dir/$_" for '', qw(script tokens attachments submissions cases);
    return bless { dir => $dir }, $class;
}

sub slurp {
    my ($file) = @_;
    open my $fh, '<:raw', $file or return;
    local $/;
    return scalar(<$fh>) // '';
}

sub save {
    my ($file, $data) = @_;
    open my $fh, '>:raw', "$file.$$" or die "$file: $!";
    print $fh $data;
    close $fh or die "$file: $!";
    rename "$file.$$", $file or die "$file: $!";
}

# One write, so that lines of several processes do not mix.
sub append {
    my ($file, $line) = @_;
    sysopen my $fh, $file, O_WRONLY | O_CREAT | O_APPEND or die "$file: $!";
    syswrite $fh, "$line\n";
}

sub lines { my $all = slurp($_[0]) // ''; return split /\n/, $all }

# Calls $do while this process alone holds the lock of that name.
sub locked {
    my ($self, $name, $do) = @_;
    my $lock = $self->lock($name);
    return $do->();
}

# Held until the handle goes.
sub lock {
    my ($self, $name) = @_;
    sysopen my $lock, "$self->{dir}/$name.lock", O_RDWR | O_CREAT or die "$name.lock: $!";
    flock $lock, LOCK_EX or die "$name.lock: $!";
    return $lock;
}

# ---- what the test wants

sub settings { my ($self) = @_; my $text = slurp("$self->{dir}/settings.json"); return $text ? decode($text) : {} }

sub set {
    my ($self, %change) = @_;
    $self->locked(settings => sub {
        my $all = $self->settings;
        for (keys %change) { if (defined $change{$_}) { $all->{$_} = $change{$_} } else { delete $all->{$_} } }
        save("$self->{dir}/settings.json", encode($all));
    });
}

sub script {
    my ($self, $step, @kinds) = @_;
    $self->locked("script/$step" => sub { save("$self->{dir}/script/$step", join '', map { "$_\n" } @kinds) });
}

# What comes next at this step. "503 x3" stands for three of them, "503 x*" for ever.
sub next_kind {
    my ($self, $step) = @_;
    my $file = "$self->{dir}/script/$step";
    return 'ok' unless -s $file;
    return $self->locked("script/$step" => sub {
        my ($first, @rest) = lines($file);
        return 'ok' unless defined $first;
        my ($kind, $times) = $first =~ /^(.*?)(?: x(\d+|\*))?$/;
        unshift @rest, $first if ($times // 1) eq '*';
        unshift @rest, $kind . ' x' . ($times - 1) if ($times // 1) ne '*' && ($times // 1) > 1;
        save($file, join '', map { "$_\n" } @rest);
        return $kind;
    });
}

# ---- what happened

sub note { my ($self, $log, %what) = @_; append("$self->{dir}/$log", encode(\%what)) }
sub noted { my ($self, $log) = @_; return map { decode($_) } lines("$self->{dir}/$log") }

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
