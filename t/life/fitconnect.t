# The whole way with FIT-Connect: httpd, and a Zustelldienst that misbehaves at every step. Whatever it does: in the end each
# application is at the authority exactly once, byte for byte what was sent first, or it is held and says why; and nothing is believed
# that is not signed, about this case, and about these bytes. The short form takes some dozens of submissions; EB_SOAK=SECONDS: some hundreds,
# and 1,000 more with httpd killed among them.
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

my $soak  = $ENV{EB_SOAK};
my $start = time;
my $way   = Eb::FitConnect->new;
my ($zd, $server) = @$way{qw(zd server)};
my $count = $soak ? $Eb::Load::COUNT : 8;
$server->expect(qr/EB0[4-9]\d\d/, qr/exit signal Killed/, qr/AH00052/, qr/AH00095/, qr/AH00098/);
srand 20261126;

# Whether there is time for another round, when so much of it may be used.
sub time_left { my ($share) = @_; return time - $start < $share * $soak }
sub all_done { my ($name) = @_; local $Test::Builder::Level = $Test::Builder::Level + 1; ok $way->finish(300), $name or diag explain [$way->jobs] }
sub held { my ($number) = @_; return $way->await_job($number, sub { $_[0]{state} eq 'held' && $_[0]{problem_id} }) }

# Whether the operator's page says so; it may be some seconds old.
sub shown { my ($text) = @_; for (1 .. 600) { return 1 if index($way->status_page('html'), $text) >= 0; sleep 0.1 } return 0 }

# What the applicant of the last receipt is told.
sub standing {
    my ($b) = ($way->{load}->browsers)[$way->{used} - 1];
    $b->get('/antrag/quittung');
    return $b->submit({})->{text};
}

# Of a case's last application, since numbers come back.
sub steps {
    my ($number, $kind) = @_;
    my @steps;
    for ($way->journal($number)) { if ($_->{step} eq 'accepted') { @steps = () } elsif ($_->{step} =~ /^$kind:/) { push @steps, $_->{step} } }
    return sort @steps;
}


subtest 'nothing goes wrong' => sub {
    my @numbers = $way->apply(4);
    is scalar @numbers, 4, 'a receipt each';
    all_done('delivered and confirmed');
    my ($seen) = $zd->received;
    is scalar @{ $seen->{attachments} // [] }, 1, 'with its document';
    is $seen->{attachments}[0]{purpose}, 'attachment', 'which the applicant sent';
    is $seen->{reference}, $seen->{number}, 'the reference is the Vorgangsnummer';
    my @agents = grep { $_->{agent} !~ /einbuergerung/ } $zd->seen;
    is scalar @agents, 0, 'every request names its User-Agent';
    is scalar(grep { $_->{authorization} && $_->{authorization} ne 'Bearer' } $zd->seen), 0, 'and nothing but a bearer token';
    is scalar(() = $zd->seen('token')), 1, 'one token for all';
    for my $number (@numbers) {
        is_deeply [steps($number, 'set')], [map { "set:$_-submission" } qw(accept create notify submit)], 'each event is in the journal, once';
        is_deeply [steps($number, 'key')], [sort map { "key:$zd->{kid}{$_}" } qw(service signing)], 'with the keys that prove it';
    }
    my ($line) = grep { $_->{step} eq 'announced' } $way->journal($seen->{number});
    like $line->{detail}, qr/^submission=$seen->{submission} case=$seen->{case} key=$zd->{kid}{encryption}, until 20(?:44-12-31|45-01-01)$/, 'and the key it was encrypted for';
    ($line) = grep { $_->{step} eq 'set:accept-submission' } $way->journal($seen->{number});
    is scalar(grep { $_ eq $line->{detail} } $zd->events($seen->{submission})), 1, 'the token itself';
    $way->settle('fitconnect_plain');
    $way->figures('fitconnect_plain');
};

# What passes by itself, and what passes after somebody has said so, at every step of the way. After the former the receiver is left
# alone for some seconds; so the short form meets one of them at each step, tomorrow another. What is said of the client: below.
my @passing  = qw(408 429:1 500 502 503 504 503-after cut cut-after cut-midway html empty broken deep huge endless redirect duplicate slow:1);
my @refusing = qw(401 403 404 409 413 422);
my @steps    = qw(token destination key announce attachment submit events jwks signing-key);
my $day      = $ENV{EB_DAY} // int(time / 86_400);

# step => what it meets
sub misbehaviour {
    my %meets = map { my $i = $_; ($steps[$i] => [$soak ? (shuffle @passing)[0 .. 3] : $passing[($i * 2 + $day) % @passing]]) } 0 .. $#steps;
    for my $i (0 .. $#refusing) { push @{ $meets{ $steps[1 + ($i + $day) % (@steps - 1)] } }, $refusing[$i] }
    $day++;
    return %meets;
}

subtest 'every misbehaviour at every step' => sub {
    note "EB_DAY=$day";
    do {
        my %meets = misbehaviour();
        $zd->script($_ => @{ $meets{$_} }) for @steps;
        $zd->revoke;
        is scalar(() = $way->apply($count)), $count, 'a receipt each';
        all_done('delivered in the end');
        # Once a token is had, nobody asks for one: what else was to be met there is not.
        is_deeply [grep { !($soak && $_ eq 'token') && -s "$zd->{dir}/script/$_" } @steps], [], 'all of it was met';
        note 'figure fitconnect_misbehaviours ' . (grep { $_->{kind} ne 'ok' } $zd->seen) . ' answers';
        is scalar(grep { $_->{redirected} } $zd->seen), 0, 'no redirect was followed';
        $way->settle('fitconnect');
    } while ($soak && $way->{sum}{fitconnect}{submissions} < 300 && time_left(0.25));
    $way->figures('fitconnect');
    note "$_: ", join ' | ', sort keys %{ $way->{problems}{$_} } for sort keys %{ $way->{problems} };
    is scalar(grep { !/^EB0[67]\d\d$/ } keys %{ $way->{problems} }), 0, 'each with a problem of the delivery';
};

# To one that is made anew no id of the lost one may belong: not even a connection that dies makes libcurl say it again.
subtest 'an announcement whose answer is lost' => sub {
    $zd->set(strict_ids => 1);
    $zd->script(announce => 'cut-after');
    $way->apply(1);
    all_done('delivered in the end');
    is scalar(() = $zd->seen('announce')), 2, 'announced once more';
    $zd->set(strict_ids => undef);
    $way->settle('fitconnect_lost');
    $way->figures('fitconnect_lost');
};

# Killed while it waits for an answer, which has had its effect or not. The short form leaves out the questions that change nothing.
my @moments = map({ my $s = $_; map { [$s => $_] } $s =~ /^(?:announce|attachment|submit)$/ ? qw(stall stall-after) : 'stall' } $soak ? @steps : qw(announce attachment submit events));
subtest 'killed at every step' => sub {
    my $many = $soak ? int(1000 / @moments + 1) : 1;
    for my $moment (@moments) {
        my ($step, $kind) = @$moment;
        last if $soak && !time_left(0.9);
        $zd->revoke;
        $zd->script($step => $kind);
        $way->apply($many);
        my $met = grep { $_->{kind} eq $kind } $zd->seen($step);
        for (1 .. 2400) { last if $met; sleep 0.05; $met = grep { $_->{kind} eq $kind } $zd->seen($step) }
        ok $met, "$step: $kind";
        $server->kill_all;
        $server->start;
        next unless $soak;
        all_done('delivered in the end');
        $way->settle('fitconnect_kill');
    }
    all_done('delivered in the end');
    $way->settle('fitconnect_kill');
    $way->figures('fitconnect_kill');
};

# One job, and each reason to hold it, one after another.
subtest 'held, and why' => sub {
    my @services = @{ $zd->{services} };
    my @key_faults = do { no warnings 'once'; @Eb::Zustelldienst::Api::key_faults };
    @key_faults = (shuffle @key_faults)[0 .. 3] unless $soak;    # all of them: t/unit/delivery_jwk.c
    my %why = (
        'not active'      => { destination => { status => 'inactive' } },
        'other metadata'  => { destination => { metadataVersions => ['3.0.0'] } },
        'another service' => { destination => { publicServices => [{ %{ $services[0] }, identifier => 'urn:de:fim:leika:leistung:99010003001006' }] } },
        'another region'  => { destination => { publicServices => [map { { %$_, regions => ['DE01'] } } @services] } },
        'another schema'  => { destination => { publicServices => [map { { %$_, submissionSchemas => [{ schemaUri => 'urn:anderes', mimeType => 'application/xml' }] } } @services] } },
        map { ("key: $_" => { key => $_ }) } @key_faults);
    $zd->set(destination => { status => 'inactive' });
    my ($number) = $way->apply(1);
    held($number);
    for my $name (sort keys %why) {
        $zd->set(destination => undef, key => undef, %{ $why{$name} });
        my ($code, $answer) = $way->probe;
        is $code, $name eq 'another schema' ? 0 : 1, "$name: output check says so";    # without schema=, the message itself names it
        $way->surely('retry', $number);
        my $job = held($number);
        like "$job->{problem_id} $job->{remedy}", qr/^EB06[35]\d \S/, "held: $job->{problem_id} $job->{problem}";
        is $answer->{problem}{id}, $job->{problem_id}, 'for the same reason' if $code;
    }
    my ($output) = @{ $way->status->{outputs} };
    like(JSON::PP->new->encode($output), qr/EB06[35]\d/, 'the status page has it');
    is scalar(() = $zd->seen('announce')), 0, 'nothing was announced meanwhile';
    $zd->set(destination => undef, key => undef);
    $way->surely('retry', $number);
    all_done('and delivered, once that is mended');
    $way->settle('fitconnect_held');
};

subtest 'einbuergerungctl output check' => sub {
    my ($code, $answer) = $way->probe;
    is $code, 0, 'all is well';
    is_deeply [map { $_->{step} } @{ $answer->{findings} }], [qw(token destination schema key)], 'step by step';
    my %wrong = (
        'secret'      => [sub { $zd->script(token => '401') }, 'EB0632', []],
        'token url'   => [sub { $zd->script(token => '404') }, 'EB0636', []],
        'rights'      => [sub { $zd->script(destination => '403') }, 'EB0633', ['token']],
        'destination' => [sub { $zd->script(destination => '404') }, 'EB0636', ['token']],
        'key'         => [sub { $zd->script(key => '404') }, 'EB0636', [qw(token destination schema)]],
        'a page'      => [sub { $zd->script(key => 'html') }, 'EB0635', [qw(token destination schema)]],
        'down'        => [sub { $zd->script(destination => '503') }, 'EB0634', ['token']],
        'certificate' => [sub { $zd->set(tls => 'expired') }, qr/^EB062\d$/, []],
    );
    for my $name (sort keys %wrong) {
        my ($spoil, $id, $found) = @{ $wrong{$name} };
        $spoil->();
        my ($status, $wrong) = $way->probe;
        is $status, 1, "$name: wrong";
        like $wrong->{problem}{id}, ref $id ? $id : qr/^$id$/, $wrong->{problem}{problem};
        is_deeply [map { $_->{step} } @{ $wrong->{findings} }], $found, 'and what was found before';
        $zd->set(tls => undef);
        $zd->script($_) for @steps;
    }
    is scalar(() = $zd->seen('announce')), 0, 'nothing was announced';
    $zd->set(key => 'soon');
    my ($status, $soon) = $way->probe;
    is $status, 1, 'a key that ends soon: a warning';
    is $soon->{problem}{id}, 'EB0656', $soon->{problem}{problem};
    is_deeply [map { $_->{step} } @{ $soon->{findings} }], [qw(token destination schema key)], 'behind all that is well';
    like $soon->{findings}[3]{finding}, qr/^$zd->{kid}{encryption}, until 20\d\d-\d\d-\d\d$/, 'with its day';
    $zd->set(key => undef);
    $zd->forget;
};

# What a test installation writes goes the whole way, and nothing else does.
subtest 'einbuergerungctl fitconnect check --send-test' => sub {
    my ($s) = $zd->submissions;
    my ($message) = $zd->open($zd->part($s->{submissionId}, 'data'));
    my $file = "$zd->{dir}/versuch.xml";
    my $send = sub { Eb::Zustelldienst::State::save($file, $_[0]); return $way->probe('--send-test', $file) };
    $message =~ s{(<nachrichtenUUID>)[^<]+}{$1 . Eb::Zustelldienst::Sets::uuid()}e;
    $message =~ s{(<[\w:]+)\K\s+test="[^"]*"}{};
    my $marked = $message =~ s{(<[\w:]*antrag\.einbuergerung\.0100)\b}{$1 test="Versuch"}r;
    my $bare   = $marked  =~ s{<anlage>.*?</anlage>}{}gsr;
    for (['not a test', $message], ['with a document', $marked], ['no number', $bare =~ s{(<vorgangsnummer>)[^<]+}{$1}r], ['no XML', 'Hallo']) {
        my ($code, $answer) = $send->($_->[1]);
        is $code, 1, "$_->[0]: refused";
        like $answer->{problem}{id}, $_->[0] eq 'no XML' ? qr/^EB0[1-9]/ : qr/^EB0722$/, $answer->{problem}{problem};
    }
    is scalar(() = $zd->seen('announce')), 0, 'nothing was announced';
    $zd->script(submit => '422');
    my ($code, $answer) = $send->($bare);
    is $code, 1, 'refused by the service';
    is $answer->{problem}{id}, 'EB0636', $answer->{problem}{problem};
    ($code, $answer) = $send->($bare);
    is $code, 0, 'taken';
    is_deeply [map { $_->{step} } @{ $answer->{findings} }], [qw(token destination schema key announced submitted confirmed)], 'step by step';
    my ($seen) = $zd->received;
    is $seen->{fault}, 'whole', 'and it arrived';
    is scalar(() = $way->jobs), 0, 'without a job';
    $zd->forget;
};

# A client that is refused does not knock for each waiting application; a graceful restart, after its secret was mended, tries it anew.
subtest 'the client is refused' => sub {
    $zd->revoke;
    $zd->script(token => '401 x*');
    my @numbers = $way->apply(4);
    is held($_)->{problem_id}, 'EB0632', 'held' for @numbers;
    $way->surely('retry', $_) for @numbers;
    is held($_)->{problem_id}, 'EB0632', 'and still' for @numbers;
    cmp_ok scalar(() = $zd->seen('token')), '<=', 2, 'and was asked once by a process';
    $zd->script('token');
    $server->graceful;
    all_done('delivered, once that is mended');
    $way->settle('fitconnect_client');
};

my @tag_faults = grep { /metadata|data|attachment|tags/ } @Eb::Zustelldienst::Sets::faults;
subtest 'tokens that are not to be believed' => sub {
    my %alarm = map { ($_ => 1) } @tag_faults;
    my @bad = ((grep { $_ ne 'other-event' && !$alarm{$_} } @Eb::Zustelldienst::Sets::faults), map { "mutate:$_" } 1 .. ($soak ? 1000 : 48));    # 1,000 always: t/unit/delivery_set.c
    $zd->set(verdict => ['accept'], sets => { accept => \@bad });
    my ($number) = $way->apply(1);
    my $job = $way->await_job($number, sub { $_[0]{state} eq 'submitted' && $_[0]{problem_id} });
    is $job->{state}, 'submitted', 'not confirmed';
    like $job->{problem_id}, qr/^EB065[1-4]$/, "but: $job->{problem}";
    my $looks = () = $zd->seen('events');
    $way->surely('retry', $number);
    $zd->await_seen('events', $looks + 2, 180);
    note 'figure fitconnect_tokens_believed ' . ($way->job($number)->{state} =~ /confirmed|purged/ ? 1 : 0) . ' of ' . @bad;
    is_deeply [steps($number, 'set')], [map { "set:$_-submission" } qw(create submit)], 'none of them is evidence';
    my ($s) = $zd->submission_of($number);
    $zd->say('accept', $s);
    all_done('confirmed by the one that is true');
    $zd->set(verdict => undef, sets => undef);
    $way->settle('fitconnect_tokens');
};

# Somebody has signed for other bytes. That somebody signs for the right ones as well changes nothing: a person has to look.
subtest 'tags that are not ours' => sub {
    $zd->set(verdict => []);
    my @numbers = $way->apply(scalar @tag_faults);
    for my $i (0 .. $#numbers) {
        $way->await_job($numbers[$i], sub { $_[0]{state} eq 'submitted' });
        my ($s) = $zd->submission_of($numbers[$i]);
        my @tokens = ($tag_faults[$i], 'ok');
        $zd->say('accept', $s, $i % 2 ? @tokens : reverse @tokens);
    }
    for my $i (0 .. $#numbers) {
        $way->ctl('jobs', 'retry', $numbers[$i]);
        is held($numbers[$i])->{problem_id}, 'EB0655', "$tag_faults[$i]: an alarm";
    }
    $way->surely('retry', $_) for @numbers;
    is held($_)->{problem_id}, 'EB0655', 'which it remains' for @numbers;
    my %jobs = map { ($_->{number} => 1) } $way->jobs;
    is scalar(grep { !$jobs{$_} } @numbers), 0, 'nothing is deleted';
    is_deeply [steps($numbers[0], 'set')], [map { "set:$_-submission" } qw(accept accept create submit)], 'what was signed is evidence, once';
    $way->surely('confirm', $_, '--yes') for @numbers;
    $zd->set(verdict => undef);
    all_done('a person ends it');
    $way->settle('fitconnect_tags');
};

subtest 'rejected, deleted' => sub {
    my $problems = [{ type => 'https://schema.fitko.de/fit-connect/events/problems/an-example', title => 'Anlage <b>fehlt</b>', detail => 'Seite 2 & 3', instance => 'metadata' }];
    for my $verdict ('reject', 'reject-by-service', 'delete') {
        $zd->set(verdict => [$verdict], problems => $problems);
        my ($number) = $way->apply(1);
        my $job = held($number);
        is $job->{problem_id}, $verdict =~ /reject/ ? 'EB0638' : 'EB0639', "$verdict: held";
        like $job->{problem}, qr/Anlage <b>fehlt<\/b>: Seite 2 & 3/, 'with what the authority says' if $verdict =~ /reject/;
        ok shown($verdict =~ /reject/ ? 'Anlage &lt;b&gt;fehlt&lt;/b&gt;: Seite 2 &amp; 3' : 'deleted submission'), 'as on the status page';
        like standing(), qr/der Empfang ist noch zu klären/, 'and the applicant is told that it is not settled';
        unlike standing(), qr/fehlt|Seite 2|EB06|rejected/, '… in no words of machines';
        my $first = () = $zd->seen('announce');
        $zd->set(verdict => undef);
        $way->surely('retry', $number);
        all_done('submitted once more, when somebody says so');
        is scalar(() = $zd->seen('announce')), $first + 1, 'as a new submission';
        is scalar(grep { $_->{number} eq $number } $zd->received), 2, 'of the same case';
        like standing(), qr/bei der Behörde angekommen.*Entschieden ist damit noch nichts/s, 'and the applicant is told that it has arrived';
        $way->settle("fitconnect_$verdict");
    }
};

subtest 'the generation of the API before' => sub {
    $way->reconfigure(api => 'v1');
    $way->apply(1);
    all_done('delivered and confirmed');
    is scalar(grep { $_->{path} =~ m{/v2/} } $zd->seen), 0, 'by its addresses alone';
    $way->settle('fitconnect_v1');
    $way->figures('fitconnect_v1');
};

subtest 'callbacks' => sub {
    $way->reconfigure(poll => 3600);
    $zd->set(polls => 1);
    my @numbers = $way->apply(2);
    my @s = map { my $n = $_; $way->await_job($n, sub { $_[0]{state} eq 'submitted' }); $zd->submission_of($n) } @numbers;
    $zd->await_seen('events', 4, 180);    # before, and after the submission
    $way->await_job($_, sub { $_[0]{due} gt $_[0]{changed} }) for @numbers;
    my $looks = () = $zd->seen('events');
    my %about = (submissions => \@s);
    is $way->callback(%about, forge => $_), 403, "forged: $_" for qw(hmac body timestamp);
    is $way->callback(%about, time => int(time - 301)), 403, 'too old';
    is $way->callback(%about, time => int(time + 90)), 403, 'of the future';
    is $way->callback(%about, headers => { "callback-$_" => '' }), 403, "without its $_" for qw(authentication timestamp);
    is $way->callback(%about, method => 'GET'), 405, 'GET';
    is $way->callback(%about, path => '/woanders/05711000'), 404, 'elsewhere';
    is $way->callback(body => '[1,2'), 400, 'authenticated, but no JSON';
    is $way->callback(%about, body => '{"type":"https://anderes.example/"}'), 204, 'of a kind that nobody knows';
    is scalar(() = $zd->seen('events')), $looks, 'none of them has had the events fetched';
    my $time = int time;
    is $way->callback(%about, time => $time, submissions => [$s[0]]), 204, 'a right one';
    my $job = $way->await_job($numbers[0], sub { $_[0]{state} =~ /confirmed|purged/ });
    like $job->{state}, qr/confirmed|purged/, 'has them fetched at once';
    is $way->job($numbers[1])->{state}, 'submitted', 'for whom it names';
    is $way->callback(%about, time => $time, submissions => [$s[0]]), 204, 'replayed';
    is scalar(() = $zd->seen('events')), $looks + 1, 'it does no harm';
    is $way->callback(%about), 204, 'and the other';
    all_done('confirmed as well');
    $zd->set(polls => undef);
    $way->settle('fitconnect_callbacks');
};

my @written = map { Eb::Server::slurp($_) } glob "$way->{dir}/log/* $way->{dir}/spool/*/journal.log $way->{dir}/spool/*/*/*.job";
cmp_ok scalar @written, '>', 3, 'logs, journal and jobs';
is scalar(grep { /geheim|Bearer|access_token/ } @written), 0, 'neither secret nor token is in any of them';
is_deeply [$zd->faults], [], 'the partner itself had no fault';
$server->log_is_clean;
done_testing;
