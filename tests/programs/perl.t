#!/bin/sh
# SPDX-License-Identifier: MIT
#
# perl: its test of the installation, which is all that is packaged of its tests, those
# in perl/ under prove, and programs that come with it, on its own large files.

# shellcheck disable=SC2317 # functions that both calls
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/programs/both.sh
. "$(dirname "$0")/both.sh"

# The order in hashes, which is random otherwise.
export PERL_HASH_SEED=0 PERL_PERTURB_KEYS=0
modules=$(echo /usr/share/perl/5.*.*)

# prove says how long it took.
normalise() {
	sed 's/^\(Files=[0-9]*, Tests=[0-9]*\),.*/\1/'
}

installation() {
	perlivp -v
}

proved() {
	prove -v "$programs/perl"
}

programs_of_perl() {
	mkdir in
	cp "$modules/unicore/Name.pl" "$modules/perl5db.pl" \
		"$modules/Unicode/Collate/allkeys.txt" in
	touch -d @1700000000 in/* in
	# Archives are kept as a whole.
	ptar -c -f files.tar in
	ptar -t -f files.tar
	rm -r in
	ptar -x -f files.tar
	ptar -c -z -f files.tar.gz in
	rm files.tar.gz
	shasum -a 512 in/* files.tar
	piconv -f UTF-8 -t UTF-16BE in/allkeys.txt | shasum
	pod2text in/perl5db.pl | shasum
	pod2man --date=now --release=5 --name=CPAN "$modules/CPAN.pm" | shasum
	podchecker "$modules/CPAN.pm"
	perl -MO=Deparse in/perl5db.pl | shasum
	corelist -v 5.36.0 | shasum
	seq -f '{"number": %.0f}' -s , 5000 | sed 's/^/[/; s/$/]/' | json_pp | shasum
	# A program of megabytes.
	awk 'BEGIN {
		for (i = 0; i < 20000; i++)
			printf "sub f%d { my $x = shift; return $x * %d + length(q(%0*d)); }\n", i, i, i % 90, i
		print "my $sum = 0; $sum += __PACKAGE__->can(\"f$_\")->($_) for 0 .. 19999; print \"$sum\\n\";"
	}' >many.pl
	perl -w many.pl
	perl -c many.pl
}

both 'perlivp' installation
both 'prove' proved
took perl allocated
both 'programs that come with it' programs_of_perl
took perl

done_testing
