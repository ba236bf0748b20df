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
