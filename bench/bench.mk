# SPDX-License-Identifier: MIT
#
# Benchmarks; to be included from the top directory. No test depends on them.

build/bench/calls: bench/kernel/calls.c include/uapi/linux/tamalloc.h | build/bench
	$(CC) -Iinclude/uapi -std=gnu11 $(WERROR) $(CFLAGS) -static -o $@ $<

build/bench:
	mkdir -p $@

.PHONY: bench-kernel
bench-kernel: build/bench/calls
	@bench/kernel/run $(or $(KERNEL),$(KERNELS))
