# The whole way with XTA: httpd, and a gateway that misbehaves at every step. Whatever it does: in the end each application is at the
# authority exactly once, whole and encrypted, or it is held and says why. The short form takes two dozen submissions, the long
# one (EB_SOAK=SECONDS) 500 with misbehaviour and 500 among kills, or as many as there is time for.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Files;
use Eb::Xta;
use List::Util qw(shuffle);
use Test::More;
use Time::HiRes qw(sleep time);
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

plan skip_all => 'not under sanitizers: a matter of processes that are killed' if $ENV{EB_SANITIZE};

my $soak  = $ENV{EB_SOAK};
my $start = time;
sub time_left { my ($share) = @_; return !$soak || time - $start < $share * $soak }
my $way  = Eb::Xta->new;
my ($xta, $server) = @$way{qw(xta server)};
$server->expect(qr/EB0[4-9]\d\d/, qr/exit signal Killed/, qr/AH00052/, qr/AH00095/, qr/AH00098/);
diag 'nothing is validated: ' . $xta->schema_missing if $xta->schema_missing;
srand 20261126;

sub all_done { my ($name) = @_; local $Test::Builder::Level = $Test::Builder::Level + 1; ok $way->finish($soak ? 3600 : 600), $name or diag explain [$way->jobs] }

subtest 'nothing goes wrong' => sub {
    my @numbers = $way->apply(8);
    is scalar @numbers, 8, 'a receipt each';
    all_done('delivered, with a green report');
    my @seen = $xta->received;
    is scalar(grep { $_->{encrypted} } @seen), 8, 'encrypted for the reader';
    is scalar(@{ $seen[0]{attachments} }), 1, 'with the document that the applicant sent';
    is_deeply [map { @{ $_->{remarks} } } @seen], [], 'and nothing odd about it';
    is $seen[0]{about}{process}, $seen[0]{number}, 'the process is the Vorgangsnummer';
    is_deeply [map { $_->{agent} } grep { $_->{agent} !~ /einbuergerung/ } $xta->seen], [], 'every request names its User-Agent';
    is scalar(() = $xta->seen('create')), 8, 'an id each';
    my %ids = map { ($_->{message_id} => 1) } $xta->seen;
    is scalar(keys %ids), scalar(() = $xta->seen), 'each request has a MessageID of its own';
    $way->settle('xta_plain');
    $way->figures('xta_plain');
};

# What passes by itself, or after somebody says so. The short form deals it out to the steps, the long one has all of it at each: every
# answer at every step is looked at by the transport's own test, here it is the way from receipt to authority.
my @kinds = qw(401 429:1 503 503-after cut cut-after cut-midway html broken endless redirect receiver 9014 9030 9060 9030-after 9050-after wrong-relates soap11 mime-cut);
push @kinds, qw(403 404 408 413 500 502 504 empty deep huge slow:1 sender 9000 9010 9012 9020 9031 9032 9050 9080 dtd no-body text-xml not-utf8 mime-no-root mime-boundary mime-header mime-encoding) if $soak;
my @steps = qw(create send report);
subtest 'misbehaviour at every step' => sub {
    for my $round (1 .. ($soak ? 500 / $Eb::Load::COUNT : 1)) {
        last unless $round == 1 || time_left(0.4);
        my @all = shuffle @kinds;
        for my $n (0 .. $#steps) { $xta->script($steps[$n] => $soak ? shuffle @all : @all[grep { $_ % @steps == $n } 0 .. $#all]) }
        my $count   = $soak ? $Eb::Load::COUNT : 8;
        my @numbers = $way->apply($count);
        is scalar @numbers, $count, 'a receipt each';
        all_done('delivered in the end');
        note 'figure xta_misbehaviours ' . (grep { $_->{kind} ne 'ok' } $xta->seen) . ' answers';
        is scalar(grep { $_->{redirected} } $xta->seen), 0, 'no redirect was followed';
        $xta->script($_) for @steps;
        $way->settle('xta');
    }
    $way->figures('xta');
    note "$_: ", join ' | ', sort keys %{ $way->{problems}{$_} } for sort keys %{ $way->{problems} };
    is scalar(grep { !/^EB0[67]\d\d$/ } keys %{ $way->{problems} }), 0, 'each with a problem of the delivery';
};

subtest 'killed at every step' => sub {
    my @moments = ([create => 'stall'], [create => 'stall-after'], [send => 'stall'], [send => 'stall-after'], [report => 'stall']);
    my $many    = $soak ? 10 : 1;
    for my $round (1 .. ($soak ? 500 / $many / @moments : 1)) {
        last unless $round == 1 || time_left(0.85);
        for my $moment (@moments) {
            my ($step, $kind) = @$moment;
            $xta->script($step => $kind);
            my $before = () = grep { $_->{kind} eq $kind } $xta->seen($step);
            is scalar(() = $way->apply($many)), $many, 'a receipt each';
            my $met;
            for (1 .. 1200) { last if $met = (() = grep { $_->{kind} eq $kind } $xta->seen($step)) > $before; sleep 0.05 }
            ok $met, "$step: $kind";
            $server->kill_all;
            $server->start;
        }
        all_done('delivered in the end');
        $way->settle('xta_kill');
    }
    $way->figures('xta_kill');
};

# One job, and each fault that a person must see to, one after another.
subtest 'held, and why' => sub {
    $xta->script(send => '9022 x*');
    my ($number) = $way->apply(1);
    for my $code (9010, 9013, 9023, 9051, 9060, 9080, 9000) {
        $xta->script(send => "$code x*");
        my $before = () = grep { ($_->{fault} // '') eq $code } $xta->seen('send');
        $way->retry($number);
        for (1 .. 1200) { last if (() = grep { ($_->{fault} // '') eq $code } $xta->seen('send')) > $before; sleep 0.05 }
        my $job = $way->await_job($number, sub { $_[0]{state} eq 'held' && ($_[0]{problem} // '') =~ /$code/ });
        is $job->{state}, 'held', "$code: held";
        like "$job->{problem_id} $job->{problem}", qr/^EB0[67]\d\d .*\b$code\b/, 'with the fault';
        like $job->{remedy}, qr/\S/, 'and a remedy';
    }
    $xta->script('send');
    $xta->set(report => 'red');
    $way->retry($number);
    my $job = $way->await_job($number, sub { $_[0]{state} eq 'held' && ($_[0]{problem} // '') =~ /red/ });
    like $job->{problem}, qr/nicht erreichbar/, 'a red report: held, with what it says';
    $xta->set(report => undef);
    $way->retry($number);
    all_done('and delivered, once it is green');
    $way->settle('xta_held');
};

subtest 'open for a while' => sub {
    $xta->set(polls => 3);
    my ($number) = $way->apply(1);
    $xta->await_seen('report', 2, 60);
    isnt $way->job($number)->{state}, $_, "not $_ yet" for qw(confirmed purged held);
    all_done('delivered when it is green');
    cmp_ok scalar(() = $xta->seen('report')), '>=', 4, 'it was asked for again';
    $xta->set(polls => undef);
    $way->settle('xta_open');
};

# Three documents that together, sealed and in base64, are nearly the forty megabytes that one message may have.
subtest 'as large as a message may be' => sub {
    my ($person) = ($way->{load}->browsers)[0];
    my $path = '/antrag/nachweise-person';
    my $post = sub {
        my $ticket = Eb::Load::ticket($person->open($path));
        my @later  = map { ($_ => 'ja') } grep { /\.spaeter$/ } @{ $person->form->{order} };
        return $person->post_multipart($path, [_ticket => $ticket, @later, @_])->{status};
    };
    is $post->('nachweise.geburtsurkunde' => Eb::Files::make("gross-$_.pdf", 9_000_000), _hochladen => 1), 303, 'nine megabytes' for 1 .. 3;
    is $post->(_weiter => 1), 303, 'are enough';
    my $number = Eb::Load::apply($person, 120)->{number};
    ok $number, 'a receipt' or return;
    push @{ $way->{load}{receipts} }, $number;
    all_done('delivered');
    my ($seen) = grep { $_->{number} eq $number } $xta->received;
    cmp_ok $seen->{about}{size}, '>', 27_000_000, "$seen->{about}{size} bytes";
    my ($most) = sort { $::b <=> $::a } map { Eb::Server::slurp("/proc/$_/status") =~ /VmHWM:\s+(\d+)/ ? $1 : 0 } $server->children;
    note "figure xta_child_peak $most kB";
    cmp_ok $most, '<', 100_000, "no child of httpd has needed more than $most kB";
    $way->settle('xta_large');
    $way->figures('xta_large');
};

is_deeply [$xta->faults], [], 'the gateway itself had no fault';
$server->log_is_clean;
done_testing;
