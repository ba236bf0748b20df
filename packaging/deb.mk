# SPDX-License-Identifier: MIT
#
# Debian packages. To be included from the top directory.

# A lane of its own: it builds the packages, twice: about a minute.
TESTS_DEB := tests/deb.t
export TESTS_DEB

.PHONY: deb
deb:
	@packaging/deb
