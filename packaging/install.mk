# SPDX-License-Identifier: MIT
#
# Installs and removes. To be included from the top directory, after lib/lib.mk
# and tam/tam.mk.
#
# An installed tam is the one that was tested: it has the library linked into it
# (tam/tam.mk), and so runs from any directory, and in the virtual machine,
# whatever libtamalloc.so the machine has. Programs of others use the shared one.

PREFIX ?= /usr/local
bindir = $(PREFIX)/bin
libdir = $(PREFIX)/lib
includedir = $(PREFIX)/include
datadir = $(PREFIX)/share
mandir = $(datadir)/man
docdir = $(datadir)/doc/tamalloc
localedir = $(datadir)/locale
pkgconfigdir = $(libdir)/pkgconfig
completionsdir = $(datadir)/bash-completion/completions

# What tam says in other languages.
CATALOGUES := $(patsubst po/%.po,build/locale/%/LC_MESSAGES/tam.mo,$(wildcard po/*.po))

$(CATALOGUES): build/locale/%/LC_MESSAGES/tam.mo: po/%.po
	mkdir -p $(@D)
	msgfmt --check -o $@ $<

.PHONY: install uninstall
install uninstall: export DESTDIR := $(DESTDIR)
install uninstall: export soname := $(LIB_SONAME)
install uninstall: export version := $(LIB_VERSION)
install uninstall: export PREFIX := $(PREFIX)
install uninstall: export bindir := $(bindir)
install uninstall: export libdir := $(libdir)
install uninstall: export includedir := $(includedir)
install uninstall: export mandir := $(mandir)
install uninstall: export docdir := $(docdir)
install uninstall: export localedir := $(localedir)
install uninstall: export pkgconfigdir := $(pkgconfigdir)
install uninstall: export completionsdir := $(completionsdir)

install: build/tam lib $(CATALOGUES)
	@packaging/install

uninstall:
	@packaging/install --remove

TESTS_HOST += tests/install.t tests/completion.t tests/abi.t tests/header.t tests/version.t \
	tests/records.t tests/old-headers.t
tests: lib $(CATALOGUES)
