# SPDX-License-Identifier: MIT
#
# Modules that come with perl and are written in C, there and back.
use strict;
use warnings;
use Compress::Raw::Bzip2;
use Compress::Zlib;
use Digest::MD5 qw(md5_hex);
use Digest::SHA qw(sha256_hex sha512_hex);
use Encode qw(decode encode);
use JSON::PP;
use MIME::Base64;
use MIME::QuotedPrint;
use Math::BigInt;
use Storable qw(dclone freeze thaw);
use Test::More;
use Unicode::Normalize;

my $full = $ENV{PROGRAMS_FULL};
my $size = $full ? 10_000_000 : 1_000_000;

is(md5_hex('a' x 1_000_000), '7707d6ae4e027c70eea2a935c2296f21', 'MD5 of a million letters');
is(sha512_hex(''), 'cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce'
	. '47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e', 'SHA-512 of nothing');

my $text = '';
my $state = 1;
while (length($text) < $size) {
	$state = $state * 16807 % 2147483647;
	$text .= $state % 5 ? chr(97 + $state % 26) : sprintf("%x\n", $state);
}
note('text ', sha256_hex($text));

for my $round (1 .. 3) {
	for my $level (1, 6, 9) {
		my $packed = compress($text x $round, $level);
		note("zlib $level ", length($packed), ' ', sha256_hex($packed));
		is(uncompress($packed), $text x $round, "zlib $level");
	}
	is(Compress::Zlib::memGunzip(Compress::Zlib::memGzip($text)), $text, 'gzip');
	my $bzip2 = Compress::Raw::Bzip2->new(1, 9);
	$bzip2->bzdeflate($text, my $packed) == BZ_RUN_OK or die;
	$bzip2->bzclose($packed) == BZ_STREAM_END or die;
	note('bzip2 ', sha256_hex($packed));
	my $bunzip2 = Compress::Raw::Bunzip2->new(1, 1);
	$bunzip2->bzinflate($packed, my $plain) == BZ_STREAM_END or die;
	is($plain, $text, 'bzip2');
}

is(decode_base64(encode_base64($text)), $text, 'base64');
is(decode_qp(encode_qp($text)), $text, 'quoted printable');
is(decode('UTF-16BE', encode('UTF-16BE', $text)), $text, 'UTF-16');
is(decode('UTF-32LE', encode('UTF-32LE', $text)), $text, 'UTF-32');
is(decode('iso-8859-1', encode('iso-8859-1', $text)), $text, 'Latin 1');
my $accents = "\x{e9}\x{fc}\x{1e69}\x{ac00}" x ($size / 20);
is(NFC(NFD($accents)), $accents, 'normal forms');
cmp_ok(length(NFD($accents)), '>', 1.9 * length($accents), 'longer when taken apart');

my $tree = { map { ($_ => [$_, { text => substr($text, $_, 50), list => [1 .. $_ % 30] }]) }
	1 .. $size / 200 };
my $frozen = do { local $Storable::canonical = 1; freeze($tree) };
note('frozen ', length($frozen), ' ', sha256_hex($frozen));
is_deeply(thaw($frozen), $tree, 'thawed');
is_deeply(dclone($tree), $tree, 'cloned');
my $json = JSON::PP->new->canonical;
my $part = { map { ($_ => $tree->{$_}) } 1 .. 300 };
is_deeply($json->decode($json->encode($part)), $part, 'JSON');

my $power = Math::BigInt->new(3)->bpow($full ? 30_000 : 8_000);
note('power ', $power->length(), ' ', sha256_hex($power->bstr()));
is($power->copy()->bdiv(Math::BigInt->new(3)->bpow(5_000))->bstr(),
	Math::BigInt->new(3)->bpow($full ? 25_000 : 3_000)->bstr(), 'a long number divided');

done_testing();
