#!/usr/bin/env perl
# The API of fixtures/contracts/pets on Perl's own modules, as an old shop of the trade would have written it: every
# error has a code and a list of faults, keys count up by ten, lists come by name and three to a page, a kind is set
# once and for all, and what was deleted is told apart from what never was.
use strict;
use warnings;
use utf8;
use IO::Socket::INET;
use JSON::PP;
use POSIX qw(strftime);

my $json = JSON::PP->new->utf8->canonical->allow_nonref;
my (%pets, %visits, %users, %gone);
my $settings = { language => 'en', newsletter => JSON::PP::false };
my $last = 1000;
my %status = (invalid => 422, unparsable => 400, absent => 404, gone => 410, taken => 409, nowhere => 404, method => 405);

sub fault {
    my ($code, @faults) = @_;
    die { status => $status{$code}, body => { error => $code, faults => [@faults] } };
}

sub is_text    { my ($value) = @_; defined $value && !ref $value && $json->encode($value) =~ /^"/ }
sub is_number  { my ($value) = @_; defined $value && !ref $value && $json->encode($value) =~ /^-?\d/ }
sub is_boolean { JSON::PP::is_bool($_[0]) }
sub is_texts   { my ($value) = @_; ref $value eq 'ARRAY' && !grep { !is_text($_) } @$value }
sub trimmed    { my ($text) = @_; $text =~ s/^\s+|\s+$//g; $text }

my %is = (
    name       => sub { is_text($_[0]) && trimmed($_[0]) ne '' },
    kind       => sub { is_text($_[0]) && $_[0] =~ /^(cat|dog|bird)$/ },
    tags       => sub { is_texts($_[0]) },
    reason     => sub { is_text($_[0]) },
    cost       => sub { is_number($_[0]) },
    email      => sub { is_text($_[0]) },
    password   => sub { is_text($_[0]) },
    username   => sub { is_text($_[0]) },
    language   => sub { is_text($_[0]) },
    newsletter => sub { is_boolean($_[0]) },
);

# The members of a body that are known; null is the same as nothing at all.
sub checked {
    my ($body, $required, @known) = @_;
    fault('invalid', 'an object is needed') if ref $body ne 'HASH';
    my %sent = map { $_ => $body->{$_} } grep { defined $body->{$_} } @known;
    my @missing = grep { !exists $sent{$_} } @$required;
    my @wrong   = grep { !$is{$_}->($sent{$_}) } sort keys %sent;
    fault('invalid', map { "$_: " . (exists $sent{$_} ? 'wrong' : 'missing') } @missing, @wrong) if @missing || @wrong;
    return \%sent;
}

sub parsed {
    my ($content) = @_;
    my $body = eval { $json->decode($content) };
    fault('unparsable', 'no JSON') if $@;
    return $body;
}

sub pet_of {
    my ($key) = @_;
    fault('gone', "pet $key") if $gone{$key};
    return $pets{$key} // fault('absent', "pet $key");
}

sub kept_pet {
    my ($sent) = @_;
    $sent->{name} = trimmed($sent->{name}) if exists $sent->{name};
    $sent->{tags} = [sort @{ $sent->{tags} }] if exists $sent->{tags};
    return $sent;
}

sub now { strftime('%Y-%m-%dT%H:%M:%S+00:00', gmtime) }

sub list_pets {
    my ($query) = @_;
    my @found = values %pets;
    @found = grep { $_->{kind} eq $query->{kind} } @found if defined $query->{kind};
    @found = grep { my $pet = $_; grep { $_ eq $query->{tag} } @{ $pet->{tags} } } @found if defined $query->{tag};
    my ($down, $member) = ($query->{sort} // 'name') =~ /^(-?)(\w+)$/;
    fault('invalid', 'sort') if !defined $member || $member !~ /^(name|kind|id|created_at)$/;
    my $compare = $member eq 'id' ? sub { $_[0]{id} <=> $_[1]{id} } : sub { $_[0]{$member} cmp $_[1]{$member} };
    @found = sort { $compare->($a, $b) || $a->{id} <=> $b->{id} } @found;
    @found = reverse @found if $down;
    for my $name ('limit', 'offset') {
        fault('invalid', $name) if defined $query->{$name} && $query->{$name} !~ /^\d+$/;
    }
    my ($limit, $offset) = ($query->{limit} // 3, $query->{offset} // 0);
    my $total = @found;
    @found = $offset < @found ? splice(@found, $offset, $limit) : ();
    return (200, { data => \@found, total => $total });
}

sub create_pet {
    my ($query, $content) = @_;
    my $sent = kept_pet(checked(parsed($content), ['name', 'kind'], 'name', 'kind', 'tags'));
    my $pet = { tags => [], %$sent, id => ($last += 10), created_at => now() };
    $pets{ $pet->{id} } = $pet;
    $visits{ $pet->{id} } = [];
    return (201, $pet);
}

sub replace_pet {
    my ($query, $content, $key) = @_;
    my $pet = pet_of($key);
    my $sent = kept_pet(checked(parsed($content), ['name', 'kind'], 'name', 'kind', 'tags'));
    delete $sent->{kind};
    %$pet = (%$pet, tags => [], %$sent);
    return (200, $pet);
}

sub change_pet {
    my ($query, $content, $key) = @_;
    my $pet = pet_of($key);
    my $sent = kept_pet(checked(parsed($content), [], 'name', 'kind', 'tags'));
    delete $sent->{kind};
    %$pet = (%$pet, %$sent);
    return (200, $pet);
}

sub delete_pet {
    my ($query, $content, $key) = @_;
    pet_of($key);
    delete $pets{$key};
    $gone{$key} = 1;
    return (204);
}

sub add_visit {
    my ($query, $content, $key) = @_;
    pet_of($key);
    my $sent = checked(parsed($content), ['reason'], 'reason', 'cost');
    my $id = join '-', map { join '', map { sprintf '%x', rand 16 } 1 .. $_ } 8, 4;
    $id .= sprintf '-4%s-a%s-%s', map { join '', map { sprintf '%x', rand 16 } 1 .. $_ } 3, 3, 12;
    my $visit = { cost => 25, %$sent, id => $id };
    unshift @{ $visits{$key} }, $visit;
    return (201, $visit);
}

sub read_visit {
    my ($query, $content, $key, $id) = @_;
    pet_of($key);
    my ($visit) = grep { $_->{id} eq $id } @{ $visits{$key} };
    return (200, $visit // fault('absent', "visit $id"));
}

sub put_user {
    my ($query, $content, $name) = @_;
    my $body = parsed($content);
    my $sent = checked($body, ['email'], 'username', 'email', 'password');
    my @unknown = grep { !$is{$_} } sort keys %$body;
    fault('invalid', map { "$_: unknown" } @unknown) if @unknown;
    my $status = $users{$name} ? 200 : 201;
    $users{$name} = { username => $name, email => lc $sent->{email} };
    return ($status, $users{$name});
}

sub change_settings {
    my ($query, $content) = @_;
    my $sent = checked(parsed($content), [], 'language', 'newsletter');
    $settings = { %$settings, %$sent };
    return (200, $settings);
}

my @routes = (
    [GET    => qr{^/pets$},                       \&list_pets],
    [POST   => qr{^/pets$},                       \&create_pet],
    [GET    => qr{^/pets/([^/]+)$},               sub { (200, pet_of($_[2])) }],
    [PUT    => qr{^/pets/([^/]+)$},               \&replace_pet],
    [PATCH  => qr{^/pets/([^/]+)$},               \&change_pet],
    [DELETE => qr{^/pets/([^/]+)$},               \&delete_pet],
    [GET    => qr{^/pets/([^/]+)/visits$},        sub { pet_of($_[2]); (200, $visits{ $_[2] }) }],
    [POST   => qr{^/pets/([^/]+)/visits$},        \&add_visit],
    [GET    => qr{^/pets/([^/]+)/visits/([^/]+)$}, \&read_visit],
    [POST   => qr{^/pets/([^/]+)/vaccinate$},     sub { pet_of($_[2]); (202, { message => 'ordered' }) }],
    [GET    => qr{^/users/([^/]+)$},              sub { (200, $users{ $_[2] } // fault('absent', "user $_[2]")) }],
    [PUT    => qr{^/users/([^/]+)$},              \&put_user],
    [GET    => qr{^/settings$},                   sub { (200, $settings) }],
    [PATCH  => qr{^/settings$},                   \&change_settings],
);

sub decoded {
    my ($text) = @_;
    $text =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
    utf8::decode($text);
    return $text;
}

sub answer {
    my ($method, $target, $content) = @_;
    my ($path, $query) = split /\?/, $target, 2;
    my %query = map { my ($name, $value) = split /=/, $_, 2; (decoded($name), decoded($value // '')) } split /&/, $query // '';
    $path =~ s{^/api}{};
    my $is_known = 0;
    for my $route (@routes) {
        my ($of, $pattern, $handle) = @$route;
        my @parts = $path =~ $pattern or next;
        $is_known = 1;
        next if $of ne $method;
        @parts = () if !defined $1;
        return $handle->(\%query, $content, map { decoded($_) } @parts);
    }
    fault($is_known ? 'method' : 'nowhere', $path);
}

my %phrase = (200 => 'OK', 201 => 'Created', 202 => 'Accepted', 204 => 'No Content', 400 => 'Bad Request', 404 => 'Not Found',
    405 => 'Method Not Allowed', 410 => 'Gone', 422 => 'Unprocessable Content', 500 => 'Internal Server Error');

my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 64, ReuseAddr => 1) or die $!;
$| = 1;
print $server->sockport, "\n";
while (my $client = $server->accept) {
    my ($method, $target) = (<$client> // '') =~ m{^(\S+) (\S+)} or next;
    my %head;
    while (defined(my $line = <$client>)) {
        last if $line =~ /^\r?\n$/;
        $head{ lc $1 } = $2 if $line =~ /^([^:]+):\s*(.*?)\r?\n$/;
    }
    my $content = '';
    read $client, $content, $head{'content-length'} if $head{'content-length'};
    my ($status, $value) = eval { answer($method, $target, $content) };
    if (my $error = $@) {
        ($status, $value) = ref $error ? ($error->{status}, $error->{body}) : (500, { error => "$error" });
    }
    my $body = defined $value ? $json->encode($value) : '';
    my $fields = $status == 204 ? '' : "Content-Type: application/json\r\nContent-Length: " . length($body) . "\r\n";
    print $client "HTTP/1.1 $status $phrase{$status}\r\n${fields}Connection: close\r\n\r\n$body";
    close $client;
}
