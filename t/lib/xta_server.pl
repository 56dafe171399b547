# The scripted XTA server for tests that are not in Perl: says where it is, then does what each line of standard input asks for.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Eb::XtaServer;

$| = 1;
sub say_it { print "@_\n" }

my $missing = Eb::XtaServer::missing();
say_it("missing=$missing"), exit if $missing;
my $xta = Eb::XtaServer->new;
my %facts = (management => $xta->management_url, send => $xta->send_url, msgbox => $xta->msgbox_url, ca => $xta->ca_file, cert => $xta->certificate,
    key => $xta->key, reader_cert => $xta->reader_certificate, expired_cert => $xta->reader_certificate('expired'), other_cert => $xta->certificate('client-otherca'), guest_cert => $xta->certificate('guest'), guest_key => $xta->key('guest'),
    map { ($_ => $xta->expected->{$_}) } qw(author reader service scenario message_type message_list message_version));
say_it("$_=$facts{$_}") for sort keys %facts;
say_it('ready=' . ($xta->schema_missing // ''));

while (<STDIN>) {
    my ($word, @rest) = split;
    if    ($word eq 'script') { $xta->script(@rest); say_it('ok') }
    elsif ($word eq 'set')    { $xta->set($rest[0] => $rest[1] eq 'undef' ? undef : $rest[1]); say_it('ok') }
    elsif ($word eq 'forget') { $xta->forget; say_it('ok') }
    # How many messages, of how many contents in all, are whole; or the first fault.
    elsif ($word eq 'received') {
        my @all = $xta->received;
        my ($bad) = grep { $_->{fault} ne 'whole' } @all;
        my $contents = 0;
        $contents += @{ $_->{contents} } for @all;
        my @remarks = map { @{ $_->{remarks} } } @all;
        say_it($bad ? $bad->{fault} : @remarks ? "remarked: @remarks" : @all . " of $contents" . (grep({ $_->{encrypted} } @all) ? ' encrypted' : ''));
    }
    # An answer to the last message, or so many; and what of the mailbox is still new, or was closed twice.
    elsif ($word eq 'reply')   { my ($last) = reverse $xta->received; $xta->reply($last, $rest[0]) for 1 .. $rest[1] // 1; say_it('ok') }
    elsif ($word eq 'box')     { my @box = $xta->box; say_it(scalar(grep { !$_->{fetched} } @box) . ' new, ' . scalar(grep { $_->{fetched} && @{ $_->{closed} } == 1 } @box) . ' closed') }
    elsif ($word eq 'refused') { my @bad = $xta->refused; say_it(@bad ? $bad[0]{step} . ": $bad[0]{problem}" =~ s/\s+/ /gr : 'none') }
    elsif ($word eq 'seen')    { say_it(scalar(() = $xta->seen(@rest))) }
    else                       { say_it("what is $word?") }
}
