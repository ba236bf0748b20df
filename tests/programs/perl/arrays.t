# SPDX-License-Identifier: MIT
#
# Arrays and hashes of 10^5 elements, in one process, in several, and in threads.
use strict;
use warnings;
use threads;
use Digest::SHA qw(sha256_hex);
use List::Util qw(max sum uniq);
use Test::More;

my $count = $ENV{PROGRAMS_FULL} ? 1_000_000 : 100_000;

my @numbers = (1);
push(@numbers, $numbers[-1] * 16807 % 2147483647) while @numbers < $count;
my @sorted = sort { $a <=> $b } @numbers;
note('sorted ', sha256_hex("@sorted"));
is(grep({ $sorted[$_] < $sorted[$_ - 1] } 1 .. $#sorted), 0, 'in order');
is(sum(@sorted), sum(@numbers), 'the same sum');
is(uniq(@numbers), $count, 'no number twice');
is(max(@numbers), $sorted[-1], 'the greatest');
is("@{[reverse sort { $b <=> $a } @numbers]}", "@sorted", 'reversed');

# As a queue, at both ends and in the middle.
my @queue;
for my $number (@numbers) {
	$number % 3 ? push(@queue, $number) : unshift(@queue, $number);
	shift(@queue) if $number % 5 == 0;
}
splice(@queue, $_ * 100, 50, 1 .. 60) for 1 .. 300;
note('queue ', scalar(@queue), ' ', sha256_hex("@queue"));
$#queue = 10;
$#queue = 2 * $count;
is(grep({ defined } @queue), 11, 'undefined beyond the end');

# Hashes: their buckets are one block, made anew when they double.
my %by_name = map { ("name $_" => $_) } @numbers;
is(keys(%by_name), $count, 'names');
is(sum(values(%by_name)), sum(@numbers), 'the sum of the values');
delete @by_name{map { "name $_" } grep { $_ % 2 } @numbers};
is(keys(%by_name), grep({ $_ % 2 == 0 } @numbers), 'half are deleted');
note('left ', sha256_hex(join(',', sort keys(%by_name))));
my %group;
push(@{$group{$_ % 1000}}, $_) for @numbers;
is(sum(map { scalar @$_ } values(%group)), $count, 'in groups');
keys(my %large) = 4 * $count;
$large{$_} = 1 for 1 .. 1000;
is(keys(%large), 1000, 'many buckets');

# A child has it all, and what it does to it is its own.
for my $round (1 .. 3) {
	pipe(my $from, my $to) or die;
	my $child = fork() // die;
	if (!$child) {
		close($from);
		@numbers = map { $_ ^ $round } @numbers;
		my $text = join(' ', @numbers);
		print {$to} sha256_hex($text);
		close($to);
		exec('true') or die;
	}
	close($to);
	my @mine = (@numbers) x 2;
	my $digest = do { local $/; <$from> };
	waitpid($child, 0);
	is($?, 0, 'a child ends well');
	is($digest, sha256_hex(join(' ', map { $_ ^ $round } @numbers)), 'and has what I have');
}

# Each thread starts with a copy of everything.
my @threads = map {
	my $factor = $_;
	threads->create(sub {
		my $text = '';
		$text .= join(',', map { $_ * $factor } @numbers) for 1 .. 3;
		return sha256_hex($text);
	});
} 1 .. 3;
my @digests = map { $_->join() } @threads;
for my $factor (1 .. 3) {
	is($digests[$factor - 1], sha256_hex(join(',', map { $_ * $factor } @numbers) x 3),
		"thread $factor");
}

done_testing();
