# SPDX-License-Identifier: MIT
#
# What tam says in other languages: one catalogue a language, po/LANGUAGE.po. To
# be included from the top directory, after tam/tam.mk. packaging/install.mk
# makes and installs what programs read of them.
#
# For translators: "make po" brings the catalogues up to date; what has changed
# is then marked fuzzy, and what is new has no translation. Help has at most 80
# columns and 24 lines, a message of tam doctor 62 columns. Names of options and
# columns, words such as syscall, and what stands in JSON are the same in every
# language.

# Without line numbers and breaks, so that a catalogue changes with its texts.
GETTEXT_FLAGS = --no-wrap

# Every text of the program as it is now.
build/tam.pot: $(TAM_SOURCES) | build/tam.d
	xgettext $(GETTEXT_FLAGS) --add-location=file --language=C --keyword=_ --keyword=N_ \
		--from-code=UTF-8 --add-comments=Translators: --package-name=tam --output=$@ \
		$^

.PHONY: po
po: build/tam.pot
	set -e; for file in po/*.po; do \
		msgmerge $(GETTEXT_FLAGS) --quiet --previous --update --backup=none \
			"$$file" build/tam.pot; \
		msgattrib $(GETTEXT_FLAGS) --no-obsolete --output-file="$$file" "$$file"; \
	done

# The program with its catalogues where they are built, for the tests: to be run
# in the top directory.
build/po/tam: build/po/main.o $(filter-out build/tam.d/main.o,$(TAM_OBJECTS)) $(LIB_STATIC)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(TAM_LIBS)

build/po/main.o: tam/main.c VERSION
	mkdir -p $(@D)
	$(CC) $(TAM_CPPFLAGS) -DVERSION='"$(shell cat VERSION)"' -DLOCALEDIR='"build/locale"' \
		$(CPPFLAGS) $(TAM_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

-include build/po/main.d

TESTS_HOST += tests/translation.t
tests: build/tam.pot build/po/tam
