#!/usr/bin/env perl
# Greets who is named in the query: /cgi-bin/hello.pl?name=Anna
use strict;
use warnings;

my ($name) = ($ENV{QUERY_STRING} // '') =~ /(?:^|&)name=([^&]*)/;
$name = 'World' if !defined $name || $name eq '';
$name =~ tr/+/ /;
$name =~ s/%([[:xdigit:]]{2})/chr hex $1/ge;
my %escaped = ('&' => '&amp;', '<' => '&lt;', '>' => '&gt;', '"' => '&quot;', "'" => '&#39;');
$name =~ s/([&<>"'])/$escaped{$1}/g;

print "Content-Type: text/html; charset=utf-8\n\n";
print qq{<!doctype html>\n<html lang="en">\n<title>Hello</title>\n<h1>Hello, $name!</h1>\n</html>\n};
