# SPDX-License-Identifier: MIT
#
# The command. To be included from the top directory; CFLAGS, CPPFLAGS,
# LDFLAGS and WERROR (-Werror, for CI) are the caller's.

CFLAGS ?= -O2 -g -Wall -Wextra

TAM_SOURCES := $(wildcard tam/*.c)
TAM_OBJECTS := $(TAM_SOURCES:tam/%.c=build/tam.d/%.o)
TAM_CPPFLAGS = -Iinclude -Iinclude/uapi
TAM_CFLAGS = -std=gnu11 $(WERROR)
TAM_LIBS = -lsmartcols -lncursesw -ltinfo

# With the library in it: one file to copy, also into the virtual machine.
build/tam: $(TAM_OBJECTS) $(LIB_STATIC)
	$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--gc-sections -o $@ $^ $(TAM_LIBS)

build/tam.d/%.o: tam/%.c | build/tam.d
	$(CC) $(TAM_CPPFLAGS) $(CPPFLAGS) $(TAM_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

build/tam.d:
	mkdir -p $@

build/tam.d/main.o: VERSION build/tam.d/localedir
build/tam.d/main.o: TAM_CPPFLAGS += -DVERSION='"$(shell cat VERSION)"' \
	-DLOCALEDIR='"$(localedir)"'

# Where the translations will be is part of the program: build it anew for
# another PREFIX.
build/tam.d/localedir: FORCE | build/tam.d
	@echo '$(localedir)' | cmp -s - $@ || echo '$(localedir)' >$@

# And where its library for tam run will be.
build/tam.d/run-library.o: build/tam.d/libdir
build/tam.d/run-library.o: TAM_CPPFLAGS += -DLIBDIR='"$(libdir)"'

build/tam.d/libdir: FORCE | build/tam.d
	@echo '$(libdir)' | cmp -s - $@ || echo '$(libdir)' >$@

.PHONY: FORCE

-include $(TAM_OBJECTS:.o=.d)
