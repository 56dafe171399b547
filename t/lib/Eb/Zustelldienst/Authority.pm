package Eb::Zustelldienst::Authority;

# The authority behind the service: it opens every part with its own key, compares hashes, checks the metadata against their schema
# and the message against its documents, writes down what it got, and says what the test wants it to say.

use strict;
use warnings;
use Digest::SHA qw(sha512_hex);
use Eb::Receiver;
use Eb::Server;
use Eb::Zustelldienst::Jose qw(jwe_open);
use Eb::Zustelldienst::State;
use JSON::PP;

my $problems = 'https://schema.fitko.de/fit-connect/events/problems/';

# Where the official schemas are, or nothing.
sub schema_folder { my $folder = Eb::Server::root() . '/../shared/data/fit-connect'; return -d $folder ? $folder : undef }

# The validator for the metadata of a version; undef when there is no schema or none to check with, which $missing then says.
my %validator;
our $missing;
sub validator {
    my ($version) = @_;
    return $validator{$version} if exists $validator{$version};
    my $folder = schema_folder();
    $missing = !$folder ? '../shared/data/fit-connect is not there' : !eval { require JSON::Validator } ? 'no JSON::Validator (package libjson-validator-perl)' : undef;
    my $text = $missing ? undef : Eb::Zustelldienst::State::slurp("$folder/metadata-$version.schema.json");
    return $validator{$version} = defined $text ? JSON::Validator->new->schema(Eb::Zustelldienst::State::decode($text))->schema : undef;
}

sub new { my ($class, %o) = @_; return bless {%o}, $class }

# Takes a submission in and writes down what it is: once it has been submitted, and while it is locked.
sub receive {
    my ($self, $s) = @_;
    my ($state, $id) = ($self->{state}, $s->{submissionId});
    $self->{used} = {};
    my %seen  = (submission => $id, case => $s->{caseId}, time => time);
    my $fault = eval { $self->examine($s, \%seen) } // ($@ ? "cannot be examined: $@" =~ s/\s+/ /gr : undef);
    $state->note(received => %seen, fault => $fault // 'whole');
    $s->{fault} = $fault;
    $state->store($s);
}

sub open_part {
    my ($self, $s, $name) = @_;
    my ($plain, $header, $cek) = jwe_open($self->{state}->part($s->{submissionId}, $name), $self->{key}->());
    die "the key of $name was used before\n" if defined $cek && $self->{used}{$cek}++;
    return ($plain, $header->{cty} // '');
}

# What is wrong with it, undef when nothing is.
sub examine {
    my ($self, $s, $seen) = @_;
    my ($text, $cty) = $self->open_part($s, 'metadata');
    return 'metadata: encryption-issue' unless defined $text;
    return "metadata: cty $cty" if $cty ne 'application/json';
    my $metadata = eval { Eb::Zustelldienst::State::decode($text) };
    return 'metadata: syntax-violation' if ref $metadata ne 'HASH';
    $seen->{reference} = $metadata->{additionalReferenceInfo}{senderReference};
    my $wrong = $self->metadata_fault($s, $metadata) // $self->data_fault($s, $metadata, $seen);
    return $wrong if defined $wrong;
    return $self->attachments_fault($s, $metadata, $seen);
}

sub metadata_fault {
    my ($self, $s, $m) = @_;
    my ($version) = ($m->{'$schema'} // '') =~ m{^https://schema\.fitko\.de/fit-connect/metadata/(\d+\.\d+\.\d+)/metadata\.schema\.json$};
    return 'metadata: missing-schema' unless $version;
    return "metadata: unsupported-schema $version" unless grep { $_ eq $version } @{ $s->{destination}{metadataVersions} };
    my ($channel) = keys %{ $m->{replyChannel} // {} };
    return "metadata: the reply channel $channel is not offered" if defined $channel && !exists(($s->{destination}{replyChannels} // {})->{$channel});
    my $validator = validator($version) or return undef;
    my @errors = $validator->validate($m);
    return @errors ? "metadata: schema-violation @errors" : undef;
}

sub data_fault {
    my ($self, $s, $m, $seen) = @_;
    my ($data, $cty) = $self->open_part($s, 'data');
    return 'data: encryption-issue' unless defined $data;
    my $about = $m->{contentStructure}{data};
    return 'data: hash-mismatch' if sha512_hex($data) ne ($about->{hash}{content} // '');
    my $schema = $about->{submissionSchema};
    return "data: cty $cty" if $cty ne $schema->{mimeType};
    my ($service) = grep { $_->{identifier} eq $s->{service} } @{ $s->{destination}{publicServices} };
    return "data: unsupported-schema $schema->{schemaUri}"
        unless grep { $_->{schemaUri} eq $schema->{schemaUri} && $_->{mimeType} eq $schema->{mimeType} } @{ $service->{submissionSchemas} };
    return undef if $cty ne 'application/xml';
    return 'data: syntax-violation' unless Eb::Receiver::well_formed($data);
    ($seen->{uuid})   = $data =~ m{<nachrichtenUUID>([^<]+)</nachrichtenUUID>};
    ($seen->{number}) = $data =~ m{<vorgangsnummer>([^<]+)</vorgangsnummer>};
    my %documents;
    while ($data =~ m{<anlage>.*?<anhang>([^<]+)</anhang>.*?<sha512>([0-9a-f]{128})</sha512>.*?</anlage>}gs) { $documents{$2} = $1 }
    $self->{documents} = \%documents;
    return undef;
}

sub attachments_fault {
    my ($self, $s, $m, $seen) = @_;
    my @about = @{ $m->{contentStructure}{attachments} };
    my $named = join ' ', sort map { $_->{attachmentId} } @about;
    return "attachments-mismatch: $named" if $named ne join ' ', sort @{ $s->{announcedAttachments} };
    my %left = %{ delete $self->{documents} || {} };
    for my $a (@about) {
        my ($plain, $cty) = $self->open_part($s, $a->{attachmentId});
        return "attachment $a->{attachmentId}: encryption-issue" unless defined $plain;
        my $hash = sha512_hex($plain);
        return "attachment $a->{attachmentId}: hash-mismatch" if $hash ne $a->{hash}{content};
        return "attachment $a->{attachmentId}: cty $cty" if $cty ne $a->{mimeType} && $cty !~ m{^application/(?:json|xml|octet-stream)$};
        my $magic = kind($plain);
        return "attachment $a->{attachmentId}: is no $a->{mimeType}" if $magic && $magic ne $a->{mimeType};
        my $name = delete $left{$hash};
        return "attachment $a->{attachmentId}: not in the message" if !defined $name && $a->{purpose} eq 'attachment' && $seen->{uuid};
        push @{ $seen->{attachments} }, { id => $a->{attachmentId}, purpose => $a->{purpose}, type => $a->{mimeType}, name => $a->{filename}, sha512 => $hash, length => length $plain };
    }
    my ($missing) = sort values %left;
    return defined $missing ? "attachments-mismatch: no $missing" : undef;
}

sub kind {
    my ($bytes) = @_;
    return $bytes =~ /^%PDF-/ ? 'application/pdf' : $bytes =~ /^\xFF\xD8\xFF/ ? 'image/jpeg' : $bytes =~ /^\x89PNG\r\n/ ? 'image/png' : undef;
}

# What the authority has to say by now; called at each look at the events, while the submission is locked.
sub decide {
    my ($self, $s, $polls) = @_;
    my ($state, $settings) = ($self->{state}, $self->{state}->settings);
    $self->receive($s) unless exists $s->{fault} || $settings->{trust};
    return if $s->{decided} || $polls <= ($settings->{polls} // 0);
    my @verdict = @{ $settings->{verdict} // [qw(notify accept)] };
    @verdict = map { $_ eq 'accept' ? 'reject' : $_ } @verdict if $s->{fault} && !$settings->{blind};
    return unless @verdict;
    my @problems = $s->{fault} ? ({ type => $problems . 'other', title => 'Die Einreichung ist fehlerhaft', detail => $s->{fault}, instance => 'metadata' })
                               : @{ $settings->{problems} // [{ type => $problems . 'schema-violation', title => 'Schema <verletzt>', detail => 'Feld "a" & b fehlt', instance => 'metadata' }] };
    for my $event (@verdict) {
        for my $fault (@{ $settings->{sets}{$event} // ['ok'] }) {
            $state->add_event($s->{submissionId}, $self->{sets}->make($state, $event, $s, $fault, problems => \@problems));
        }
    }
    $s->{decided} = \@verdict;
    $s->{state} = 'deleted' if grep { $_ eq 'delete' } @verdict;
    $state->store($s);
}

1;
