# SPDX-License-Identifier: MIT
#
# The library. To be included from the top directory; CFLAGS, CPPFLAGS, LDFLAGS
# and WERROR (-Werror, for CI) are the caller's.

LIB_VERSION := $(shell cat VERSION)
# Programs linked against one soname run with every library that has it.
LIB_SONAME := libtamalloc.so.0
LIB_SHARED := build/libtamalloc.so.$(LIB_VERSION)
LIB_STATIC := build/libtamalloc.a

LIB_SOURCES := $(wildcard lib/*.c lib/allocator/*.c)
LIB_OBJECTS := $(LIB_SOURCES:lib/%.c=build/lib.d/%.o)
# The same objects for both, and position independent: the static library may
# become part of a shared one.
# Sections of their own: a program with the static library takes what it uses.
LIB_CFLAGS = -std=gnu11 -fPIC -fvisibility=hidden -ffunction-sections -fdata-sections $(WERROR)
LIB_CPPFLAGS = -Iinclude -Iinclude/uapi

.PHONY: lib
lib: $(LIB_STATIC) $(LIB_SHARED)

# One object in which only the public names are left global.
$(LIB_STATIC): build/lib.d/all.o
	rm -f $@
	$(AR) rcs $@ $<

build/lib.d/all.o: $(LIB_OBJECTS)
	$(LD) -r -o $@ $^
	$(OBJCOPY) --localize-hidden $@

$(LIB_SHARED): $(LIB_OBJECTS) lib/libtamalloc.map
	$(CC) -shared $(CFLAGS) $(LDFLAGS) -Wl,-soname,$(LIB_SONAME) -Wl,-z,nodelete \
		-Wl,--version-script=lib/libtamalloc.map -Wl,--no-undefined -o $@ $(LIB_OBJECTS)
	ln -sf $(@F) build/$(LIB_SONAME)
	ln -sf $(LIB_SONAME) build/libtamalloc.so

OBJCOPY ?= objcopy

build/lib.d/%.o: lib/%.c | build/lib.d
	$(CC) $(LIB_CPPFLAGS) $(CPPFLAGS) $(LIB_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

build/lib.d:
	mkdir -p $@/allocator $@/preload

# The allocator in place of malloc(), for LD_PRELOAD: the same objects. The compiler is
# not to make calls of these functions into others of them. All addresses of functions
# are found at the start, and nobody can write to them afterwards.
PRELOAD := build/libtamalloc-preload.so
PRELOAD_SOURCES := $(wildcard lib/preload/*.c)
PRELOAD_OBJECTS := $(PRELOAD_SOURCES:lib/%.c=build/lib.d/%.o)

lib: $(PRELOAD)

$(PRELOAD_OBJECTS): LIB_CFLAGS += -fno-builtin

$(PRELOAD): $(PRELOAD_OBJECTS) $(LIB_OBJECTS) lib/preload/preload.map
	$(CC) -shared $(CFLAGS) $(LDFLAGS) -Wl,-soname,$(@F) -Wl,-z,nodelete -Wl,-z,relro,-z,now \
		-Wl,--gc-sections -Wl,--version-script=lib/preload/preload.map -Wl,--no-undefined -o $@ \
		$(PRELOAD_OBJECTS) $(LIB_OBJECTS)

build/lib.d/version.o: VERSION
build/lib.d/version.o: LIB_CPPFLAGS += -DVERSION='"$(LIB_VERSION)"'

-include $(LIB_OBJECTS:.o=.d) $(PRELOAD_OBJECTS:.o=.d)
