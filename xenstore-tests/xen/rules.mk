# SPDX-License-Identifier: GPL-2.0-or-later
#
# Programs for the tests on real Xen; see README.md.  Without sanitizers: they
# run in dom0 and in guests, with nothing around them.  The guest's is static
# and alone.

XEN_T     := xenstore-tests/xen
XEN_T_O   := build/xen-programs
XEN_T_BIN := $(addprefix $(XEN_T_O)/,load rig)

.PHONY: deps-xen xen-programs check-xen check-xen-package

$(XEN_T_BIN): SANFLAGS :=

$(XEN_T_O)/%.o: $(XEN_T)/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(XEN_T_O)/load: $(addprefix $(XEN_T_O)/,load-main.o load.o load-hold.o \
		link.o)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -static -o $@ $^

$(XEN_T_O)/rig: $(addprefix $(XEN_T_O)/,rig.o rig-xen.o rig-domain.o \
		rig-churn.o link.o)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lxenctrl -lxengnttab -lxenforeignmemory

-include $(wildcard $(XEN_T_O)/*.d)

xen-programs: $(XEN_T_BIN) $(XENSIM_PROPS)

deps-xen:
	$(Q)tools/deps xen

check-xen:
	$(Q)$(XEN_T)/run

# From the C xenstored and from oxenstored.
check-xen-package: package
	$(Q)$(XEN_T)/run package-pv package-pvh package-ox-pv \
		package-ox-pvh
