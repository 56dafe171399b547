# Redis absent, the spool full or closed, the output folder not writable: a clear page or a held job with its remedy, the draft
# kept, an EB id in the log, and everything delivered once the cause is gone.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Browser;
use Eb::Files;
use Eb::Journey;
use Eb::Server;
use Test::More;
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

my $server = Eb::Server->new;
$server->expect(qr/EB04\d\d/, qr/EB06\d\d/, qr/EB05\d\d/, qr/EB07\d\d/);
my $first = Eb::Journey::first_page($server);
my %valid = Eb::Journey::page_values($server, $first, '01-ledige-person');

subtest 'Redis away' => sub {
    my $b = Eb::Browser->new($server);
    $b->open($first);
    $b->submit(\%valid);
    my $page = $b->open($first);
    $server->stop_redis('KILL');
    my $res = $b->get($first);
    is $res->{status}, 503, 'GET: 503';
    ok $res->{headers}{'retry-after'}, 'with Retry-After';
    like $res->{text}, qr/<h1/, 'and a page';
    $b->{last} = $page;
    is $b->submit(\%valid)->{status}, 503, 'POST: 503';
    is(Eb::Browser->new($server)->get('/antrag/')->{status}, 200, 'the start page needs no Redis');
    like $server->log, qr/EB04\d\d/, 'an EB id in the log';
    $server->start_redis;
    is $b->get($first)->{status}, 200, 'back again: the draft is there';
    $b->{last} = $page;
    is $b->submit(\%valid)->{status}, 303, 'and takes answers';
};

sub ready { my $j = Eb::Journey->new(Eb::Browser->new($server), '01-ledige-person'); $j->fill; return $j }

subtest 'spool closed' => sub {
    my $journey = ready();
    $server->restart;
    rename "$server->{dir}/spool/05711000", "$server->{dir}/spool/weg";
    open my $block, '>', "$server->{dir}/spool/05711000";
    my $b = $journey->{browser};
    $b->open('/antrag/pruefen');
    my $res = $b->submit({ _bestaetigt => ['ja'] });
    is $res->{status}, 503, 'not accepted: 503';
    ok $res->{headers}{'retry-after'}, 'with Retry-After';
    ok !Eb::Journey::number($res) || $res->{text} !~ /eingegangen/, 'no receipt';
    like $server->log, qr/EB0[46]\d\d/, 'an EB id in the log';
    unlink "$server->{dir}/spool/05711000";
    rename "$server->{dir}/spool/weg", "$server->{dir}/spool/05711000";
    my $receipt = eval { $journey->send } or diag $@;
    ok $receipt && Eb::Journey::number($receipt), 'later the same draft is sent';
    is scalar $server->await_inbox(1), 1, 'and delivered';
};

subtest 'output folder not writable' => sub {
    my $journey = ready();
    rename "$server->{dir}/eingang", "$server->{dir}/verlegt";
    my $receipt = $journey->send;
    my $number  = Eb::Journey::number($receipt);
    ok $number, 'the receipt comes all the same: the application is safe';
    my $job;
    for (1 .. 600) { ($job) = grep { /"held"/ } map { Eb::Server::slurp($_) } glob "$server->{dir}/spool/05711000/*/*"; last if $job; select undef, undef, undef, 0.1 }
    like $job // '', qr/EB06\d\d/, 'the job is held, with the problem';
    like $job // '', qr/remedy/,   'and its remedy';
    like $server->log, qr/EB06\d\d/, 'an EB id in the log';
    $server->restart;
    is(Eb::Browser->new($server)->get('/antrag/')->{status}, 200, 'a start goes on without the folder');
    like $server->log, qr/EB0707/, '… and says so';
    rename "$server->{dir}/verlegt", "$server->{dir}/eingang";
    my @inbox = $server->await_inbox(2, 150);
    is scalar(grep { /\Q$number/ } @inbox), 1, 'delivered within a minute after the folder is back';
};

subtest 'a document that Redis has lost' => sub {
    my $answers = Eb::Journey::promised(Eb::Journey::fixture('01-ledige-person'), 'nachweise/geburtsurkunde');
    my $journey = Eb::Journey->new(Eb::Browser->new($server), $answers)->fill;
    my $b = $journey->{browser};
    $server->redis('DEL', grep { /:f:/ } $server->redis_keys);
    $b->open('/antrag/pruefen');
    my $res = $b->submit({ _bestaetigt => ['ja'] });
    is $res->{status}, 422, 'nothing is sent without it';
    like $res->{text}, qr/Geburtsurkunde mit Übersetzung\.pdf.*nicht mehr gespeichert/s, 'it is asked for again, by name';
    $server->expect(qr/EB0418/);
    is $b->submit({ 'nachweise.geburtsurkunde' => [Eb::Files::make('neu.pdf')] })->{status}, 303, 'on its own page';
    ok Eb::Journey::number($journey->send), 'and then the application is sent';
    is scalar(() = $server->await_inbox(3)), 3, 'and delivered';
};

# The publisher's schema knows a later version of a list than the stylesheet sends.
subtest 'a code list that has moved on' => sub {
    my $journey = ready();
    system 'cp', '-r', Eb::Server::root() . '/schemas/message', "$server->{dir}/standard";
    my $kopf = Eb::Server::slurp("$server->{dir}/standard/kopf.xsd");
    $kopf =~ s{(name="Code\.NachrichtentypType.*?"listVersionID"[^/]*)/>}{$1 fixed="99"/>}s or die 'no version';
    open my $fh, '>', "$server->{dir}/standard/kopf.xsd" or die $!;
    print $fh $kopf;
    close $fh;
    $server->write_conf($server->conf_text =~ s{(?=EinbuergerungOutput)}{EinbuergerungMessage xslt=$server->{dir}/standard/einbuergerung.xsl xsd=$server->{dir}/standard/einbuergerung.xsd\n    }r);
    $server->restart;
    my $b = $journey->{browser};
    my $before = () = glob "$server->{dir}/spool/05711000/*/*";
    $b->open('/antrag/pruefen');
    my $res = $b->submit({ _bestaetigt => ['ja'] });
    is $res->{status}, 500, 'not accepted: 500';
    unlike $res->{text}, qr/EB-2\d{3}-/, 'no receipt';
    is scalar(() = glob "$server->{dir}/spool/05711000/*/*"), $before, 'and nothing in the spool';
    like $server->log, qr{EB0507.*/nachrichtentyp: not the fixed value}, 'the log names the element and what is wrong';
    $server->write_conf;
    $server->restart;
    ok Eb::Journey::number($journey->send), 'with a schema that fits, the same draft is sent';
    is scalar(() = $server->await_inbox(4)), 4, 'and delivered';
};

subtest 'tmp disk full' => sub {
    my $mounted = $> == 0 && !system("mount -t tmpfs -o size=1m,mode=0777 none '$server->{dir}/spool' 2>/dev/null");
    plan skip_all => 'cannot mount a small tmpfs here' unless $mounted;
    my $journey = eval {
        $server->restart;
        open my $fill, '>', "$server->{dir}/spool/voll";
        print $fill 'x' x (2 << 20);
        close $fill;
        ready();
    };
    my $b = $journey->{browser};
    $b->open('/antrag/pruefen');
    is $b->submit({ _bestaetigt => ['ja'] })->{status}, 503, 'disk full: 503, nothing accepted';
    unlink "$server->{dir}/spool/voll";
    my $receipt = eval { $journey->send } or diag $@;
    ok $receipt && Eb::Journey::number($receipt), 'with space again: sent';
    my $number = $receipt && Eb::Journey::number($receipt);
    my @inbox = $server->await_inbox(5);
    is scalar(grep { /\Q$number/ } @inbox), 1, 'and delivered';
    $server->stop;
    system "umount -l '$server->{dir}/spool'";
};

$server->log_is_clean;
done_testing;
