# SPDX-License-Identifier: MIT
#
# Strings of megabytes: grown, cut, searched, and compared with what is known of them.
use strict;
use warnings;
use Digest::SHA qw(sha1_hex sha256_hex);
use Test::More;

my $size = $ENV{PROGRAMS_FULL} ? 20_000_000 : 2_000_000;

is(sha1_hex('a' x 1_000_000), '34aa973cd4c4daa4f61eeb2bdbad27316534016f',
	'SHA-1 of a million letters');

# Grown piece by piece.
my $text = '';
my $state = 1;
while (length($text) < $size) {
	$state = $state * 16807 % 2147483647;
	$text .= $state . ($state % 7 ? ' ' : "\n");
}
note('text ', length($text), ' ', sha256_hex($text));

is(reverse(scalar reverse $text), $text, 'twice reversed');
is(join("\n", split(/\n/, $text, -1)), $text, 'split and joined');
is(join('', unpack('(a1000)*', $text)), $text, 'unpacked and joined');
is(length($text x 5), 5 * length($text), 'repeated');
is(($text x 3) =~ tr/0-9//, 3 * ($text =~ tr/0-9//), 'digits in the repeated');

my $copy = $text;
my $replaced = $copy =~ s/(\d+)/<$1>/g;
cmp_ok($replaced, '>', $size / 12, 'numbers put into brackets');
note('brackets ', sha256_hex($copy));
$copy =~ tr/<>//d;
is($copy, $text, 'and taken out');

# Cut and filled at changing places.
my $at = 1;
for (1 .. 200) {
	$at = $at * 16807 % 2147483647;
	my $cut = substr($copy, $at % (length($copy) - 5000), 5000, '');
	substr($copy, $at % 1000, 0) = $cut;
}
is(length($copy), length($text), 'cut and put elsewhere');
note('moved ', sha256_hex($copy));
is(join('', sort split(//, substr($copy, 0, 300_000))),
	join('', map { my $c = $_; $c x (() = substr($copy, 0, 300_000) =~ /\Q$c\E/g) }
		"\n", ' ', 0 .. 9), 'sorted letters');

# Bits that vec() adds read as zero.
my $bits = '';
vec($bits, 8 * $size, 1) = 1;
is(length($bits), $size + 1, 'a bit far away');
is($bits =~ tr/\0//, $size, 'zeroes before it');
vec($bits, $_ * 1001, 1) = 1 for 0 .. 10_000;
is(unpack('%32b*', $bits), 10_002, 'bits counted');
undef $bits;
$bits = "\0" x $size;
is($bits =~ tr/\0//c, 0, 'nothing but zeroes');

# Wide characters make it grow, too.
my $wide = $text;
$wide =~ s/7/\x{263a}/g;
utf8::encode(my $octets = $wide);
is(length($octets), length($text) + 2 * ($text =~ tr/7//), 'encoded');
utf8::decode($octets);
is($octets, $wide, 'and decoded');
note('upper ', sha256_hex(uc(substr($text, 0, 500_000) . 'ab' x 300_000)));

# In files that are strings.
open(my $file, '+>', \my $buffer) or die;
print {$file} $text for 1 .. 3;
seek($file, length($text), 0);
local $/ = \100_003;
my $read = '';
while (my $part = <$file>) {
	$read .= $part;
}
is(sha256_hex($read), sha256_hex($text x 2), 'read back');

done_testing();
