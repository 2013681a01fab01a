# SPDX-License-Identifier: GPL-2.0-or-later
#
# What can be asked of this tree.  The rules themselves stand in
# tools/Rules.mk and in the rules.mk of each folder.
#
#   make            build everything
#   make demo       five live updates under load, without Xen; 20 seconds
#   make demo-migrate  guests move between two hosts; five seconds
#   make check      every test; under seven minutes on two cores; JOBS=N: N at a time
#   make check-long random tests and tests under load again, for longer
#   make check-san  the tests again, with sanitizers
#   make bench      this daemon beside the C xenstored
#   make bench-lu   the pause of a live update by the size of the store
#   make bench-hostile  what hostile guests cost others; C xenstored and oxenstored, too
#   make check-patches XEN_TREE=DIR  do the patches apply to that Xen tree?
#   make check-differential  the same requests to the C xenstored
#   make check-manage  tests of the build for Xen 4.21 and later (MANAGE=1)
#   make check-other  check and check-xen on Debian 13 (on 13: on 12), in a root
#                   that debootstrap makes; SUITE=, OTHER="check check-xen"
#   make check-xen  real Xen with real guests, emulated; five minutes
#   make check-xen-package  the package on a Debian host, on real Xen; 20 minutes
#   make install    DESTDIR=, prefix= (default /usr/local)
#   make dist       the source tarball, in build/
#   make package    a Debian package for this release, in build/package/
#   make rpm        packages for rpm, from tools/package/xenstored.spec, in build/rpm/
#   make deps       install the missing packages on Debian
#   make deps-xen   ... and for check-xen

.DEFAULT_GOAL := all

include tools/Rules.mk
include xenstore-tests/bench/rules.mk
include xenstore-tests/model/rules.mk
include xenstore-tests/perf/rules.mk
include xenstore-tests/e2e/rules.mk
include xenstore-tests/fuzz/rules.mk
include xenstore-tests/image/rules.mk
include xenstore-tests/stream/rules.mk
include xenstore-tests/hooks/rules.mk
include xenstore-tests/conformance/differential/rules.mk
include xenstore-tests/conformance/live/rules.mk
include xenstore-tests/xen/rules.mk
include tools/package/package.mk

.PHONY: help deps demo demo-migrate check check-long check-san check-build \
	check-build-clang check-build-san check-layers check-format \
	check-other check-patches

help:
	$(Q)sed -n "s/^#   make/  make/p" Makefile
	@echo "  parts of make check: check-build check-build-clang"
	@echo "      check-layers check-format check-docs check-unit"
	@echo "      check-stories check-live check-lu-steps check-req-steps check-fuzz check-fuzz-follow check-fuzz-image check-fuzz-migrate check-fuzz-ox check-lu"
	@echo "      check-differential check-shrink check-perf check-xensim check-e2e check-manage check-image check-stream"
	@echo "      check-patches check-hooks"
	@echo "  packages: check-package check-dist check-rpm"

deps:
	$(Q)tools/deps

demo: deps
	$(Q)$(MAKE) --no-print-directory two-daemons e2e-programs
	$(Q)xenstore-tests/demo/run

demo-migrate: deps
	$(Q)$(MAKE) --no-print-directory two-daemons e2e-programs $(CONTROL)
	$(Q)xenstore-tests/demo/migrate

check: deps
	$(Q)tools/check

check-long: deps
	$(Q)tools/check --long

check-san: deps
	$(Q)tools/check --san

# All programs that the parts of make check and check-long run.  Builds that
# share objects run one after the other.
check-build: all $(O)/xenstored $(TEST_PROGRAMS) $(CHECK_PROGRAMS) \
		$(DOC_FROM) $(XENSIM_PROPS) e2e-programs
	$(Q)$(MAKE) --no-print-directory two-daemons faulty-daemon
	$(Q)$(MAKE) --no-print-directory MANAGE=1 two-daemons faulty-daemon

# Every C file, also those that no program in clang's build needs.
C_FILES = $(shell git ls-files '*.c' 2>/dev/null | grep -v '^patches/' || \
	find tools xenstore-tests -name '*.c')

check-build-clang:
	$(Q)$(MAKE) --no-print-directory $(SILENT) -k CC=clang \
		O=build/clang-layout LAYOUT=1 SAN= CFLAGS=-Itools build/clang-layout/xenstored \
		$(C_FILES:%.c=build/clang-layout/%.o)

check-build-san:
	$(Q)$(MAKE) --no-print-directory $(SILENT) two-daemons e2e-programs
	$(Q)$(MAKE) --no-print-directory $(SILENT) SAN=1 \
		O=build/gcc-san build/gcc-san/xenstored $(TEST_PROGRAMS:$(O)/%=build/gcc-san/%)

check-layers: all $(XENSTORE_XEN:%.c=$(O)/%.o)
	$(Q)O=$(O) tools/check-layers

check-format:
	$(Q)tools/check-format

check-other:
	$(Q)tools/check-other

check-patches:
	$(Q)tools/check-patches $(XEN_TREE)
