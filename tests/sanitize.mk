# SPDX-License-Identifier: MIT
#
# The same programs again under the compiler's detectors. To be included from the
# top directory, after tests/tests.mk.
#
# Each lives in a directory of links to this one, with a build/ of its own, so
# that the rules are the same as ever.

# Tests of limits on memory leave functions without use there.
SANITIZE_CFLAGS := -O1 -g -Wall -Wextra -Wno-unused-function -fno-omit-frame-pointer -fno-sanitize-recover=all
SANITIZE_LINKS := $(filter-out build,$(wildcard *))

# Those with threads.
TESTS_TSAN := $(addprefix build/tests/unit/,lib-threads lib-allocate-threads)

.PHONY: sanitized
sanitized: build/asan build/tsan
	$(MAKE) -C build/asan CFLAGS='$(SANITIZE_CFLAGS) -fsanitize=address,undefined' \
		build/tam $(TESTS_UNIT)
	$(MAKE) -C build/tsan CFLAGS='$(SANITIZE_CFLAGS) -fsanitize=thread' \
		$(TESTS_TSAN)

.PHONY: build/asan build/tsan
build/asan build/tsan:
	mkdir -p $@
	for name in $(SANITIZE_LINKS); do ln -sfn ../../$$name $@/$$name; done

# Those that run tam and do not measure memory or limit it: a detector has much
# of its own.
TESTS_SANITIZE := tests/tam-usage.t tests/tam-absent.t tests/tam-ps.t tests/tam-doctor.t \
	tests/tam-terminal.t
