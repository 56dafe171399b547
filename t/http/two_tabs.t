# Two windows never overwrite each other silently, and never stand in each other's way without need.
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
my $one    = Eb::Browser->new($server);
$one->open($first);
my ($text) = grep { $one->form->{fields}{$_}{type} eq 'text' && length($valid{$_} // '') } @{ $one->form->{order} };
my $next   = $one->submit(\%valid)->{location} =~ s{^https?://[^/]+}{}r;
my $two    = Eb::Browser->new($server, cookies => $one->{cookies});

# The same page in both windows.
$one->open($first);
$two->open($first);
is $one->submit({ $text => 'Eins' })->{status}, 303, 'the first window stores';
my $conflict = $two->submit({ $text => 'Zwei' });
is $conflict->{status}, 409, 'the second one is told';
like $conflict->{text}, qr/Eins/, 'what is stored now is shown';
like $conflict->{text}, qr/Zwei/, 'what was typed is shown';
$one->open($first);
is $one->form->{fields}{$text}{values}[0], 'Eins', 'nothing was overwritten';
$two->{last} = $conflict;
is $two->submit({})->{status}, 303, 'the person decides for what was typed';
$one->open($first);
is $one->form->{fields}{$text}{values}[0], 'Zwei', 'and that is stored';

# Different pages do not disturb each other.
$one->open($first);
my $other_page = $two->open($next);
is $one->submit({ $text => 'Drei' })->{status}, 303, 'one page is stored';
$two->{last} = $other_page;
isnt $two->submit({})->{status}, 409, 'another page that was open meanwhile is not refused for that';

# The same page sent twice (a double click): the same result twice.
$one->open($first);
my $form = $one->form;
my @pairs = (@{ $form->{hidden} }, (map { length($valid{$_} // '') ? ($_ => $_ eq $text ? 'Vier' : $valid{$_}) : () } @{ $form->{order} }), _weiter => 1);
is $one->post($first, \@pairs)->{status}, 303, 'sent once';
is $one->post($first, \@pairs)->{status}, 303, 'and again';

# A double click on the very first page, before there is a cookie.
my $new = Eb::Browser->new($server);
$new->open($first);
my $f = $new->form;
my @first_pairs = (@{ $f->{hidden} }, (map { length($valid{$_} // '') ? ($_ => $valid{$_}) : () } @{ $f->{order} }), _weiter => 1);
is $new->post($first, \@first_pairs)->{status}, 303, 'the first page';
is $new->post($first, \@first_pairs)->{status}, 303, '… posted again by the same page';

# A page opened before the draft existed, in another window: nothing typed is lost, it must be sent once more.
my $late = Eb::Browser->new($server, cookies => $new->{cookies});
my $fresh = Eb::Browser->new($server);
$fresh->open($first);
$late->{last} = $fresh->{last};
my $stale = $late->submit({ %valid, $text => 'Spaet' });
is $stale->{status}, 422, 'a page from before the draft is shown again';
is $late->form->{fields}{$text}{values}[0], 'Spaet', 'with what was typed';
is $late->submit({})->{status}, 303, 'and can be sent';

# 50 writers at once on one draft: every answer is a 303 or an explaining 409, and the draft is whole afterwards.
my @pids;
for my $n (1 .. 10) {
    my $pid = fork // die;
    if (!$pid) {
        my $bad = 0;
        for my $m (1 .. 5) {
            my $b = Eb::Browser->new($server, cookies => { %{ $new->{cookies} } });
            $b->open($first);
            my $status = $b->submit({ $text => 'Fenster' . ('a' .. 'z')[$n] . ('a' .. 'z')[$m] })->{status};
            $bad++, print "# status $status\n" unless $status =~ /^(?:303|409)$/;
        }
        POSIX::_exit($bad ? 1 : 0);
    }
    push @pids, $pid;
}
my $bad = 0;
for (@pids) { waitpid $_, 0; $bad++ if $? }
is $bad, 0, '50 concurrent writers: stored or told';
$new->open($first);
like $new->form->{fields}{$text}{values}[0], qr/^Fenster/, 'one of them is stored';
# The operator rotates the key while a page lies open.
subtest 'a new key' => sub {
    my $tab = Eb::Browser->new($server);
    $tab->open($first);
    $tab->submit({ Eb::Journey::page_values($server, $first, '01-ledige-person') });
    $tab->open($first);
    my $keys = Eb::Server::slurp("$server->{dir}/keys");
    open my $fh, '>', "$server->{dir}/keys" or die $!;
    print $fh 'neu ' . `openssl rand -base64 32` . $keys;
    close $fh;
    $server->restart;
    is $tab->submit({ Eb::Journey::page_values($server, $first, '01-ledige-person') })->{status}, 303, 'an open page can still be sent';
    is $tab->open('/antrag/aufgaben')->{status}, 200, 'and the draft read';
    open $fh, '>', "$server->{dir}/keys" or die $!;
    print $fh 'ganz-anders ' . `openssl rand -base64 32`;
    close $fh;
    $server->expect(qr/EB0405/);
    $server->restart;
    is $tab->open('/antrag/aufgaben')->{status}, 503, 'without its key it is kept, and cannot be';
};

$server->log_is_clean;
done_testing;
