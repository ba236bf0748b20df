#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The allocator in place of malloc(3), by LD_PRELOAD: alone and before other
# allocators, in programs that make life hard for it. Needs the library beside
# tam, compilers for C and C++, and the other allocators.

# shellcheck disable=SC2016,SC2030,SC2031 # shells in between expand; meant for a while
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

LC_ALL=C
export LC_ALL
unset LD_PRELOAD MALLOC_ARENA_MAX GLIBC_TUNABLES TAMALLOC_REPORT TAMALLOC_DECAY \
	TAMALLOC_BACKGROUND TAMALLOC_CACHE TAMALLOC_THRESHOLD TAMALLOC_HUGE_PAGES
here=$(cd "$(dirname "$0")" && pwd)
library=$(dirname "$(realpath "$(command -v tam)")")/libtamalloc-preload.so
ok 'the library is beside tam' [ -r "$library" ]

# build NAME OPTION...: from a file of this directory
build() {
	name=$1
	shift
	case $name in
	*.cc) "${CXX:-c++}" -std=c++17 -O2 -Wall -Wextra -o "$scratch/${name%.cc}" "$here/preload/$name" "$@" ;;
	*) "${CC:-cc}" -std=gnu11 -O2 -Wall -Wextra -Wno-use-after-free -Wno-alloc-size-larger-than \
		-o "$scratch/${name%.c}" "$here/preload/$name" "$@" ;;
	esac
}

ok 'programs of the test' build calls.c -pthread
ok '... in C++' build operators.cc
for name in descriptors load blocks usable names info perturb pointers sizes wrappers; do
	ok "... $name" build $name.c
done
ok '... lend' build lend.c -pthread
ok '... absent' build absent.c -pthread -fno-builtin
ok '... faults' build faults.c -pthread -fno-builtin
ok '... filter' build filter.c
for name in begin noisy tracer own; do
	ok "... the library $name" build $name.c -shared -fPIC
done
ok '... with an allocator of its own' build own.c -c -o "$scratch/own.o"
ok '... in C++, too' build operators.cc "$scratch/own.o" -o "$scratch/own-operators"
ok '... with operators of its own' build replaced.cc
ok '... that loads what is in C++' build host.c -rdynamic
ok '... with an allocator of its own' build host.c "$scratch/own.o" -rdynamic -o "$scratch/own-host"
ok 'what is in C++' build plugin.cc -shared -fPIC -o "$scratch/plugin.so"
ok '... with the C++ library in it' build plugin.cc -shared -fPIC -static-libstdc++ \
	-static-libgcc -o "$scratch/plugin-static.so"
cd "$scratch" || exit

# with [LIBRARY...] -- COMMAND...: these are preloaded
with() {
	preload=
	while [ "$1" != -- ]; do
		preload="$preload $1"
		shift
	done
	shift
	env LD_PRELOAD="${preload# }" "$@" 2>&1
}

# The functions, and who comes next

directory=$(dirname "$(ldconfig -p | sed -n 's/.*=> //p' | grep -m 1 '/libjemalloc\.so\.2$')")
is 'alone' "$(with "$library" -- ./calls ours)" well
is 'C++ alone' "$(with "$library" -- ./operators)" well
for next in libjemalloc.so.2 libmimalloc.so.2 libtcmalloc_minimal.so.4; do
	ok "$next is there" [ -r "$directory/$next" ]
	is "before $next" "$(with "$library" "$directory/$next" -- ./calls ours)" well
	is "C++ before $next" "$(with "$library" "$directory/$next" -- ./operators $next)" well
	is "it is used by the program: $next" "$(with "$library" "$directory/$next" -- \
		grep -c -m 1 "$next" /proc/self/maps)" 1
done
is 'with a limit on address space' "$( (ulimit -v 4000000 && with "$library" -- ./calls ours))" well

# What is cached is there for others, and while a program is idle

for way in limited trim idle threads; do
	is "the test of lending is right without ours: $way" "$(with -- ./lend $way)" well
	is "what is cached is lent or given back: $way" "$(with "$library" -- ./lend $way)" well
	is '... before another allocator' \
		"$(with "$library" "$directory/libmimalloc.so.2" -- ./lend $way)" well
done

# Filters of system calls that kill

for way in prctl seccomp syscall; do
	for warm in '' warm; do
		is "the test of filters is right without ours: $way $warm" \
			"$(with -- ./filter $way $warm)" well
		is "a filter by $way $warm" "$(with "$library" -- ./filter $way $warm)" well
	done
done
is 'the test of filters is right without ours: inherited' "$(with -- ./filter inherited)" well
is 'a filter that the program was started with' "$(with "$library" -- ./filter inherited)" well
is '... all is allowed' "$(with "$library" -- env TAMALLOC_LOOK=1 ./filter prctl | grep -c well)" 0
is '... nothing is, and a filter' "$(with "$library" -- env TAMALLOC_LOOK=0 ./filter prctl warm)" well

# What programs do to the mappings of their blocks

ok 'the program changes' build changes.c
kinds=$(./changes)
ok 'there are kinds of change' [ "$kinds" -ge 20 ]
kind=0
while [ "$kind" -lt "$kinds" ]; do
	# Huge pages that the allocator asks for itself are not somebody else's.
	is "kind $kind ends with the block" \
		"$(TAMALLOC_HUGE_PAGES=0 with "$library" -- ./changes "$kind")" well
	is '... and free writes nothing there' "$(TAMALLOC_HUGE_PAGES=0 MALLOC_PERTURB_=165 \
		with "$library" -- ./changes "$kind")" well
	kind=$((kind + 1))
done

is 'what is not to be in children is nobody s there' "$(with "$library" -- ./absent)" well
ok 'a handler of a signal' build handler.c
is '... changes them whatever it has interrupted' "$(with "$library" -- timeout 60 ./handler)" well

# What is the program's own stays so

is 'a program with an allocator' "$(with "$library" -- ./own-operators)" well
is '... loaded before it, without operators' "$(with ./own "$library" -- ./operators)" well
is '... and nothing is ours then' "$(env LD_PRELOAD="./own $library" TAMALLOC_REPORT="$scratch/none" \
	sh -c ': >"$TAMALLOC_REPORT"; ./operators; sed "s/.* \(blocks=[0-9]*\) .*/\1/" "$TAMALLOC_REPORT"' |
	sort | uniq | tr '\n' ' ')" 'blocks=0 well '
is 'a program with some of the operators' "$(with "$library" -- ./replaced)" well
is 'the C library s other names' "$(with "$library" -- ./names)" well
is '... where a library stands between' "$(with "$library" ./tracer -- ./names | sort)" 'traced: few
well'

# A library in C++ in a program in C

for plugin in plugin plugin-static; do
	is "$plugin" "$(with "$library" -- ./host "./$plugin.so")" well
	is "$plugin: a constructor that waits for a thread" \
		"$(with "$library" -- env HOLD=1 ./host "./$plugin.so")" well
	is "$plugin: and an allocator of the program's own" \
		"$(with "$library" -- ./own-host "./$plugin.so")" well
	is "$plugin: before another allocator" "$(with "$library" "$directory/libjemalloc.so.2" -- \
		env HOLD=1 ./host "./$plugin.so")" well
done
is 'no call of ours can be taken over' "$(readelf -rW "$library" | sed -n \
	's/.* \([a-z_A-Z][a-z_A-Z0-9]*\)\(@.*\)\{0,1\} + 0$/\1/p' | grep -Ex \
	'(__libc_)?(m|c|re|v|pv|aligned_)alloc|(__libc_)?c?free|(posix_|__libc_)?memalign|reallocarray|malloc_.*|mallinfo2?|_Z[nd][al].*|dlopen')" ''
is 'nor can anybody write where functions are found' \
	"$(with "$library" -- ./pointers libtamalloc-preload)" 0
is '... of which all are found at the start' "$(readelf -dW "$library" | grep -c 'FLAGS.*BIND_NOW')" 1

# What the C library tells, and does on demand

is 'usable bytes, and no address space' "$(with "$library" -- ./usable)" well
is '... with a high threshold' "$(with "$library" -- env TAMALLOC_THRESHOLD=4194304 ./usable)" well
is 'the test of what it tells is right without ours' "$(with -- ./info)" well
is 'what the C library tells' "$(with "$library" -- ./info ours)" well
is 'the test of MALLOC_PERTURB_ is right without ours' \
	"$(with -- env MALLOC_PERTURB_=165 GLIBC_TUNABLES=glibc.malloc.mmap_threshold=1000000000 ./perturb set)" well
is 'MALLOC_PERTURB_' "$(with "$library" -- env MALLOC_PERTURB_=165 ./perturb set ours)" well
is '... as a tunable' "$(with "$library" -- env GLIBC_TUNABLES=glibc.malloc.perturb=0xa5 ./perturb set ours)" well
for bad in '' x 256 -1 165x 0; do
	is "... no such value: '$bad'" "$(with "$library" -- env MALLOC_PERTURB_="$bad" ./perturb unset)" well
done
is '... of all that calls do' "$(with "$library" -- env MALLOC_PERTURB_=1 ./calls ours)" well
kept() {
	with "$library" -- env TAMALLOC_THRESHOLD="$1" ./sizes "$2" "$3"
}
ok 'of what is below a threshold of 64 MiB, less than 70 MiB is kept' \
	[ "$(kept 67108864 400 1000000)" -lt 71680 ]
ok '... of 8 MiB' [ "$(kept 8388608 400 1000000)" -lt 71680 ]
ok '... of 256 KiB, less than 8 MiB' [ "$(kept 262144 4000 100000)" -lt 8192 ]

# Early and late

is 'a constructor that allocates, a destructor that frees' \
	"$(with "$library" ./begin -- ./blocks 3 3000000)" ended
is '... loaded before it' "$(with ./begin "$library" -- ./blocks 3 3000000)" ended
is '... in the program that does so itself' "$(with "$library" ./begin -- ./calls ours | sort)" 'ended
well'
is 'a dlsym that allocates' "$(with ./noisy "$library" -- ./calls ours)" well
is '... and another allocator' \
	"$(with ./noisy "$library" "$directory/libjemalloc.so.2" -- ./calls ours)" well
is 'a library before it that passes calls on' "$(with ./tracer "$library" -- ./operators | sort)" 'traced: many
well'
is 'all of them' "$(with ./tracer "$library" ./begin "$directory/libmimalloc.so.2" -- \
	./calls ours | sort)" 'ended
traced: many
well'
is 'a library that is unloaded, and its blocks' \
	"$(with "$library" -- ./load "$scratch/begin" | grep -v ended)" well
is 'loaded and unloaded by the program' "$(with -- ./load "$library")" well
is '... which has it already' "$(with "$library" -- ./load "$library")" well
ok 'descriptors' with "$library" -- ./descriptors
is 'a program that answers first touches' "$(with "$library" -- ./faults)" well
is 'functions by the names of system calls' "$(with "$library" -- ./wrappers)" well
is '... all calls may be made' "$(with "$library" -- env TAMALLOC_LOOK=1 ./wrappers)" well
is 'a shell, and what it starts' \
	"$(with "$library" -- sh -c 'seq 100000 | sort -rn | head -n 2 | tr "\n" " "')" '100000 99999 '

# Misuse: one line that names function and pointer, and SIGABRT

for what in twice inside; do
	with "$library" -- ./blocks 1 3000000 $what >out
	is "$what: one line that names function and pointer, and SIGABRT" \
		"$(sed 's/: this .*/: this .../' out)" \
		"$(sed -n 1p out)
tamalloc: free($(sed -n 1p out)): this ...
signal 6"
done

# The report

report=$scratch/report
line='^tamalloc 1 pid=[0-9]+ command=[^ ]+ blocks=[0-9]+ allocated=[0-9]+ zeroed=[0-9]+ skipped=[0-9]+ dropped=[0-9]+ faults=[0-9]+ peak=[0-9]+$'

# reported [NAME=VALUE...] COMMAND...: what the program reports
reported() {
	: >"$report"
	env LD_PRELOAD="$library" TAMALLOC_REPORT="$report" "$@"
	cat "$report"
}

# value FIELD: of each line of the last report
value() {
	sed -n "s/.* $1=\\([^ ]*\\).*/\\1/p" "$report"
}

matches 'its form' "$(reported ./blocks 10 1048576)" "$line"
is 'blocks' "$(value blocks)" 10
is 'allocated' "$(value allocated)" 10485760
is 'zeroed and skipped' $(($(value zeroed) + $(value skipped))) 10485760
ok 'a tenth was zeroed, at most' [ "$(value zeroed)" -le 1100000 ]
is 'command' "$(value command)" blocks
ok 'peak' [ "$(value peak)" -ge 500000 ]
ok 'faults' [ "$(value faults)" -ge 20 ]
is 'small blocks are not counted' "$(reported ./blocks 10 1000 >/dev/null && value blocks)" 0
cp blocks 'two words \ and
a line'
reported './two words \ and
a line' 1 1048576 >/dev/null
is 'a name with all that is special' "$(value command)" 'two\040words\040\134\040and\012a\040line'
is '... is one line' "$(wc -l <"$report")" 1
matches 'the child of a fork has its own figures' "$(reported ./blocks 5 1048576 fork)" "$line"
is '... before its parent' "$(value blocks | tr '\n' ' ')" '1 5 '
is '... and its own pid' "$(value pid | sort -u | wc -l)" 2
is 'exec begins anew, and reports once' "$(reported ./blocks 5 1048576 exec | wc -l)" 1
is '_exit reports nothing' "$(reported ./blocks 5 1048576 _exit)" ''
is 'the program may go elsewhere' "$(reported ./blocks 5 1048576 chdir | wc -l)" 1
: >"$report"
env LD_PRELOAD="$library" TAMALLOC_REPORT=report ./blocks 5 1048576 chdir
is '... with a relative name, too' "$(value blocks)" 5
: >"$report"
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	env LD_PRELOAD="$library" TAMALLOC_REPORT="$report" ./blocks "$i" 1048576 &
done
wait
is 'lines of many at once are whole' "$(grep -c -E "$line" "$report") $(value blocks | sort -n | tr '\n' ' ')" \
	"20 $(seq 20 | tr '\n' ' ')"

rm "$report"
is 'a file that is not there is not made' \
	"$(with "$library" -- env TAMALLOC_REPORT="$report" ./blocks 5 1048576; ls "$report" 2>&1 | wc -l)" 1
is 'nor is one that cannot be written a reason to fail' \
	"$(with "$library" -- env TAMALLOC_REPORT=/proc/version ./blocks 5 1048576; echo $?)" 0
echo mine >file
env LD_PRELOAD="$library" TAMALLOC_REPORT=file/report ./blocks 5 1048576
env LD_PRELOAD="$library" TAMALLOC_REPORT=./file/../report ./blocks 5 1048576
is 'another file stays as it is' "$(cat file)" mine
mkfifo fifo
is 'a FIFO is not waited for' "$(with "$library" -- \
	timeout 20 env TAMALLOC_REPORT=fifo ./blocks 5 1048576; echo $?)" 0
(timeout 20 cat fifo >read 2>&1; echo "$?" >>read) &
while ! [ -e read ]; do sleep 0.1; done
is '... which somebody reads' "$(with "$library" -- \
	timeout 20 env TAMALLOC_REPORT=fifo ./blocks 5 1048576; echo $?)" 0
# Who opens it ends the wait of the reader, unless that has gone.
timeout 20 sh -c ': >fifo'
wait
is '... nor written to' "$(cat read)" 0
echo mine >file
ln -s file link
env LD_PRELOAD="$library" TAMALLOC_REPORT="$scratch/link" ./blocks 5 1048576
env LD_PRELOAD="$library" TAMALLOC_REPORT=link ./blocks 5 1048576
is 'a link is not followed' "$(cat file)" mine
: >"$report"
mkdir -p below
env LD_PRELOAD="$library" TAMALLOC_REPORT=below/../report ./blocks 5 1048576 chdir
is 'a name with a directory in it' "$(value blocks)" 5
is 'a limit on the size of files ends nothing' "$(
	: >"$report"
	ulimit -f 0
	env LD_PRELOAD="$library" TAMALLOC_REPORT="$report" ./blocks 5 1048576
	echo $?
)" 0
is 'an empty name' "$(with "$library" -- env TAMALLOC_REPORT= ./blocks 5 1048576; echo $?)" 0
is 'a name that is too long' "$(with "$library" -- env TAMALLOC_REPORT="$(printf %09000d 0)" \
	./blocks 5 1048576; echo $?)" 0

# Settings

blocks_with() {
	reported "$@" >/dev/null
	value blocks
}
is 'blocks of 100,000 bytes are small' "$(blocks_with ./blocks 7 100000)" 0
is 'TAMALLOC_THRESHOLD' "$(blocks_with TAMALLOC_THRESHOLD=65536 ./blocks 7 100000)" 7
is '... more' "$(blocks_with TAMALLOC_THRESHOLD=10000000 ./blocks 7 1048576)" 0
for bad in 1 65535 2000000000 -65536 +65536 ' 65536' '65536 ' 65536k 0x10000 64KiB '' many \
	99999999999999999999999; do
	is "a bad threshold is ignored: '$bad'" \
		"$(blocks_with TAMALLOC_THRESHOLD="$bad" ./blocks 7 100000)" 0
done
for bad in -1 2 1001 3600001 x '' 1.5 99999999999999999999999; do
	is "bad settings are ignored: '$bad'" "$(with "$library" -- env TAMALLOC_CACHE="$bad" \
		TAMALLOC_HUGE_PAGES="$bad" TAMALLOC_BACKGROUND="$bad" ./blocks 5 1048576 threads |
		sed "s/^[12]\$/well/")" well
done
is 'no thread' "$(with "$library" -- ./blocks 5 1048576 threads)" 1
is 'a thread with TAMALLOC_BACKGROUND' \
	"$(with "$library" -- env TAMALLOC_BACKGROUND=1 ./blocks 5 1048576 threads)" 2
is 'it is in nobody s way' "$(with "$library" -- env TAMALLOC_BACKGROUND=1 TAMALLOC_DECAY=10 \
	./calls ours)" well
is 'other settings' "$(with "$library" -- env TAMALLOC_DECAY=0 TAMALLOC_CACHE=0 \
	TAMALLOC_HUGE_PAGES=0 TAMALLOC_THRESHOLD=65536 ./calls ours)" well
is '... and others' "$(with "$library" -- env TAMALLOC_DECAY=3600000 TAMALLOC_CACHE=1000 \
	./calls ours)" well
done_testing
