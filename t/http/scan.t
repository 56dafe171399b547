# The malware scanner at the door: what it finds never gets in, what it has not seen waits, and it sees exactly what the authority gets.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(sha256_hex);
use Eb::Browser;
use Eb::Clamd;
use Eb::Files;
use Eb::Journey;
use Eb::Server;
use File::Temp;
use Test::More;
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

my $dir = File::Temp->newdir('eb-clamd-XXXXXX', TMPDIR => 1);
chmod 0755, $dir;
my $clamd  = Eb::Clamd->new(dir => $dir);
my $socket = $clamd->socket;
my %vhost  = map { ($_ => Eb::Server->new(scan => "$_ unix:$socket")) } qw(required optional);
my $path   = '/antrag/nachweise-person';
my $field  = 'nachweise.geburtsurkunde';
my $eicar  = { %{ Eb::Files::make('virus.pdf') }, name => 'virus.pdf' };
$eicar->{data} =~ s/stream\n/stream\n$Eb::Clamd::eicar\n/;

sub begin {
    my ($server) = @_;
    my $b = Eb::Browser->new($server);
    my $first = Eb::Journey::first_page($server);
    $b->open($first);
    $b->submit({ Eb::Journey::page_values($server, $first, '01-ledige-person') });
    return $b;
}
sub upload { my ($b, @files) = @_; $b->open($path); return $b->submit({ $field => \@files }, '_hochladen') }
sub shown  { my ($b) = @_; return scalar(() = $b->open($path)->{text} =~ m{<bdi class='[^']*bold'>[^<]+</bdi>}g) }
sub waiting { my ($b) = @_; return scalar(() = $b->open($path)->{text} =~ /wird noch auf Schadsoftware geprüft/g) }
sub files  { my ($server) = @_; return scalar grep { /:f:/ } $server->redis_keys }

subtest 'while it is there' => sub {
    my $server = $vhost{required};
    my $b = begin($server);
    my $file = Eb::Files::make('gut.png', 400_000);
    is upload($b, $file)->{status}, 303, 'a clean file';
    my $text = $b->open($path)->{text};
    like $text, qr/B, geprüft</, 'is called checked';
    unlike $text, qr/wird noch/, '… by now';
    my ($scan) = grep { $_->{length} } $clamd->scans;
    is $scan->{sha256}, sha256_hex($file->{data}), 'the scanner saw every byte of it, and no other';
    my $res = upload($b, $eicar);
    is $res->{status}, 422, 'malware';
    like $res->{text}, qr/virus\.pdf.*Schadsoftware/s, 'is refused, and the applicant told';
    is shown($b), 1, 'it is not in the answers';
    is files($server), 1, 'nor in the store';
    like $server->log, qr/EB0717 .*Eicar-Test-Signature/, 'the operator reads which';
    for my $mode (['cut', 5000], ['limit', 100_000], ['early'], ['answer', "stream: OK, or so\0"]) {
        $clamd->mode(@$mode);
        my $before = waiting($b);
        my $res = upload($b, Eb::Files::make("$mode->[0].png", 300_000));
        ok $res->{status} == 422 || waiting($b) == $before + 1, "$mode->[0]: not taken for clean ($res->{status})";
    }
    $clamd->mode('marker');
    $server->redis('FLUSHALL');
};

# A whole application with one document, uploaded while the scanner is away.
sub journey {
    my ($server) = @_;
    my $fixture = Eb::Journey::fixture('01-ledige-person');
    for (keys %$fixture) { $fixture->{$_} = 'spaeter' if $fixture->{$_} =~ /^datei / && $_ ne 'nachweise/geburtsurkunde' }
    return Eb::Journey->new(Eb::Browser->new($server), $fixture)->fill;
}

subtest 'required, and away' => sub {
    my $server = $vhost{required};
    $clamd->stop;
    unlink $socket;
    my $journey = journey($server);
    my $b = $journey->{browser};
    like $b->open($path)->{text}, qr/wird noch/, 'the file is kept, and called unchecked';
    is $b->open('/antrag/pruefen')->{status}, 200, 'the review';
    my $res = $b->submit({ _bestaetigt => ['ja'] });
    is $res->{status}, 503, 'the submission waits';
    ok $res->{headers}{'retry-after'}, 'and says for how long';
    is scalar(() = $server->inbox), 0, 'nothing was sent';
    is $b->open($path)->{status}, 200, 'the draft is kept';

    $clamd->start;
    my $receipt = $journey->send;
    ok Eb::Journey::number($receipt), 'when the scanner is back, it is sent';
    my ($message) = $server->await_inbox(1);
    like Eb::Server::slurp($message), qr/unauffaellig/, 'as scanned';
    is files($server), 0, 'and the store has let go of its files';
};

subtest 'malware, found when the scanner is back' => sub {
    my $server = $vhost{required};
    $clamd->stop;
    unlink $socket;
    my $journey = journey($server);
    my $b = $journey->{browser};
    is upload($b, $eicar)->{status}, 303, 'taken in unchecked';
    is files($server), 2, 'two files';
    $clamd->start;
    my $res = $b->open('/antrag/pruefen');
    is $res->{status}, 422, 'the review shows the page of the file instead';
    like $res->{text}, qr/virus\.pdf.*Schadsoftware/s, 'with what was found';
    is $b->submit({})->{status}, 303, 'from which the applicant goes on';
    is files($server), 1, 'without it';
    ok Eb::Journey::number($journey->send), 'and sends the rest';
};

subtest 'optional, and away' => sub {
    my $server = $vhost{optional};
    $clamd->stop;
    unlink $socket;
    ok Eb::Journey::number(journey($server)->send), 'is sent all the same';
    my ($message) = $server->await_inbox(1);
    like Eb::Server::slurp($message), qr/ungeprueft/, 'and the message says that nobody has looked';
    $clamd->start;
    my $b = begin($server);
    is upload($b, $eicar)->{status}, 422, 'malware is refused here, too';
};

$_->expect(qr/EB04\d\d|EB0717/), $_->log_is_clean for values %vhost;
done_testing;
