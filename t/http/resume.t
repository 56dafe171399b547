# Interrupting an application and going on with it elsewhere: the code, what is told about a wrong one, what a browser keeps, and that
# nothing typed is lost when a draft ends while a page lies open.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Browser;
use Eb::Journey;
use Eb::Server;
use Test::More;
binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

my $server = Eb::Server->new;
my $first  = Eb::Journey::first_page($server);
my %valid  = Eb::Journey::page_values($server, $first, '01-ledige-person');

sub started {
    my $b = Eb::Browser->new($server);
    $b->open($first);
    $b->submit(\%valid);
    return $b;
}

sub code_of {
    my ($b) = @_;
    $b->open('/antrag/unterbrechen');
    my $res = $b->submit({}, '_anzeigen');
    my ($code) = $res->{text} =~ m{<p class='ez-code'[^>]*>(.*?)</p>}s or return;
    return $code =~ s/<wbr\/>//gr;
}

sub resume {
    my ($b, $code) = @_;
    $b->open('/antrag/fortsetzen');
    return $b->submit({ code => $code });
}

sub keys_but_tries { return grep { !/^eb:\{t:/ } $server->redis_keys }

my $one = started();
is $one->open('/antrag/unterbrechen')->{status}, 200, 'the page for those who interrupt';
unlike $one->{last}{text}, qr/ez-code/, 'shows no code by itself';
like $one->{last}{text}, qr/am \d\d\.\d\d\.\d{4} um Mitternacht/, 'but the day of deletion';
my $code = code_of($one);
like $code, qr/^(?:[2-9CDFHJKMNPQRTWXY]{6}-){5}[2-9CDFHJKMNPQRTWXY]{6}$/, 'asked for, it shows the code';
is $one->{last}{status}, 200, '… as an answer, not at an address';
like $one->{last}{text}, qr{http://127\.0\.0\.1:$server->{port}/antrag/fortsetzen}, '… and where it is typed';
like $one->{last}{headers}{'cache-control'}, qr/no-store/, '… not to be kept';
is code_of($one), $code, 'it stays the same';

subtest 'another browser' => sub {
    my $other = Eb::Browser->new($server);
    my $res = $other->open('/antrag/aufgaben');
    unlike $res->{text}, qr/loeschen/, 'knows nothing of it';
    $res = resume($other, lc($code) =~ tr/-/ /r);
    is $res->{status}, 303, 'with the code it goes on';
    like $res->{location}, qr{/antrag/aufgaben$}, '… with the task list';
    like $res->{headers}{'set-cookie'}, qr/HttpOnly; SameSite=Lax; Max-Age=2[56]\d{5}/, '… and has the cookie, for as long as the draft lives';
    unlike $res->{location}, qr/\Q$code/, '… the code is in no address';
    $other->open($first);
    my ($text) = grep { $other->form->{fields}{$_}{type} eq 'text' && length($valid{$_} // '') } @{ $other->form->{order} };
    is $other->form->{fields}{$text}{values}[0], $valid{$text}, 'the answers are there';
    is $other->submit({ $text => 'Anders' })->{status}, 303, 'and can be changed';
    $one->open($first);
    is $one->form->{fields}{$text}{values}[0], 'Anders', 'the first browser has it still, with the change';
    is resume($one, $code)->{status}, 303, 'the same code where the draft is open already';
    is scalar(keys_but_tries()), 1, 'all of that is one key in Redis';
};

subtest 'wrong codes' => sub {
    my $b = Eb::Browser->new($server);
    $server->redis('CONFIG', 'RESETSTAT');
    my $res = resume($b, '');
    is $res->{status}, 422, 'none';
    like $res->{text}, qr/<title>Fehler: /, '… is an error';
    like $res->{text}, qr{href='#code'}, '… that leads to its field';
    $res = resume($b, substr $code, 1);
    like $res->{text}, qr/36 Zeichen. Sie haben 35 eingegeben/, 'one sign too few';
    my $typo = $code;
    substr($typo, 15, 1) = substr($typo, 15, 1) eq 'X' ? 'Y' : 'X';
    $res = resume($b, $typo);
    is $res->{status}, 422, 'one sign wrong';
    like $res->{text}, qr/In der 3\. Gruppe/, '… and in which group';
    is $b->form->{fields}{code}{values}[0], $typo, '… what was typed stays';
    my $calls = $server->redis_calls;
    ok !grep({ !/^(?:config|info)/ } keys %$calls), 'all of that without Redis' or diag join ' ', %$calls;

    my $gone = started();
    my $dead = code_of($gone);
    $gone->open('/antrag/loeschen');
    $res = $gone->submit({});
    is $res->{status}, 200, 'a draft is deleted';
    like $res->{text}, qr/Ihr Entwurf ist gelöscht/, '… and the page says so';
    ok !%{ $gone->{cookies} }, '… the cookie goes';
    is scalar(keys_but_tries()), 1, '… and nothing of it is left in Redis';
    $res = resume($b, $dead);
    is $res->{status}, 422, 'its code leads nowhere';
    ok !%{ $b->{cookies} }, '… and sets no cookie';
    my $other = Eb::Browser->new($server, headers => { origin => 'https://boese.example' });
    is resume($other, $code)->{status}, 403, 'a code from another site is refused';
    is $b->post('/antrag/fortsetzen', [code => $code])->{status}, 403, 'or without a ticket';
    is $b->get("/antrag/fortsetzen?code=$code")->{status}, 200, 'in an address it does nothing';
    ok !%{ $b->{cookies} }, '… at all';
};

subtest 'where another draft is open' => sub {
    my $b = started();
    my ($before) = values %{ $b->{cookies} };
    my $res = resume($b, $code);
    is $res->{status}, 409, 'it is not put aside silently';
    like $res->{text}, qr{/antrag/unterbrechen}, '… but the way to its code is shown';
    is((values %{ $b->{cookies} })[0], $before, '… and its cookie is kept');
    my $own = code_of($b);
    $res = $b->submit({}, '_schliessen');
    is $res->{status}, 422, 'closing it needs the word that the code is noted';
    like $res->{text}, qr/ez-code/, '… the code is still there';
    ok %{ $b->{cookies} }, '… and so is the cookie';
    $res = $b->submit({ _bestaetigt => ['ja'] }, '_schliessen');
    is $res->{status}, 200, 'then it is closed';
    ok !%{ $b->{cookies} }, '… here';
    is resume($b, $own)->{status}, 303, '… and only here';
};

subtest 'a page that lay open' => sub {
    my $b = started();
    my $own = code_of($b);
    $b->open($first);
    my $page = $b->{last};
    my ($text) = grep { $b->form->{fields}{$_}{type} eq 'text' && length($valid{$_} // '') } @{ $b->form->{order} };
    my %kept = %{ $b->{cookies} };
    $b->{cookies} = {};
    my $res = $b->submit({ $text => 'Getippt' });
    is $res->{status}, 422, 'sent after the browser has lost its cookie: shown again';
    is $b->form->{fields}{$text}{values}[0], 'Getippt', '… with what was typed';
    like $res->{text}, qr{/antrag/fortsetzen}, '… and the way back';
    my $again = $b->{last};
    is resume($b, $own)->{status}, 303, 'the draft is opened in another window';
    $b->{last} = $again;
    is $b->submit({})->{status}, 422, 'the page is sent again: it is from before';
    is $b->form->{fields}{$text}{values}[0], 'Getippt', '… still with what was typed';
    is $b->submit({})->{status}, 303, 'and now it is stored';
    $b->open($first);
    is $b->form->{fields}{$text}{values}[0], 'Getippt', 'in the old draft';

    my $page2 = $b->{last};
    $server->redis('DEL', $_) for keys_but_tries();    # the night in which it was deleted
    $res = $b->submit({ $text => 'Ueber Nacht' });
    is $res->{status}, 422, 'the draft was deleted meanwhile: the page is shown again';
    is $b->form->{fields}{$text}{values}[0], 'Ueber Nacht', '… with what was typed';
    is scalar(keys_but_tries()), 0, '… and nothing stored';
    is $b->submit({})->{status}, 303, 'sent once more it begins a new draft';
    is scalar(keys_but_tries()), 1, '… which is stored';
};

subtest 'the button on every page' => sub {
    my $b = started();
    $b->open($first);
    my ($text) = grep { $b->form->{fields}{$_}{type} eq 'text' && length($valid{$_} // '') } @{ $b->form->{order} };
    my $res = $b->submit({ $text => 'Spaeter' }, '_pause');
    like $res->{location}, qr{/antrag/unterbrechen$}, 'leads there';
    $b->open($first);
    is $b->form->{fields}{$text}{values}[0], 'Spaeter', 'and stores what was typed';
    my $nobody = Eb::Browser->new($server);
    $nobody->open($first);
    like $nobody->submit({}, '_pause')->{location}, qr{/antrag/aufgaben$}, 'with nothing stored there is no code';
    is $nobody->get('/antrag/unterbrechen')->{status}, 403, '… and its page says so';
};

subtest 'too many tries' => sub {
    my $b = Eb::Browser->new($server);
    my $nobodys = code_of(my $gone = started());
    $gone->open('/antrag/loeschen');
    $gone->submit({});
    my $res;
    for (1 .. 70) { $res = resume($b, $nobodys); last if $res->{status} != 422 }
    is $res->{status}, 429, 'end for a while';
    is $res->{headers}{'retry-after'}, 600, '… it says how long';
    like $res->{text}, qr/zehn Minuten/, '… to people, too';
    ok !grep({ $server->redis('TTL', $_) < 0 } $server->redis_keys), 'every key in Redis goes by itself';
    ok !grep({ /127/ } $server->redis_keys), 'none tells the address';
};

my $log = $server->log . Eb::Server::slurp("$server->{dir}/log/access.log");
unlike $log, qr/\Q$code/, 'the code is in no log';
my $bare = $code =~ s/-//gr;
unlike $log, qr/$bare/, '… in no form';
$server->log_is_clean;
done_testing;
