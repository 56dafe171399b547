# What confines the service is understood by those who read it: systemd its drop-in (and finds little left to complain of), AppArmor its abstraction.
use strict;
use warnings;
use File::Temp ();
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Source;
use Test::More;

my $root = $Eb::Source::root;
my $dir  = File::Temp->newdir;
sub has { my ($tool) = @_; return grep { -x "$_/$tool" } split(/:/, $ENV{PATH}), '/sbin', '/usr/sbin' }

SKIP: {
    my ($unit) = grep { -e } '/lib/systemd/system/apache2.service', '/usr/lib/systemd/system/apache2.service';
    skip 'no systemd-analyze, or no apache2.service (package apache2)', 2 unless has('systemd-analyze') && $unit;
    mkdir "$dir/apache2.service.d";
    system('cp', $unit, "$dir/");
    system('cp', "$root/conf/systemd/einbuergerung.conf", "$dir/apache2.service.d/");
    my @said = grep { /einbuergerung/ } qx{systemd-analyze verify '$dir/apache2.service' 2>&1};
    is_deeply \@said, [], 'systemd understands each line' or diag @said;
    my ($exposure) = qx{systemd-analyze security --offline=true '$dir/apache2.service' 2>&1} =~ /Overall exposure level.*?: ([\d.]+)/;
    skip 'this systemd-analyze does not look at files', 1 unless defined $exposure;
    cmp_ok $exposure, '<=', 3, "exposure $exposure";
}
SKIP: {
    skip 'no apparmor_parser', 1 unless has('apparmor_parser');
    open my $fh, '>:encoding(UTF-8)', "$dir/profile" or die $!;
    print $fh "profile einbuergerung-test /usr/sbin/apache2 {\n", Eb::Source::read_file('conf/apparmor/einbuergerung'), "}\n";
    close $fh;
    my $said = qx{apparmor_parser -QTK --skip-kernel-load '$dir/profile' 2>&1};
    is $?, 0, 'apparmor_parser reads the abstraction' or diag $said;
}
done_testing;
