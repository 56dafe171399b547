# The power fails. A shim below httpd notes what each fsync has made durable; httpd is killed at a random moment, and the outbox and the
# inbox are made anew with exactly that: what was written but not synced is cut short, names whose folder was not synced are as they
# were. Every application that had its receipt by then is delivered. And a disk that fails at fsync: no receipt for what is not safe.
# EB_SOAK=SECONDS: as many failures as that time bears.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Load;
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => 'no C compiler for the shim'                     if system('command -v cc >/dev/null');
plan skip_all => 'not under sanitizers: they want to be loaded first' if $ENV{EB_SANITIZE};

my $soak = $ENV{EB_SOAK};
my $load = do { local $ENV{EB_SOAK}; Eb::Load->new(receiver => 0, limits => "StartServers 1\nServerLimit 1\nThreadsPerChild 12\nMaxRequestWorkers 12\nMinSpareThreads 1\nMaxSpareThreads 12\n") };
my ($server, $dir) = ($load->{server}, $load->{server}{dir});
my %root = (spool => "$dir/spool", inbox => "$dir/eingang");
my $shim = "$dir/power.so";
my $receiver = $load->{receiver} = Eb::Receiver::at(inbox => $root{inbox}, log => "$dir/log/received");
$server->expect(qr/EB04\d\d/, qr/EB06\d\d/, qr/AH00052/, qr/exit signal/);
is system('cc', '-shared', '-fPIC', '-O1', '-Wall', '-o', $shim, "$FindBin::Bin/../lib/power.c", '-ldl'), 0, 'the shim is built';

sub slurp { return Eb::Server::slurp($_[0]) }
sub write_file { my ($file, $data) = @_; open my $fh, '>:raw', $file or die "$file: $!"; print $fh $data; close $fh }
sub own { system 'chown', '-R', 'www-data:', @_ if $server->{user} }
sub names { my ($folder) = @_; opendir my $d, $folder or die "$folder: $!"; return grep { !/^\.\.?$/ } readdir $d }
sub inode { return (lstat $_[0])[1] }

# Everything that is there counts as durable.
sub prime {
    my ($folder) = @_;
    my @names = names($folder);
    write_file("$dir/power/names/" . inode($folder), join '', map { sprintf "%d %s %s\n", inode("$folder/$_"), -d "$folder/$_" ? 'd' : 'f', $_ } @names);
    for (map { "$folder/$_" } @names) { -d && !-l ? prime($_) : write_file("$dir/power/data/" . inode($_), slurp($_)) }
}

sub begin_anew {
    system 'rm', '-rf', "$dir/power";
    mkdir "$dir/$_" for qw(power power/names power/data);
    prime($_) for values %root;
    own("$dir/power");
}

# A name that was moved is in one folder only: journalling file systems keep a rename whole. So of two lists that have it the later counts.
my %cut = (torn => 0, names => 0);
sub later {
    my ($inode, $folder, $lists) = @_;
    my ($last) = map { $_->[1] } sort { $b->[0] <=> $a->[0] } @{ $lists->{$inode} };
    return $last == $folder;
}

sub rebuild {
    my ($from, $to, $lists, $modes) = @_;
    mkdir $to or die "$to: $!";
    chmod $modes->{$from} // 0700, $to;
    for my $line (split /\n/, slurp("$dir/power/names/$from")) {
        my ($inode, $kind, $name) = split / /, $line, 3;
        next unless later($inode, $from, $lists);
        if ($kind eq 'd') { rebuild($inode, "$to/$name", $lists, $modes); next }
        my $synced = -e "$dir/power/data/$inode";
        $cut{torn}++ unless $synced;
        write_file("$to/$name", $synced ? slurp("$dir/power/data/$inode") : '');
        chmod 0640, "$to/$name";
        utime time - 1, time - 1, "$to/$name";
    }
}

sub modes { my ($folder, $modes) = @_; $modes->{ inode($folder) } = (stat $folder)[2] & 0777; modes($_, $modes) for grep { -d && !-l } map { "$folder/$_" } names($folder) }

sub count_files { my ($folder) = @_; my $n = 0; for (map { "$folder/$_" } names($folder)) { $n += -d ? count_files($_) : 1 } return $n }

# Everybody dies, and only what is durable comes back.
sub power_failure {
    $server->kill_all;
    my (%lists, %modes);
    for my $folder (names("$dir/power/names")) {
        my $time = (Time::HiRes::stat("$dir/power/names/$folder"))[9];
        for (split /\n/, slurp("$dir/power/names/$folder")) { my ($inode) = split / /; push @{ $lists{$inode} }, [$time, $folder] }
    }
    modes($_, \%modes) for values %root;
    for my $folder (values %root) {
        my $before = count_files($folder);
        rebuild(inode($folder), "$folder.new", \%lists, \%modes);
        $cut{names} += abs($before - count_files("$folder.new"));
        system 'rm', '-rf', $folder;
        rename "$folder.new", $folder or die $!;
        own($folder);
    }
    begin_anew();
}

# What is taken away in a quiet moment, by the receiver or for a new round, is gone for good.
sub quietly { my ($do) = @_; $do->(); prime($_) for values %root; own("$dir/power") }

sub start { local @ENV{qw(LD_PRELOAD EB_POWER EB_POWER_WATCH)} = ($shim, "$dir/power", join ':', values %root); $server->start }

$server->stop;
begin_anew();
start();
srand($ENV{EB_SEED} // time);

subtest 'the power fails' => sub {
    my ($end, $failures, $without) = (time + ($soak ? $soak * 0.8 : 5), 0, 0);
    # Until something was cut off: on a slow machine a failure may find nothing half done.
    for (my $rounds = 0; time < $end || $failures < 2 || ($cut{names} == 0 && $rounds < 20); $rounds++) {
        my $crowd = $load->begin(clients => 4, count => $soak ? undef : 16, pause => 0.4);
        while ($crowd->running && $failures < ($soak ? 1e9 : 3)) {
            sleep 0.1 + rand 0.7;
            power_failure();
            start();
            $failures++;
        }
        $without += $crowd->finish->{without};
        for (1 .. 1200) { last unless glob "$root{spool}/*/queue/*.package"; sleep 0.1 }
        quietly(sub { $receiver->fetch });
        power_failure();
        start();
        sleep 1.2;
        $receiver->fetch;    # what would come a second time
        quietly(sub { $load->settle('power') });
    }
    is $without, 0, 'everybody got a receipt in the end';
    cmp_ok $failures, '>', 1, "the power failed $failures times";
    cmp_ok $cut{names}, '>', 0, "$cut{names} names came or went with it, $cut{torn} files were torn";
    $load->figures('power');
    note "figure power_failures $failures failures";
};

subtest 'fsync fails' => sub {
    my @people = $load->browsers;
    my $review = $people[-1]->get('/antrag/pruefen');
    write_file("$dir/power/eio", '');
    my $crowd = $load->begin(clients => 3, count => 12);
    my $sent  = $people[-1]->post('/antrag/pruefen', [_ticket => Eb::Load::ticket($review), _bestaetigt => 'ja', _weiter => 1]);
    is $sent->{status}, 503, 'no receipt, 503';
    sleep 1;
    is scalar(grep { /^EB-/ } split /\n/, slurp($crowd->{file})), 0, 'nor for anybody else';
    power_failure();
    start();
    my $result = $crowd->finish;
    is $result->{without}, 0, 'with a good disk everybody gets a receipt';
    for (1 .. 1200) { last unless glob "$root{spool}/*/queue/*.package"; sleep 0.1 }
    $receiver->fetch;
    $load->settle('fsync_eio', last => 1);
    $load->figures('fsync_eio');
};

$server->log_is_clean;
done_testing;
