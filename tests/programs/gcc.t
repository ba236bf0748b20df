#!/bin/sh
# SPDX-License-Identifier: MIT
#
# gcc, as and ld on sources of some megabytes: tables, functions, one function that is
# very long, C++ with a precompiled header, optimisation at link time. The compiler,
# a process of its own each time, puts large blocks into its hash tables and vectors.

# shellcheck disable=SC2317 # functions that both calls
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/programs/both.sh
. "$(dirname "$0")/both.sh"

scale=${PROGRAMS_FULL:+5}
scale=${scale:-1}

awk -v scale="$scale" 'BEGIN {
	print "const unsigned int table[] = {"
	state = 1
	for (i = 0; i < 60000 * scale; i++) {
		state = (state * 16807) % 2147483647
		printf "%uu,%s", state, (i % 8 == 7 ? "\n" : " ")
	}
	print "};\nconst unsigned int table_size = sizeof(table) / sizeof(*table);"
	print "const char *const names[] = {"
	for (i = 0; i < 10000 * scale; i++)
		printf "\"name of %d\",\n", i * 7
	print "};"
}' >"$input/table.c"

awk -v scale="$scale" 'BEGIN {
	print "extern const unsigned int table[], table_size;"
	for (i = 0; i < 120 * scale; i++) {
		printf "struct s%d { int a; long b[%d]; struct s%d *next; };\n", i, i % 9 + 1, i
		printf "unsigned int f%d(unsigned int x, struct s%d *s)\n{\n", i, i
		printf "\tfor (unsigned int i = 0; i < x %% %d; i++) {\n", i % 13 + 2
		printf "\t\tx = x * %du + table[(x ^ i) %% table_size];\n", i * 2 + 1
		printf "\t\tif (s && s->next)\n\t\t\tx += s->next->a + (unsigned int)s->b[%d];\n", i % 9
		print  "\t}"
		printf "\treturn x ^ %du;\n}\n", i * 31
	}
	print "unsigned int all(unsigned int x)\n{"
	for (i = 0; i < 120 * scale; i++)
		printf "\tx = f%d(x, 0);\n", i
	print "\treturn x;\n}"
}' >"$input/functions.c"

awk -v scale="$scale" 'BEGIN {
	print "unsigned int step(unsigned int x, unsigned int n)\n{\n\twhile (n--)\n\t\tswitch (x % 1024) {"
	for (i = 0; i < 1024; i++)
		printf "\t\tcase %d: x = x * %du + %du; %s\n", i, i * 4 + 1, i * 77 + 3,
			i % 3 ? "break;" : "/* fallthrough */"
	print "\t\t}\n\treturn x;\n}"
}' >"$input/long.c"

# Names for the tables of as and ld.
awk -v scale="$scale" 'BEGIN {
	print "\t.data"
	for (i = 0; i < 40000 * scale; i++)
		printf "\t.globl label_number_%d\nlabel_number_%d:\t.quad label_number_%d\n",
			i, i, i * 7 % (40000 * scale)
	print "\t.section .note.GNU-stack,\"\",@progbits"
}' >"$input/labels.s"

cat >"$input/main.c" <<-'EOF'
	#include <stdio.h>
	unsigned int all(unsigned int x);
	unsigned int step(unsigned int x, unsigned int n);
	extern const char *const names[];
	int main(void)
	{
		printf("%u %u %s\n", all(1), step(1, 100000), names[1234]);
		return 0;
	}
EOF

printf '#include <algorithm>\n#include <map>\n#include <string>\n#include <vector>\n' \
	>"$input/all.h"
cat >"$input/templates.cc" <<-'EOF'
	#include "all.h"
	#include <cstdio>
	template <int N> struct number : number<N - 1> {
		std::map<std::string, std::vector<long>> map;
		long sum(long x) { map[std::to_string(x + N)].push_back(N); return number<N - 1>::sum(x + N); }
	};
	template <> struct number<0> { long sum(long x) { return x; } };
	int main()
	{
		number<60> n;
		std::printf("%ld %zu\n", n.sum(1), n.map.size());
	}
EOF

compile() {
	cp "$input"/* .
	gcc -O0 -g -c table.c
	gcc -O2 -g -c functions.c
	gcc -O1 -c long.c
	gcc -O2 -c main.c
	gcc -c labels.s
	gcc -o program table.o functions.o long.o main.o labels.o
	./program
	gcc -O1 -S -pipe -fverbose-asm functions.c
	gcc -E -dD main.c | sha256sum
}

plus_plus() {
	cp "$input"/* .
	# The header is read back to the addresses that it was written from.
	g++ -std=gnu++17 -O1 -g all.h
	g++ -std=gnu++17 -O1 -g -Winvalid-pch -c templates.cc
	g++ -o program templates.o
	./program
	# It holds addresses.
	rm all.h.gch
}

at_link_time() {
	cp "$input"/*.c .
	for file in table functions main; do
		gcc -O2 -flto -frandom-seed="$file" -c "$file.c"
	done
	gcc -O1 -c long.c
	gcc -O2 -flto=2 -frandom-seed=program -o program ./*.o
	./program
}

both 'C' compile
took cc1
took as
took ld
both 'C++' plus_plus
took cc1plus
both 'at link time' at_link_time
took cc1
took lto1

done_testing
