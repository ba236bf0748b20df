# SPDX-License-Identifier: MIT
#
# The fuzzer of blocks. To be included from the top directory. It runs with whatever
# allocator is preloaded: nothing of the library is in it, and the compiler makes
# nothing of what it knows of malloc().

FUZZ_BLOCKS := build/tests/fuzz-blocks

FUZZ_BLOCKS_CFLAGS := $(addprefix -fno-builtin-,malloc calloc realloc free posix_memalign \
	memalign aligned_alloc)

$(FUZZ_BLOCKS): $(wildcard tests/fuzz-blocks/*.c) tests/fuzz-blocks/fuzz.h | build/tests
	$(CC) $(TESTS_CFLAGS) $(CFLAGS) $(FUZZ_BLOCKS_CFLAGS) $(LDFLAGS) -pthread -o $@ $(filter %.c,$^)

tests: $(FUZZ_BLOCKS)
