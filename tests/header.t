#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The header of the library compiles alone, in each language and for each
# compiler that is there, and beside the header of the kernel. Needs gcc and
# g++ for all ABIs of the machine; clang is tested where it is installed.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$(dirname "$0")/.." || exit 1

# Nothing before the header, and everything that it defines is used.
unit() {
	for header; do
		echo "#include <$header>"
	done
	cat <<-'EOF'
		int use(struct tamalloc_process *process, struct tamalloc_total *total,
			struct tamalloc_region *region, struct tamalloc_system *limits,
			struct tamalloc_statistics *done);
		int use(struct tamalloc_process *process, struct tamalloc_total *total,
			struct tamalloc_region *region, struct tamalloc_system *limits,
			struct tamalloc_statistics *done)
		{
			const uint64_t all[] = {
	EOF
	sed -n 's/^#define \(TAMALLOC_[A-Z_]*\)[ 	].*/				\1,/p' include/tamalloc.h
	cat <<-'EOF'
				0
			};

			if (tamalloc_set_backend(TAMALLOC_AUTO) || !tamalloc_version())
				return 1;
			if (tamalloc_set(TAMALLOC_DECAY, 0) ||
			    tamalloc_statistics(done, sizeof(*done)))
				return 1;
			tamfree(tamrealloc(tamalloc(1), 2));
			return process->command[0] && total->memory && region->name &&
			       limits->open_files && done->blocks && all[0];
		}
	EOF
}
unit tamalloc.h >"$scratch/alone.c"
unit linux/tamalloc.h tamalloc.h >"$scratch/after.c"
unit tamalloc.h linux/tamalloc.h >"$scratch/before.c"
for name in alone after before; do
	cp "$scratch/$name.c" "$scratch/$name.cc"
done

# compiles NAME COMPILER OPTION...
compiles() {
	compiles_name=$1
	shift
	ok "$compiles_name: $*" "$@" -Wall -Wextra -Werror -Iinclude -Iinclude/uapi \
		-c -o "$scratch/object" "$scratch/$compiles_name"
}

for compiler in gcc clang; do
	command -v "$compiler" >/dev/null || [ "$compiler" = gcc ] || continue
	for standard in c99 c11 gnu11; do
		compiles alone.c "$compiler" -std="$standard" -pedantic
	done
	compiles after.c "$compiler" -std=c99 -pedantic
	compiles before.c "$compiler" -std=c99 -pedantic
done
for compiler in g++ clang++; do
	command -v "$compiler" >/dev/null || [ "$compiler" = g++ ] || continue
	# The constants are long long, which C++ has had since 2011 only.
	compiles alone.cc "$compiler" -std=c++98 -pedantic -Wno-long-long
	compiles alone.cc "$compiler" -std=c++17 -pedantic
	compiles after.cc "$compiler" -std=c++17 -pedantic
	compiles before.cc "$compiler" -std=c++17 -pedantic
done
for abi in -m32 -mx32; do
	compiles alone.c gcc -std=c99 -pedantic "$abi"
done

# What the compiler is told of blocks: their size and alignment are known, so that these
# functions, which there are not, are called by nobody.
cat >"$scratch/known.c" <<'EOF'
#include <stdlib.h>
#include <tamalloc.h>

void size_is_not_known(void);
void alignment_is_not_known(void);

static size_t known(void *block)
{
	return __builtin_object_size(block, 0);
}

int main(void)
{
	char *block = (char *)tamalloc(100), *aligned = (char *)tamalloc_aligned(256, 300);

	if (known(block) != 100 || known(aligned) != 300)
		size_is_not_known();
	if ((uintptr_t)aligned & 255)
		alignment_is_not_known();
	tamfree(aligned);
	block = (char *)tamrealloc(block, 200);
	if (known(block) != 200)
		size_is_not_known();
	tamfree(block);
	return 0;
}
EOF
cp "$scratch/known.c" "$scratch/known.cc"
# knows NAME COMPILER
knows() {
	ok "$1: $2" "$2" -Wall -Wextra -Werror -O2 -Iinclude -c -o "$scratch/object" "$scratch/$1"
	is "$1: $2: size and alignment are known" "$(nm -u "$scratch/object" | grep known)" ''
}
knows known.c gcc
knows known.cc g++
! command -v clang >/dev/null || knows known.c clang
! command -v clang++ >/dev/null || knows known.cc clang++

# warns NAME WARNING STATEMENTS: gcc says what is wrong with them.
warns() {
	cat >"$scratch/wrong.c" <<-EOF
		#include <stdlib.h>
		#include <string.h>
		#include <tamalloc.h>
		void use(char *block);
		void wrong(char *block);
		void wrong(char *block)
		{
			use(block);
			$3
		}
	EOF
	matches "gcc warns: $1" "$(gcc -Wall -Wextra -O2 -Iinclude -c -o "$scratch/object" \
		"$scratch/wrong.c" 2>&1)" "\\[-W$2=?\\]"
}
warns 'more than there is' alloc-size-larger-than 'use(tamalloc((size_t)-1));'
warns 'writing over the end' '(stringop-overflow|array-bounds)' 'block = tamalloc(10); memset(block, 1, 11); use(block);'
# Since 11 and 12.
if [ "$(gcc -dumpversion | cut -d . -f 1)" -ge 12 ]; then
	warns "free() of a block" mismatched-dealloc 'block = tamalloc(10); use(block); free(block);'
	warns 'tamfree() of what is none' mismatched-dealloc \
		'block = malloc(10); use(block); tamfree(block);'
	warns 'use after tamfree()' use-after-free 'tamfree(block); use(block);'
	warns 'use after tamrealloc()' use-after-free 'use(tamrealloc(block, 10)); use(block);'
fi
cat >"$scratch/right.c" <<'EOF'
#include <tamalloc.h>
int main(void)
{
	tamfree(tamrealloc(tamrealloc(tamalloc_aligned(64, 10), 20), 30));
	tamfree(tamrealloc(tamalloc(10), 0));
	return !tamalloc_reserve(1);
}
EOF
is 'and not of what is right' \
	"$(gcc -Wall -Wextra -O2 -Iinclude -c -o "$scratch/object" "$scratch/right.c" 2>&1)" ''

# What fortification sees when the program runs.
cat >"$scratch/over.c" <<'EOF'
#include <string.h>
#include <tamalloc.h>

int main(int argc, char **argv)
{
	volatile size_t more = 11;
	char *block = tamalloc(10);

	memset(block, argc, more);
	return block[0] == argv[0][0];
}
EOF
ok 'a program that is fortified' gcc -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -O2 -Wall -Iinclude \
	-o "$scratch/over" "$scratch/over.c" build/libtamalloc.a -pthread
is 'ends when it writes over the end' "$("$scratch/over" 2>&1 | grep -c 'buffer overflow')" 1

# A compiler without attributes.
ok 'without attributes' sh -c "gcc -E -P -Iinclude include/tamalloc.h |
	sed 's/__attribute__ *((.*))//' >'$scratch/bare.c' &&
	gcc -std=c99 -Wall -Wextra -Werror -fsyntax-only '$scratch/bare.c'"
is 'the macros for them do not stay' \
	"$(gcc -E -dM -Iinclude include/tamalloc.h | grep 'define tamalloc')" ''

# A C++ program asks for the same names as a C program.
g++ -Iinclude -c -o "$scratch/object" "$scratch/alone.cc"
is 'the functions have C linkage' \
	"$(nm -u "$scratch/object" | awk '{ print $2 }' | grep tam | LC_ALL=C sort)" \
	"tamalloc
tamalloc_set
tamalloc_set_backend
tamalloc_statistics
tamalloc_version
tamfree
tamrealloc"

done_testing
