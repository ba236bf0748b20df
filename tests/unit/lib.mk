# SPDX-License-Identifier: MIT
#
# Unit tests of the library, with all of it inside: also what is hidden. To be
# included from the top directory, after lib/lib.mk and tests/tests.mk.

build/tests/unit/lib-%: tests/unit/lib-%.c $(LIB_OBJECTS) | build/tests/unit
	$(CC) -Iinclude -Iinclude/uapi -Ilib $(TESTS_CFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) \
		-o $@ $(filter %.c %.o,$^) $(TESTS_LIBS)

build/tests/unit/lib-%: TESTS_LIBS = -lcmocka -pthread
# What compilers know to be wrong is what these do.
build/tests/unit/lib-allocate-audit build/tests/unit/lib-allocate-limits build/tests/unit/lib-allocate-misuse \
	build/tests/unit/lib-allocate-seal: TESTS_CFLAGS += \
	-Wno-unknown-warning-option -Wno-alloc-size-larger-than -Wno-use-after-free \
	-Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread
build/tests/unit/lib-backend build/tests/unit/lib-snapshot build/tests/unit/lib-sharing: TESTS_LIBS += -Wl,--wrap=syscall
build/tests/unit/lib-allocate-fork: TESTS_LIBS += -Wl,--wrap=syscall,--wrap=secure_getenv
build/tests/unit/lib-reuse: TESTS_LIBS += -Wl,--wrap=openat,--wrap=read,--wrap=pread \
	-Wl,--wrap=fstat,--wrap=fstatat,--wrap=faccessat
build/tests/unit/lib-allocate-lend: TESTS_LIBS += -Wl,--wrap=syscall
build/tests/unit/lib-allocate-stalls: TESTS_LIBS += -Wl,--wrap=syscall
# What the kernel may refuse, and what it says.
build/tests/unit/lib-allocate-limits: TESTS_LIBS += -Wl,--wrap=syscall \
	-Wl,--wrap=clock_gettime,--wrap=getauxval
