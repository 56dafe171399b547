# Whoever has begun a draft under the last release's form goes on with it: a form that has changed since is shipped beside the new one, as
# NAME@VERSION.xml. Drafts live for 30 days, so one release later it may go.
use strict;
use warnings;
use FindBin;
use Test::More;

my $root = "$FindBin::Bin/../..";
sub git { my ($arguments) = @_; return scalar qx(git -C '$root' $arguments 2>/dev/null) }
sub slurp { open my $fh, '<:raw', $_[0] or return ''; local $/; return scalar <$fh> }

# The editions that are missing, as "NAME.xml of RELEASE".
sub missing {
    my ($release, $before, $now) = @_;
    my @kept = values %$now;
    return map { "$_ of $release" } grep { my $form = $before->{$_}; !grep { $_ eq $form } @kept } sort keys %$before;
}

is_deeply [missing('1.0', { 'a.xml' => 'old' }, { 'a.xml' => 'new' })], ['a.xml of 1.0'], 'a change without its former edition is found';
is_deeply [missing('1.0', { 'a.xml' => 'old' }, { 'a.xml' => 'new', 'a@1.xml' => 'old' })], [], '… and one with it is good';

SKIP: {
    my $release = git('describe --tags --abbrev=0');
    chomp $release;
    skip 'no release yet, or no history here', 1 unless length $release;
    my %before = map { m{([^/@]+\.xml)$} ? ($1 => git("show '$release:$_'")) : () } split /\n/, git("ls-tree --name-only '$release' schemas/forms/");
    my %now    = map { m{([^/]+)$} ? ($1 => slurp($_)) : () } glob "$root/schemas/forms/*.xml";
    is_deeply [missing($release, \%before, \%now)], [], "the forms of $release are kept";
}
done_testing;
