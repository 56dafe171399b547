# The alert rules are well-formed, ask only for metrics that there are, and cover what they should.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Eb::Source;
use Test::More;

my $file   = "$Eb::Source::root/conf/prometheus-alerts.yml";
my $rules  = Eb::Source::read_file('conf/prometheus-alerts.yml');
my $source = Eb::Source::read_file('httpd/status_prometheus.c');
my %metric = map { ("einbuergerung_$_" => 1) } $source =~ /(?:\bhead\(out|\{)\s*,?\s*"([a-z_]+)",/g;
cmp_ok scalar keys %metric, '>', 15, scalar(keys %metric) . ' metrics';

my %asked;
$asked{$_}++ for map { /\b(einbuergerung_\w+)/g } $rules =~ /^\s+expr: (.*)$/mg;
my @unknown = grep { !$metric{$_} } sort keys %asked;
ok !@unknown, 'alerts ask for metrics that there are' or diag "@unknown";
for (qw(overdue held missing healthy redis_up redis_honest scanner_up spool_open spool_free_bytes certificate_expiry_timestamp_seconds)) {
    ok $asked{"einbuergerung_$_"}, "there is an alert on $_";
}

my $promtool = (grep { -x } map { "$_/promtool" } split /:/, $ENV{PATH})[0];
SKIP: {
    skip 'promtool is not installed: the rules were only read as YAML', 1 unless $promtool;
    my $said = qx{$promtool check rules '$file' 2>&1};
    is $?, 0, 'promtool accepts them' or diag $said;
}
SKIP: {
    skip 'no YAML reader (python3-yaml)', 2 if system(q{python3 -c 'import yaml' 2>/dev/null}) != 0;
    my $names = qx{python3 - '$file' <<'END'
import sys, yaml
for group in yaml.safe_load(open(sys.argv[1]))["groups"]:
    for rule in group["rules"]:
        assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}, rule
        assert rule["labels"]["severity"] in ("critical", "warning"), rule
        assert set(rule["annotations"]) == {"summary", "description"}, rule
        print(rule["alert"])
END
};
    is $?, 0, 'each rule has what a rule has';
    my %seen;
    $seen{$_}++ for split /\n/, $names;
    ok keys %seen > 9 && !grep({ $_ > 1 } values %seen), scalar(keys %seen) . ' rules of different names';
}
done_testing;
