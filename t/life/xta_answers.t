# The way back: what an authority writes to the portal's mailbox is fetched, kept once whoever dies when, shown to the applicant whom it
# concerns and to nobody else, and put before the operator where a person must read it.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Xta;
use JSON::PP ();
use Test::More;
use Time::HiRes qw(sleep);
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

plan skip_all => 'not under sanitizers: a matter of processes that are killed' if $ENV{EB_SANITIZE};

my $way = Eb::Xta->new(options => { 'msgbox-fetch' => 1 });
my ($xta, $server) = @$way{qw(xta server)};
$server->expect(qr/EB0679/, qr/EB06[89]\d/, qr/EB07\d\d/, qr/exit signal Killed/, qr/AH00052/, qr/AH00095/, qr/AH00098/);
my @people = $way->{load}->browsers;

# ---- what is written

my $head = '<nachrichtenkopf.g2g><identifikation.nachricht><nachrichtenUUID>6fa459ea-ee8a-4ca4-894e-db77e160355e</nachrichtenUUID><nachrichtentyp listURI="urn:x" listVersionID="1"><code>0110</code></nachrichtentyp>'
    . '<erstellungszeitpunkt>2026-11-25T12:00:00.123+01:00</erstellungszeitpunkt></identifikation.nachricht>' . join('', map { "<$_><verzeichnisdienst listVersionID=\"1\"><code>DVDV</code></verzeichnisdienst><kennung>ebb:05711000</kennung><name>Stadt</name></$_>" } qw(leser autor)) . '</nachrichtenkopf.g2g>';

sub answer {
    my ($name, $seen, $more) = @_;
    return qq(<?xml version="1.0"?>\n<a:antrag.$name xmlns:a="urn:mod-einbuergerung:antwort:1" produkt="P" produkthersteller="P" standard="mod_einbuergerung-Antwort" version="1.0">$head<bezug><referenzUUID>$seen->{uuid}</referenzUUID><vorgangsnummer>$seen->{number}</vorgangsnummer></bezug>)
        . ($more // '') . "</a:antrag.$name>";
}

sub receipt { my ($seen) = @_; return answer('quittung.0110', $seen) }
sub letter  { my ($seen) = @_; return answer('mitteilung.0130', $seen, '<text>Bitte kommen Sie mit Ihrem Pass.</text>') }

# ---- who asks

# Sends an application; { number code seen }, seen as the authority has it.
sub applied {
    my ($node) = @_;
    my $b = shift @people or die 'nobody is left';
    my $number = Eb::Load::apply($b, 120)->{number} or die 'no receipt';
    my ($code) = $b->open('/antrag/quittung')->{text} =~ m{name='code' value='([^']+)'};
    my $seen;
    for (1 .. 1200) { last if ($seen) = grep { $_->{number} eq $number } $xta->received; sleep 0.1 }
    return { number => $number, code => $code, seen => $seen };
}

sub page {
    my ($case) = @_;
    return Eb::Browser->new($server)->post('/antrag/status', [nummer => $case->{number}, code => $case->{code}, _weiter => 1])->{text};
}

sub until_true { my ($try) = @_; for (1 .. 1200) { my $got = $try->(); return $got if $got; sleep 0.1 } return }
sub boxed      { my ($id) = @_; return until_true(sub { grep { $_->{id} eq $id && $_->{fetched} } $xta->box }) }
sub replies    { return grep { $_->{authority} eq '05711000-replies' } $way->jobs }
sub held       { my ($id) = @_; return until_true(sub { (grep { $_->{state} eq 'held' && ($_->{problem_id} // '') eq $id } replies())[0] }) }
sub settled    { return until_true(sub { !grep { $_->{state} ne 'held' } replies() }) }
sub confirm    { my ($job) = @_; $way->surely('confirm', $job->{uuid}, '--yes'); return until_true(sub { !grep { $_->{uuid} eq $job->{uuid} } replies() }) }

like $people[0]->open('/antrag/nachweise-person')->{text}, qr/von 30 Dateien, [\d,]+ .B von 27,7 MB/, 'what one message can carry is said before anything is uploaded';
my ($mine, $yours) = map { applied() } 1 .. 2;

subtest 'sent once more' => sub {
    $xta->script(send => '9022');
    my $number = Eb::Load::apply(shift @people, 120)->{number};
    my $job    = $way->await_job($number, sub { $_[0]{state} eq 'held' });
    mkdir "$way->{dir}/before";
    is +($way->ctl('jobs', 'export', $job->{uuid}, "$way->{dir}/before", '--yes'))[0], 0, 'what was refused';
    my ($uuid) = Eb::Server::slurp("$way->{dir}/before/${number}_$job->{uuid}.xml") =~ m{<nachrichtenUUID>([^<]+)<};
    $way->retry($number);
    my $seen = until_true(sub { (grep { $_->{number} eq $number } $xta->received)[0] });
    is $seen->{uuid}, $uuid, 'keeps its nachrichtenUUID';
    my %all = map { ($_->{uuid} => 1) } $xta->received;
    is scalar(keys %all), 3, 'and every other message has one of its own';
};

subtest 'einbuergerungctl xta check' => sub {
    my $check = sub { my ($code, $out) = $way->ctl_at(['--httpd', Eb::Server::apache(), '-f', "$server->{dir}/httpd.conf"], qw(xta check 05711000 --json)); return ($code, JSON::PP->new->utf8->decode($out)) };
    my $before = () = $xta->received;
    my ($code, $answer) = $check->();
    is $code, 0, 'all is well';
    is_deeply [map { $_->{step} } @{ $answer->{findings} }], [qw(certificate certificate account service)], 'step by step';
    my %wrong = (account => ['9011', 'EB0677'], lookup => ['9013', 'EB0678']);
    for my $step (sort keys %wrong) {
        $xta->script($step => $wrong{$step}[0]);
        ($code, $answer) = $check->();
        is $code, 1, "$step: wrong";
        is $answer->{problem}{id}, $wrong{$step}[1], $answer->{problem}{problem};
        like $answer->{problem}{problem}, qr/\b$wrong{$step}[0]\b.*"[^"]+"/, 'with the code and the words of the server';
        like $answer->{problem}{remedy}, qr/\w+ \w+/, 'and what to do';
    }
    is scalar(() = $xta->received), $before, 'and nothing is sent';
};

subtest 'a receipt' => sub {
    unlike page($mine), qr/bestätigt<|mitgeteilt/, 'nothing yet';
    ok boxed($xta->reply($mine->{seen}, 'receipt', xml => receipt($mine->{seen}))), 'leaves the mailbox';
    ok settled(), 'and is filed';
    like page($mine), qr/Die Behörde hat den Eingang bestätigt.*\d\d\.\d\d\.\d{4}, \d\d:\d\d/s, 'the applicant is told, and when';
    unlike page($mine), qr/angenommen/, '… and not more than is true';
    unlike page($yours), qr/den Eingang bestätigt/, 'and nobody else';
    is scalar(() = replies()), 0, 'nobody needs to read it';
    my ($line) = grep { $_->{step} eq 'answered' } $way->journal($mine->{number});
    like $line->{detail}, qr/^reply=\S+ message=urn:/, 'the journal of the case has it';
};

subtest 'a letter' => sub {
    ok boxed($xta->reply($yours->{seen}, 'by-reply', xml => letter($yours->{seen}))), 'that names our message alone leaves the mailbox';
    my $job = held('EB0693') or return fail 'is held for a person';
    is $job->{number}, $yours->{number}, 'is held for a person, about its case';
    like page($yours), qr/Die Behörde hat etwas mitgeteilt/, 'the applicant is told that there is one';
    unlike page($yours), qr/Pass/, '… and not what it says';
    my ($row) = grep { $_->{authority} eq '05711000-replies' } @{ $way->ctl_json('status') };
    is $row->{held}, 1, 'the operator sees it';
    mkdir "$way->{dir}/hand";
    is +($way->ctl('jobs', 'export', $job->{uuid}, "$way->{dir}/hand", '--yes'))[0], 0, 'exports it';
    like Eb::Server::slurp("$way->{dir}/hand/$yours->{number}_$job->{uuid}.xml"), qr/mit Ihrem Pass/, '… whole';
    ok confirm($job), 'and confirms that it was read';
    like page($yours), qr/Die Behörde hat etwas mitgeteilt/, 'the applicant still sees it';
};

subtest 'what a person must look at' => sub {
    for ([unknown => 'EB0690'], [stranger => 'EB0690'], [invalid => 'EB0691'], [broken => 'EB0691'], [text => 'EB0691'], [entities => 'EB0691']) {
        my ($kind, $id) = @$_;
        ok boxed($xta->reply($mine->{seen}, $kind, xml => letter($mine->{seen}))), "$kind: is kept";
        my $job = held($id);
        ok $job && $job->{remedy}, "… as $id" or next;
        unlike page($mine), qr/etwas mitgeteilt/, '… and not told to anybody';
        confirm($job);
    }
};

subtest 'killed between keeping and closing' => sub {
    $xta->script(close => 'ok', 'stall');    # of the list, of the message
    my $before = () = grep { $_->{kind} eq 'stall' } $xta->seen('close');
    my $id = $xta->reply($mine->{seen}, 'receipt', xml => receipt($mine->{seen}));
    ok until_true(sub { (() = grep { $_->{kind} eq 'stall' } $xta->seen('close')) > $before }), 'kept, and not closed';
    $server->kill_all;
    $xta->script('close');
    $server->start;
    ok boxed($id), 'it is fetched again';
    ok settled(), 'filed';
    is scalar(() = page($mine) =~ /Eingang bestätigt/g), 2, 'and not doubled: the first receipt, and this one';
};
subtest 'left for another host' => sub {
    $way->reconfigure('msgbox-unknown' => 'leave');
    my $strange = $xta->reply($mine->{seen}, 'unknown', xml => letter($mine->{seen}));
    for (1 .. 2) { ok boxed($xta->reply($mine->{seen}, 'receipt', xml => receipt($mine->{seen}))), 'what is about an application of ours is taken' }
    ok settled(), 'and filed';
    is scalar(grep { $_->{id} eq $strange && $_->{fetched} } $xta->box), 0, 'what is not stays where it is';
    is scalar(() = replies()), 0, 'and troubles nobody';
    $way->reconfigure;
    ok boxed($strange), 'a host that keeps such things takes it';
    my $job = held('EB0690');
    ok $job, 'for its operator' and confirm($job);
};
$server->stop;
$server->log_is_clean;

subtest 'two nodes' => sub {
    my $shared = Eb::Xta->new(options => { 'msgbox-fetch' => 1 }, server => 'EinbuergerungOutbox redis lease=5');
    ($way, $xta, $server) = ($shared, @$shared{qw(xta server)});
    @people = $shared->{load}->browsers;
    my $other = Eb::Server->new(start => 0, server => 'EinbuergerungOutbox redis lease=5', redis_conf => qq(EinbuergerungRedis "unix:$server->{dir}/redis/redis.sock"), vhost => $server->{vhost});
    system 'cp', '-p', "$server->{dir}/keys", "$other->{dir}/keys";
    $_->expect(qr/EB06[89]\d/, qr/EB04\d\d/) for $server, $other;
    my @cases = map { applied() } 1 .. 3;
    $other->start;
    my @ids = map { my $c = $_; map { $xta->reply($c->{seen}, 'receipt', xml => receipt($c->{seen})) } 1 .. 4 } @cases;
    ok boxed($_), 'leaves the mailbox' for @ids;
    ok settled(), 'filed';
    is scalar(() = page($_) =~ /Eingang bestätigt/g), 4, 'each answer once' for @cases;
    is scalar(@{ $server->redis('KEYS', 'eb:{o:05711000-replies}:done:*') }), 12, 'and no other';
    note 'fetched ' . (() = $xta->seen('fetch')) . ' times';
    for ($other, $server) { $_->stop; $_->log_is_clean }
};

is_deeply [$xta->faults], [], 'the gateway itself had no fault';
done_testing;
