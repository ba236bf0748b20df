# SPDX-License-Identifier: MIT
#
# Fuzz targets, one for each parser of text from /proc; clang has libFuzzer. To
# be included from the top directory.

FUZZ_CC ?= clang
FUZZ_CFLAGS = -std=gnu11 -D_GNU_SOURCE -Wall -Wextra $(WERROR) -g -O1 -Ilib \
	-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
FUZZ_TARGETS := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/*.c))

.PHONY: fuzz-targets
fuzz-targets: $(FUZZ_TARGETS)

build/fuzz/%: tests/fuzz/%.c $(wildcard tests/fuzz/*.h) lib/parse.c lib/parse-oom.c \
		$(wildcard lib/parse*.h) | build/fuzz
	$(FUZZ_CC) $(FUZZ_CFLAGS) -o $@ $(filter %.c,$^)

build/fuzz:
	mkdir -p $@
