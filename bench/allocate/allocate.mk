# SPDX-License-Identifier: MIT
#
# The zeroed allocator against its peers: bench/allocate/README.md. To be included
# from bench/bench.mk.

BENCH_ALLOCATE := $(addprefix build/bench/,cycle promises small spent)

$(BENCH_ALLOCATE): build/bench/%: bench/allocate/%.c | build/bench
	$(CC) $(BENCH_CFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< -lm

-include $(BENCH_ALLOCATE:=.d)

.PHONY: bench-allocate
bench-allocate: build/libtamalloc-preload.so $(BENCH_ALLOCATE)
	@bench/allocate/run

# What each way costs by itself: with the allocator's own functions.
build/bench/units: bench/allocate/units.c $(LIB_OBJECTS) | build/bench
	$(CC) -Iinclude -Iinclude/uapi -Ilib $(BENCH_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIB_OBJECTS)

.PHONY: bench-units
bench-units: build/bench/units
	@build/bench/units
