# SPDX-License-Identifier: MIT
#
# Tests of the user programs, and the programs that they need. To be included
# from the top directory, after tam/tam.mk.
#
# The shell tests are scripts that print TAP. They find tam and the helpers on
# PATH and what else they need beside themselves.

# The command, the same on a kernel with the system calls, on one where a filter
# hides them, and on that of the machine at hand.
TESTS_TAM := tests/tam-usage.t tests/tam-total.t tests/tam-ps.t tests/tam-columns.t \
	tests/tam-alloc.t tests/tam-map.t tests/tam-doctor.t tests/tam-terminal.t \
	tests/tam-top.t tests/tam-oom.t
# Of the machine at hand only: they need what the virtual one has not.
TESTS_HOST := $(TESTS_TAM) tests/tam-absent.t tests/tam-export.t \
	tests/tam-documents.t tests/library-documents.t tests/tam-run.t tests/preload.t
# A kernel with the system calls, by vm/run.
TESTS_GUEST := $(TESTS_TAM) tests/tam-calls.t build/tests/historical build/tests/agree \
	build/tests/sight build/tests/blocks build/tests/unit/lib-allocate \
	build/tests/unit/lib-allocate-move
# What of them exercises the kernel: for one that checks itself, many times slower,
# and for another version.
TESTS_GUEST_KERNEL := tests/tam-total.t tests/tam-ps.t tests/tam-alloc.t \
	build/tests/historical build/tests/agree build/tests/sight build/tests/blocks \
	build/tests/unit/lib-allocate-move
# A kernel built without them.
TESTS_GUEST_OFF := tests/tam-usage.t tests/tam-off.t

TESTS_HELPERS := $(addprefix build/tests/,agree become blocks by-reading historical noise pty \
	refuse screen share sight small-pages)
TESTS_UNIT := $(patsubst tests/unit/%.c,build/tests/unit/%,$(wildcard tests/unit/*.c))

# What the virtual machine needs for them beside tam: for vm/run --add.
TESTS_GUEST_FILES := tests/tap.sh $(wildcard tests/expected/*) \
	$(sort $(TESTS_GUEST) $(TESTS_GUEST_OFF)) $(addprefix build/tests/,become by-reading pty refuse screen share small-pages) \
	$(firstword $(wildcard $(addsuffix /x/xterm-xfree86,/lib/terminfo /usr/share/terminfo))) \
	$(firstword $(wildcard $(addsuffix /strace,/usr/bin /bin)))

TESTS_CFLAGS = -std=gnu11 -D_GNU_SOURCE -Wall -Wextra $(WERROR)

.PHONY: tests
tests: $(TESTS_HELPERS) $(TESTS_UNIT) build/tests/oom

# Static: the guest has no library but those that tam brings along.
$(TESTS_HELPERS): build/tests/%: tests/%.c | build/tests
	$(CC) -Iinclude -Iinclude/uapi $(TESTS_CFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) -static \
		-o $@ $(filter %.c %.a,$^) $(TESTS_HELPER_LIBS)

build/tests/agree build/tests/blocks build/tests/sight: $(LIB_STATIC)
# Makes memory run out: for the lanes VERSION-oom.
build/tests/oom: $(wildcard tests/oom/*.c) tests/oom/oom.h | build/tests
	$(CC) $(TESTS_CFLAGS) $(CFLAGS) $(LDFLAGS) -static -o $@ $(filter %.c,$^)

build/tests/screen: TESTS_HELPER_LIBS = -lvterm -lutil

# Each with the file of tam that it tests: those under test print nothing.
build/tests/unit/%: tests/unit/%.c build/tam.d/%.o | build/tests/unit
	$(CC) -Itam -Iinclude -Iinclude/uapi $(TESTS_CFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) \
		-o $@ $(filter %.c %.o %.a,$^) $(TESTS_LIBS)

build/tests/unit/%: TESTS_LIBS = -lcmocka
build/tests/unit/layout: build/tam.d/text.o
build/tests/unit/json build/tests/unit/csv: build/tam.d/text.o
build/tests/unit/json: build/tam.d/size.o
build/tests/unit/cell: build/tam.d/size.o build/tam.d/text.o
build/tests/unit/oom-report build/tests/unit/groups: $(addprefix build/tam.d/,columns.o \
	filter.o order.o rows.o text.o users.o) $(LIB_STATIC)

build/tests build/tests/unit:
	mkdir -p $@

-include $(TESTS_HELPERS:=.d) $(TESTS_UNIT:=.d)
