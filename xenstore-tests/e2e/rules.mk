# SPDX-License-Identifier: GPL-2.0-or-later
#
# Programs of the end-to-end tests and of the demo.  Built without sanitizers
# in a place of their own: they are clients of the stock library.

E2E     := xenstore-tests/e2e
E2E_O   := build/e2e
E2E_BIN := $(E2E_O)/xs-load

$(E2E_BIN): SANFLAGS :=

$(E2E_O)/%.o: $(E2E)/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -Itools -c -o $@ $<

$(E2E_O)/xs-load: $(E2E_O)/xs-load.o
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lxenstore -lpthread

-include $(wildcard $(E2E_O)/*.d)

# The daemon as both compilers make it: updates go from one to the other.
DAEMONS := build/gcc/xenstored build/clang/xenstored

.PHONY: two-daemons
two-daemons:
	$(Q)$(MAKE) --no-print-directory CC=gcc O=build/gcc SAN= \
		build/gcc/xenstored
	$(Q)$(MAKE) --no-print-directory CC=clang O=build/clang SAN= \
		build/clang/xenstored
