# SPDX-License-Identifier: GPL-2.0-or-later
#
# Programs of the end-to-end tests and of the demo.  Built without sanitizers
# in a place of their own: they are clients of the stock library.

E2E       := xenstore-tests/e2e
E2E_O     := build/e2e
E2E_BIN   := $(addprefix $(E2E_O)/,xs-load xs-threads raw talk lib-calls fake await without)
E2E_DUMMY := $(addprefix $(E2E_O)/,exits crashes hangs lies copies closes seals)
E2E_LATE  := exits crashes kill stop hangs takes holds turns moves
E2E_STOCK := $(addprefix $(E2E_O)/stock-,exits hangs $(addprefix late-,$(E2E_LATE)))
E2E_OX    := $(addprefix $(E2E_O)/ox-,exits hangs $(addprefix late-,$(E2E_LATE)))
E2E_BESIDE := $(addprefix $(E2E_O)/beside-,exits crashes hangs lies claims)
E2E_ALL   := $(E2E_OX) $(E2E_BESIDE) $(E2E_BIN) $(E2E_DUMMY) $(E2E_STOCK) $(E2E_O)/later

$(E2E_ALL): SANFLAGS :=

$(E2E_O)/%.o: $(E2E)/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -Itools -c -o $@ $<

$(addprefix $(E2E_O)/,raw talk): $(E2E_O)/dial.o
$(E2E_O)/xs-threads: $(addprefix $(E2E_O)/xs-threads-,shared.o own.o domain.o)

$(E2E_BIN): $(E2E_O)/%: $(E2E_O)/%.o
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lxenstore -lpthread

# They differ in their names only.
$(E2E_DUMMY): $(E2E_O)/dummy.o
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^

# Of a later agreement; without one, but with the words of a stock daemon.
$(E2E_O)/dummy-later.o: CFLAGS += -DAGREEMENT=99
$(E2E_O)/dummy-stock.o: CFLAGS += -DAGREEMENT=0
$(E2E_O)/dummy-ox.o: CFLAGS += -DAGREEMENT=0 -DOX
$(E2E_O)/dummy-beside.o: CFLAGS += -DBESIDE=1
$(addprefix $(E2E_O)/dummy-,later.o stock.o ox.o beside.o): $(E2E)/dummy.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -Itools -c -o $@ $<

$(E2E_O)/later: $(E2E_O)/dummy-later.o
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^

$(E2E_BESIDE): $(E2E_O)/dummy-beside.o
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^

$(E2E_STOCK): $(E2E_O)/dummy-stock.o
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lxengnttab

$(E2E_OX): $(E2E_O)/dummy-ox.o
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lxengnttab -lxenevtchn

-include $(wildcard $(E2E_O)/*.d)

# A make that has nothing to do says nothing.
SILENT := $(if $(V),,-s)

# The daemon as both compilers make it: updates go from one to the other.  With
# MANAGE=1 the other is still the one that uses libxenctrl.
.PHONY: faulty-daemon two-daemons e2e-programs check-e2e check-e2e-san
e2e-programs: $(XENSIM_BINS) $(E2E_ALL)

AS := $(if $(MANAGE),-manage)
two-daemons:
	$(Q)$(MAKE) --no-print-directory $(SILENT) CC=gcc O=build/gcc$(AS) SAN= \
		build/gcc$(AS)/xenstored
	$(Q)$(MAKE) --no-print-directory $(SILENT) CC=clang O=build/clang-layout LAYOUT=1 SAN= \
		MANAGE= build/clang-layout/xenstored

# With the places where an update is made to fail (base/fault.h).
faulty-daemon:
	$(Q)$(MAKE) --no-print-directory $(SILENT) CC=gcc O=build/gcc-faults$(AS) SAN= \
		FAULTS=1 build/gcc-faults$(AS)/xenstored

# ONLY="NAME..." for some of the scripts; each script names its own variables
check-e2e: e2e-programs $(CONTROL) $(XS_IMAGE) $(XS_STREAM)
	$(Q)$(MAKE) --no-print-directory two-daemons faulty-daemon
	$(Q)$(E2E)/run $(ONLY)

# The same tests with the daemon that uses libxenmanage, as on Xen 4.21 and later;
# updates go to and from the one that uses libxenctrl.
MANAGE_E2E := start library stock chain relay restore refuse killed migrate manage

.PHONY: check-manage check-manage-e2e
check-manage: check-manage-live check-manage-e2e

check-manage-e2e: e2e-programs $(CONTROL) $(XS_IMAGE) $(XS_STREAM)
	$(Q)$(MAKE) --no-print-directory MANAGE=1 two-daemons faulty-daemon
	$(Q)MANAGE=1 $(E2E)/run $(or $(ONLY),$(MANAGE_E2E))

# A sanitized daemon under load, with updates; it ends at a finding.
check-e2e-san: e2e-programs
	$(Q)$(MAKE) --no-print-directory $(SILENT) CC=gcc O=build/gcc-san SAN=1 \
		build/gcc-san/xenstored
	$(Q)ASAN_OPTIONS=detect_leaks=0:log_path=stderr \
		UPDATES=$(or $(UPDATES),3) DAEMON=build/gcc-san/xenstored \
		OTHER=build/gcc-san/xenstored $(E2E)/run chain
