# The whole way with FIT-Connect: httpd, and a Zustelldienst that misbehaves at every step. Whatever it does: in the end each
# application is at the authority exactly once, byte for byte what was sent first, or it is held and says why; and nothing is believed
# that is not signed, about this case, and about these bytes. The short form takes some dozens of submissions; EB_SOAK=SECONDS: 1,000.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::FitConnect;
use List::Util qw(shuffle);
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => 'takes minutes: EB_FITCONNECT=1, or EB_SOAK=SECONDS for the long form' unless $ENV{EB_FITCONNECT} || $ENV{EB_SOAK};
plan skip_all => 'not under sanitizers: a matter of processes that are killed' if $ENV{EB_SANITIZE};

my $soak = $ENV{EB_SOAK};
my $way  = Eb::FitConnect->new;
my ($zd, $server) = @$way{qw(zd server)};
my $id = $zd->destination_id;
$server->expect(qr/EB0[4-9]\d\d/, qr/exit signal Killed/, qr/AH00052/, qr/AH00095/, qr/AH00098/);
srand 20261126;

sub all_done { my ($name) = @_; local $Test::Builder::Level = $Test::Builder::Level + 1; ok $way->finish(240), $name or diag explain [$way->jobs] }

subtest 'nothing goes wrong' => sub {
    my @numbers = $way->apply(8);
    is scalar @numbers, 8, 'a receipt each';
    all_done('delivered and confirmed');
    my ($seen) = $zd->received;
    is scalar @{ $seen->{attachments} // [] }, 1, 'with its document';
    is $seen->{attachments}[0]{purpose}, 'attachment', 'which the applicant sent';
    is $seen->{reference}, $seen->{number}, 'the reference is the Vorgangsnummer';
    my @agents = grep { $_->{agent} !~ /einbuergerung/ } $zd->seen;
    is scalar @agents, 0, 'every request names its User-Agent';
    is scalar(grep { $_->{authorization} && $_->{authorization} ne 'Bearer' } $zd->seen), 0, 'and nothing but a bearer token';
    is scalar(() = $zd->seen('token')), 1, 'one token for all';
    $way->settle('fitconnect_plain');
    $way->figures('fitconnect_plain');
};

# What passes by itself, or after somebody says so, at every step of the way.
my @kinds = qw(401 403 404 408 409 413 422 429:1 500 502 503 504 503-after cut cut-after cut-midway html empty broken deep huge endless redirect duplicate slow:1);
my @steps = qw(token destination key announce attachment submit events jwks signing-key);
subtest 'every misbehaviour at every step' => sub {
    my $rounds = $soak ? 1000 / $Eb::Load::COUNT : 1;
    for (1 .. $rounds) {
        $zd->script($_ => shuffle @kinds) for @steps;
        my @numbers = $way->apply($Eb::Load::COUNT);
        is scalar @numbers, $Eb::Load::COUNT, 'a receipt each';
        $zd->revoke;
        all_done('delivered in the end');
        my @left = grep { -s "$zd->{dir}/script/$_" } @steps;
        note 'figure fitconnect_misbehaviours ' . (grep { $_->{kind} ne 'ok' } $zd->seen) . ' answers';
        is scalar(grep { $_->{redirected} } $zd->seen), 0, 'no redirect was followed';
        $zd->script($_) for @steps;
        $way->settle('fitconnect');
    }
    $way->figures('fitconnect');
    note "$_: ", join ' | ', sort keys %{ $way->{problems}{$_} } for sort keys %{ $way->{problems} };
    is scalar(grep { !/^EB0[67]\d\d$/ } keys %{ $way->{problems} }), 0, 'each with a problem of the delivery';
};

subtest 'killed at every step' => sub {
    my @moments = map({ my $s = $_; map { [$s => $_] } $s =~ /^(?:announce|attachment|submit)$/ ? qw(stall stall-after) : 'stall' } qw(token destination key announce attachment submit events));
    for my $moment (@moments) {
        my ($step, $kind) = @$moment;
        $zd->revoke;
        $zd->script($step => $kind);
        my $before = () = grep { $_->{kind} eq $kind } $zd->seen($step);
        my @numbers = $way->apply(1);
        my $met;
        for (1 .. 1200) { last if $met = (() = grep { $_->{kind} eq $kind } $zd->seen($step)) > $before; sleep 0.05 }
        ok $met, "$step: $kind";
        $server->kill_all;
        $server->start;
    }
    all_done('delivered in the end');
    $way->settle('fitconnect_kill');
    $way->figures('fitconnect_kill');
};

# One job, and each reason to hold it, one after another.
subtest 'held, and why' => sub {
    $zd->set(destination => { status => 'inactive' });
    my ($number) = $way->apply(1);
    my %why = (map({ ("destination " . join(' ', %$_) => { destination => $_ }) } { status => 'inactive' }, { metadataVersions => ['3.0.0'] }),
        'another service' => { destination => { publicServices => [{ %{ $zd->{services}[0] }, identifier => 'urn:de:fim:leika:leistung:99010003001006' }] } },
        'another region'  => { destination => { publicServices => [map { { %$_, regions => ['DE01'] } } @{ $zd->{services} }] } },
        'another schema'  => { destination => { publicServices => [map { { %$_, submissionSchemas => [{ schemaUri => 'urn:anderes', mimeType => 'application/xml' }] } } @{ $zd->{services} }] } },
        map { ("key $_" => { key => $_ }) } @Eb::Zustelldienst::Api::key_faults);
    for my $name (sort keys %why) {
        $zd->set(destination => undef, key => undef, %{ $why{$name} });
        my $before = () = $zd->seen('destination');
        $way->retry($number);
        $zd->await_seen('destination', $before + 1, 60);
        my $job = $way->await_job($number, sub { $_[0]{state} eq 'held' && $_[0]{problem_id} });
        is $job->{state}, 'held', "$name: held";
        like "$job->{problem_id} $job->{remedy}", qr/^EB0[67]\d\d \S/, "$job->{problem_id} $job->{problem}";
    }
    is scalar(() = $zd->seen('announce')), 0, 'nothing was announced meanwhile';
    $zd->set(destination => undef, key => undef);
    $way->retry($number);
    all_done('and delivered, once that is mended');
    $way->settle('fitconnect_held');
};

subtest 'tokens that are not to be believed' => sub {
    my @bad = ((grep { $_ ne 'other-event' } @Eb::Zustelldienst::Sets::faults), map { "mutate:$_" } 1 .. 1000);
    $zd->set(verdict => ['accept'], sets => { accept => \@bad });
    my ($number) = $way->apply(1);
    my $polls = 2;
    $zd->await_seen('events', $polls, 120);
    my $job = $way->job($number);
    isnt $job->{state}, $_, "not $_" for qw(confirmed purged);
    my ($s) = $zd->submission_of($number);
    note 'figure fitconnect_tokens_believed ' . ($job->{state} =~ /confirmed|purged/ ? 1 : 0) . ' of ' . @bad;
    $zd->say('accept', $s);
    all_done('confirmed by the one that is true');
    $zd->set(verdict => undef, sets => undef);
    $way->settle('fitconnect_tokens');
};

subtest 'rejected, deleted' => sub {
    for my $verdict (['reject'], ['reject-by-service'], ['delete']) {
        $zd->set(verdict => $verdict, problems => [{ type => 'https://schema.fitko.de/fit-connect/events/problems/an-example', title => 'Anlage <b>fehlt</b>', detail => 'Seite 2 & 3', instance => 'metadata' }]);
        my ($number) = $way->apply(1);
        my $job = $way->await_job($number, sub { $_[0]{state} eq 'held' });
        is $job->{state}, 'held', "@$verdict: held";
        like $job->{problem}, qr/fehlt/, 'with what the authority says' if "@$verdict" =~ /reject/;
        $zd->set(verdict => undef);
        $way->ctl('jobs', 'confirm', $number, '--yes');
    }
};

is_deeply [$zd->faults], [], 'the partner itself had no fault';
$server->log_is_clean;
done_testing;
