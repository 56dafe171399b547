package Eb::Partner::State;

# What a partner remembers, as files below one folder: any of its processes, and the test, may read and write them. A file is renamed
# into place; whatever is read, changed and written back happens under a lock, which the end of a process releases.
#
#   settings.json            what the test wants
#   script/STEP              one misbehaviour a line, the first is next
#   NAME                     a log: one JSON object a line

use strict;
use warnings;
use Fcntl qw(:DEFAULT :flock);
use JSON::PP;

my $json = JSON::PP->new->utf8->canonical;

sub encode { return $json->encode($_[0]) }
sub decode { return $json->decode($_[0]) }
sub no     { return JSON::PP::false }

# With folders of these names.
sub new {
    my ($class, $dir, @folders) = @_;
    mkdir "$dir/$_" for '', 'script', @folders;
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
    utf8::encode($data) if utf8::is_utf8($data);    # canonical XML comes as characters
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

# Each line is read once, however often somebody asks.
sub noted {
    my ($self, $log) = @_;
    my $known = $self->{known}{$log} //= { at => 0, all => [] };
    open my $fh, '<:raw', "$self->{dir}/$log" or return;
    seek $fh, $known->{at}, 0;
    while (defined(my $line = <$fh>)) {
        last if $line !~ /\n\z/;
        $known->{at} += length $line;
        push @{ $known->{all} }, decode($line);
    }
    return @{ $known->{all} };
}

1;
