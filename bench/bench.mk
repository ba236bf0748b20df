# SPDX-License-Identifier: MIT
#
# Benchmarks; to be included from the top directory, after lib/lib.mk and
# tam/tam.mk. No test depends on them.

BENCH_KERNEL := $(addprefix build/bench/,calls walks)

$(BENCH_KERNEL): build/bench/%: bench/kernel/%.c bench/kernel/counter.h lib/prctl.h include/uapi/linux/tamalloc.h | build/bench
	$(CC) -Iinclude/uapi -std=gnu11 -D_GNU_SOURCE $(WERROR) $(CFLAGS) -static -o $@ $<

build/bench:
	mkdir -p $@

.PHONY: bench-kernel
bench-kernel: $(BENCH_KERNEL)
	@bench/kernel/run $(or $(KERNEL),$(KERNELS))

# Statistics of all processes against other programs: bench/statistics/README.md.
BENCH_STATISTICS := $(addprefix build/bench/,crowd commands readers)
BENCH_CFLAGS = -std=gnu11 -D_GNU_SOURCE $(WERROR)

build/bench/crowd build/bench/commands: build/bench/%: bench/statistics/%.c | build/bench
	$(CC) $(BENCH_CFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $<

build/bench/readers: bench/statistics/readers.c $(LIB_STATIC) | build/bench
	$(CC) -Iinclude $(BENCH_CFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(LIB_STATIC)

-include $(BENCH_STATISTICS:=.d)

.PHONY: bench-statistics
bench-statistics: build/tam $(BENCH_STATISTICS)
	@bench/statistics/run

# What the live view costs.
.PHONY: bench-top
bench-top: build/tam build/tests/screen
	@bench/top/run

include bench/allocate/allocate.mk
