# Canaries: thirty applications, a mark in every free text, in every document and in its name. Afterwards everything that is ever
# written is looked through for them: logs, what Redis keeps on disk, the outbox with applications waiting in it, command lines and
# environments, open files, temporary folders, what a crash leaves. Only the authority's inbox may have them, and has them all.
# (Memory is another matter: whoever may read /proc/PID/mem may read the key.) EB_SOAK=SECONDS: three
# hundred, or one for each second.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Load;
use MIME::Base64 qw(encode_base64);
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => 'not under sanitizers: they write cores and reports of their own' if $ENV{EB_SANITIZE};

my $COUNT   = !$ENV{EB_SOAK} || $ENV{EB_SOAK} < 30 ? 30 : $ENV{EB_SOAK} > 300 ? 300 : int $ENV{EB_SOAK};
my $UNSENT  = int $COUNT / 5;
my $CANARY  = 'Zqxqkanarie';                # of letters, since names have nothing else; in no dictionary
my $RECORD  = "${CANARY}aaaa";
my %free    = map { ($_ => 1) } qw(familienname vornamen geburtsname geburtsort strasse strasse_hausnummer ort behoerde titel_behoerde schule fach
    hochschule erlernter_beruf ausgeuebter_beruf arbeitgeber taetigkeit krankenkasse aussteller einrichtung zeile_1 zeile_2);
my $started = time;

local $ENV{TMPDIR} = Eb::Load::memory();
my $server = Eb::Server->new;
my $dir    = $server->{dir};

# The canary sits in the midst of a file, in place of as many bytes.
{
    no warnings 'redefine';
    my $make = \&Eb::Files::make;
    *Eb::Files::make = sub {
        my $file = $make->(@_);
        substr($file->{data}, index($file->{data}, "stream\n") + 100, length $RECORD) = $RECORD;
        return $file;
    };
}

my $fixture = Eb::Journey::fixture('01-ledige-person');
$fixture->{$_} = $RECORD for grep { m{([^/]+)$} && $free{$1} } keys %$fixture;
$fixture->{'kontakt/email'} = "$RECORD\@example.org";
$fixture->{"nachweise/$_"} = "datei 3000 $RECORD $_.pdf" for qw(geburtsurkunde arbeitsvertrag);
my @steps = Eb::Load::record($server, Eb::Journey::promised($fixture, 'nachweise/geburtsurkunde', 'nachweise/arbeitsvertrag'));
my $marks = () = map { $_->{body} =~ /$RECORD/g } @steps;
cmp_ok $marks, '>', 30, "$marks marks in an application";

sub name { my ($n) = @_; return $CANARY . join '', map { chr(ord('b') + int($n / 20**$_) % 20) } 3, 2, 1, 0 }

# Most are sent while nothing can be delivered, some stay drafts.
rename "$dir/eingang", "$dir/verlegt";
$server->expect(qr/EB06\d\d/);
my @pids;
for my $client (0 .. 2) {
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        my $bad = 0;
        for my $n (grep { $_ % 3 == $client } 1 .. $COUNT) {
            my ($name, $b) = (name($n));
            eval { $b = Eb::Load::replay($server, map { { %$_, body => $_->{body} =~ s/$RECORD/$name/gr } } @steps); 1 } or do { diag $@; $bad++; next };
            $bad++ unless $n <= $UNSENT || Eb::Load::apply($b, 120)->{number};
        }
        POSIX::_exit($bad);
    }
    push @pids, $pid;
}
my $bad = 0;
for (@pids) { waitpid $_, 0; $bad += $? >> 8 }
is $bad, 0, "$COUNT applications, $UNSENT of them not sent";

# As it is written, and as base64 would have it, wherever it begins.
my @needles = ($CANARY, map { substr encode_base64(('x' x $_) . $CANARY, ''), $_ ? 4 : 0, 10 } 0 .. 2);
sub found { my ($text) = @_; return grep { index(lc $text, lc) >= 0 } @needles }
ok found('xx' . encode_base64("x$_$CANARY yy")), 'base64 is recognised' for '', 'x', 'xx';

my (%looked, @hits);
sub look {
    my ($kind, @files) = @_;
    for my $file (@files) {
        next if -d $file;
        my $text = Eb::Server::slurp($file);
        $looked{$kind} += length $text;
        push @hits, "$kind: $file" if found($text);
    }
}
sub below { my ($folder) = @_; open my $find, '-|', 'find', $folder, '-type', 'f' or die $!; my @found = <$find>; chomp @found; return @found }

sub look_everywhere {
    $server->redis('SAVE');
    look('logs', below("$dir/log"));
    look('Redis on disk', below("$dir/redis"));
    look('outbox', below("$dir/spool"));
    look('beside them', grep { -f } glob "$dir/* $dir/.??*");
    for my $pid ($server->{pid}, $server->children, $server->{redis_pid}) {
        look('command lines and environments', "/proc/$pid/cmdline", "/proc/$pid/environ");
        look('open files', grep { (readlink // '') =~ m{^/} && -f } glob "/proc/$pid/fd/*");
    }
    for my $folder ('/tmp', '/var/tmp', '/dev/shm') {
        opendir my $d, $folder or next;
        look('temporary folders', grep { -f && -s _ < 5e7 && (stat _)[9] >= $started - 1 } map { "$folder/$_" } readdir $d);
    }
}

sub packages { my @files = glob "$dir/spool/*/queue/*.package"; return scalar @files }
is packages(), $COUNT - $UNSENT, 'the outbox is full of them';
look_everywhere();

# A child dies as it would of a bug, with all the room for a core that there is.
system "prlimit --core=unlimited --pid $_ 2>/dev/null" for $server->{pid}, $server->children;
$server->expect(qr/exit signal Segmentation fault/, qr/AH0005[12]/);
kill 'SEGV', $server->children;
sleep 0.5;
look('what a crash leaves', grep { -f } glob "$dir/core* $dir/*/core* /tmp/core* /var/crash/*");
$looked{'what a crash leaves'} //= 0;

$server->stop;
rename "$dir/verlegt", "$dir/eingang";
unlink glob "$dir/spool/*/queue/*.job";    # as if nobody had tried them yet
$server->start;
is scalar(my @inbox = $server->await_inbox($COUNT - $UNSENT, 300)), $COUNT - $UNSENT, 'they are delivered';
for (1 .. 1200) { last if packages() == 0; sleep 0.05 }
look_everywhere();
is scalar @hits, 0, 'nowhere a canary' or diag join "\n", @hits[0 .. ($#hits > 9 ? 9 : $#hits)];
cmp_ok $looked{$_}, '>', 0, sprintf '%s: %d kB looked through', $_, $looked{$_} / 1000 for 'logs', 'Redis on disk', 'outbox', 'command lines and environments';
my %there;
for (@inbox) { $there{$_}++ for Eb::Server::slurp($_) =~ /($CANARY[a-z]{4})/g }
is scalar(keys %there), $COUNT - $UNSENT, 'in the inbox there are all of them';
note "figure canary_applications $COUNT applications";
note "figure canary_hits @{[ scalar @hits ]} hits";
look('planted', do { open my $fh, '>', "$dir/log/planted"; print $fh 'x' x 5000, lc name(1); close $fh; "$dir/log/planted" });
is pop(@hits) // '', "planted: $dir/log/planted", 'and one that is planted is found';
unlink "$dir/log/planted";
$server->log_is_clean;
done_testing;
