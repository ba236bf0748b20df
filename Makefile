# SPDX-License-Identifier: MIT

# KERNEL: 6.1, 6.12 or a tree's path, for run. KERNELS: the same, a list, for
# the tests.
KERNELS ?= 6.12 6.1
CFLAGS ?= -O2 -g -Wall -Wextra

.PHONY: all
all: build/tam

include tam/tam.mk
include tests/tests.mk
include bench/bench.mk

.PHONY: run
run: build/tam
	@vm/demonstrate $(if $(KERNEL),--kernel $(KERNEL))

# Everything but the debug kernels, then those: one closing line each.
.PHONY: check
check: build/tam tests
	@tests/check host style $(foreach k,$(KERNELS),$(k)) \
		$(firstword $(KERNELS))-off detector

.PHONY: check-debug
check-debug: build/tam tests
	@tests/check $(KERNELS:=-debug) detector-debug

.PHONY: clean
clean:
	rm -rf build

.PHONY: help
help:
	@echo 'make              build build/tam'
	@echo 'make run          boot the patched kernel and show it at work (KERNEL=)'
	@echo 'make check        all tests but those of the debug kernels (KERNELS=)'
	@echo 'make check-debug  the same on kernels that check themselves (KERNELS=)'
	@echo 'make bench-kernel instructions of each system call'
	@echo 'make clean        remove build/'
