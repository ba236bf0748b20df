# SPDX-License-Identifier: MIT

# KERNEL: 6.1, 6.12 or a tree's path, for run. KERNELS: the same, a list, for
# the tests.
KERNELS ?= 6.12 6.1
export KERNEL KERNELS
CFLAGS ?= -O2 -g -Wall -Wextra

.PHONY: all
all: build/tam lib

include lib/lib.mk
include tam/tam.mk
include tests/tests.mk
include tests/unit/lib.mk
include tests/fuzz/fuzz.mk
include tests/fuzz-blocks/fuzz-blocks.mk
include tests/sanitize.mk
include bench/bench.mk
include po/po.mk
include packaging/install.mk
include packaging/deb.mk

TESTS_HOST += tests/integrate.t tests/readme.t
TESTS_STYLE := tests/kernel-style.t tests/portable.t
export TESTS_HOST TESTS_SANITIZE TESTS_STYLE TESTS_UNIT TESTS_TAM TESTS_GUEST TESTS_GUEST_KERNEL TESTS_GUEST_OFF TESTS_GUEST_FILES

.PHONY: run
run: build/tam
	@vm/demonstrate $(if $(KERNEL),--kernel $(KERNEL)) $(if $(LOCALVERSION),--localversion $(LOCALVERSION))

# Everything but the debug kernels, then those: one closing line each. LANES
# chooses, see doc/testing.md.
.PHONY: check
check: build/tam tests
	@tests/check $(or $(LANES),host style fuzz sanitize valgrind deb programs $(KERNELS) $(firstword $(KERNELS))-oom $(firstword $(KERNELS))-oom-v1 $(firstword $(KERNELS))-hidden $(firstword $(KERNELS))-off $(firstword $(KERNELS))-cost $(patsubst %,6.12-like-%,$(if $(filter 6.12,$(KERNELS)),6.5 7.0 7.0-oom)) detector)

.PHONY: check-debug
check-debug: build/tam tests
	@tests/check $(KERNELS:=-debug) detector-debug

# The tests of the machine at hand, three times beside a program that forks, maps and frees
# 2 GiB all the time: they judge only what is theirs.
.PHONY: check-noise
check-noise: build/tam tests
	@tests/noisy

# Each naive mistake, in a kernel of its own: about a minute each.
.PHONY: check-naive
check-naive: build/tam
	@tests/naive/run

# The same of the allocator, in a copy of the library: twenty seconds each.
.PHONY: check-naive-allocator
check-naive-allocator:
	@tests/naive-allocator/run

.PHONY: clean
clean:
	rm -rf build

.PHONY: help
help:
	@echo 'make              build build/tam and the library'
	@echo 'make run          boot the patched kernel and show it at work (KERNEL=, LOCALVERSION=)'
	@echo 'make check        all tests but those of the debug kernels (KERNELS=, LANES=)'
	@echo '                  some lanes: LANES="host 6.12 6.12-like-6.5 6.12-like-7.0 6.12-cost"'
	@echo 'make check-debug  the same on kernels that check themselves (KERNELS=)'
	@echo 'make check-noise  the tests of this machine, beside a program that takes 2 GiB'
	@echo 'make check-naive  show that each naive mistake fails a test (KERNEL=)'
	@echo 'make check-naive-allocator  the same of mistakes in the allocator'
	@echo 'make bench-kernel instructions of each system call'
	@echo 'make bench-allocate    the allocator against other allocators'
	@echo 'make bench-units  what a page costs: the figures behind its rule'
	@echo 'make bench-statistics  tam and the library against other programs'
	@echo 'make bench-top    what tam top takes of a CPU'
	@echo 'make po           bring the translations of tam up to date'
	@echo 'make install      install tam, the library, manual pages (DESTDIR=, PREFIX=)'
	@echo 'make uninstall    remove what make install puts there, with the same settings'
	@echo 'make deb          build Debian packages: libtamalloc0, libtamalloc-dev,'
	@echo '                  libtamalloc-preload, tam'
	@echo 'make clean        remove build/'
