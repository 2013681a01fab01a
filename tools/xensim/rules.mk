# SPDX-License-Identifier: GPL-2.0-or-later
#
# xensim, its guest and its libraries.  Always built without sanitizers, in their
# own folder: the libraries are loaded into stock programs.

XENSIM      := tools/xensim
XENSIM_O    := build/xensim
XENSIM_BINS := $(XENSIM)/xensim $(XENSIM)/xensim-guest \
	       $(XENSIM)/libxensim.so $(XENSIM)/libxensim-clock.so \
	       $(XENSIM)/libxensim-rounds.so $(XENSIM)/libxenmanage.so.1
PROGRAMS    += $(XENSIM_BINS)

XENSIM_COMMON := sim-port.o sim-client.o
xensim_objs = $(addprefix $(XENSIM_O)/,$(1) $(XENSIM_COMMON))

$(XENSIM_BINS): SANFLAGS :=

# The calls of the Xen release that libxen-dev is of.
%/lib-ctrl.o: override CFLAGS += $(shell \
	printf '\043include <xenctrl.h>' | $(CC) -E - | grep -q xc_dominfo_t && \
		echo -DXENSIM_DOMINFO; \
	tools/stock version | sed 's/\(.*\)[.]\(.*\)/"-DXENSIM_VERSION=(\1 << 16 | \2)"/')

$(XENSIM_O)/%.o: $(XENSIM)/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -Itools $(XENMANAGE_INC) \
		-fvisibility=hidden -c -o $@ $<

$(XENSIM)/xensim: $(call xensim_objs,main.o cmd-dom.o cmd-boot.o cmd-move.o cmd-stats.o \
		  hyp.o hyp-evtchn.o hyp-dom.o hyp-move.o hyp-manage.o)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lxenstore

$(XENSIM)/libxensim.so: $(call xensim_objs,lib-conn.o lib-evtchn.o \
			lib-gnttab.o lib-ctrl.o lib-manage.o lib-files.o)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -shared -Wl,-z,defs -o $@ $^ -ldl -lpthread

$(XENSIM)/libxensim-clock.so: $(XENSIM_O)/lib-clock.o
$(XENSIM)/libxensim-rounds.so: $(XENSIM_O)/lib-rounds.o
$(XENSIM)/libxensim-clock.so $(XENSIM)/libxensim-rounds.so:
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -shared -Wl,-z,defs -o $@ $^ -ldl

$(XENSIM)/libxenmanage.so.1: $(XENSIM_O)/stub-manage.o $(XENSIM)/libxenmanage.map
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -shared -Wl,-z,defs -Wl,-soname,libxenmanage.so.1 \
		-Wl,--version-script=$(XENSIM)/libxenmanage.map -o $@ $<

$(XENSIM)/xensim-guest: $(call xensim_objs,guest-main.o guest-ring.o \
			guest-load.o guest-modes.o)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^

# Checks properties for the script in xenstore-tests/xensim.
XENSIM_T     := xenstore-tests/xensim
XENSIM_PROPS := $(XENSIM_O)/test/props $(XENSIM_O)/test/props-manage

$(XENSIM_PROPS): SANFLAGS :=
$(XENSIM_O)/test/%.o: $(XENSIM_T)/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(XENMANAGE_INC) -c -o $@ $<

$(XENSIM_O)/test/props: $(addprefix $(XENSIM_O)/test/,props.o props-domain.o \
			props-move.o check.o)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lxenctrl -lxenevtchn -lxengnttab

$(XENSIM_O)/test/props-manage: $(addprefix $(XENSIM_O)/test/,props-manage.o \
			check.o) | $(XENMANAGE_LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(or $(XENMANAGE_LIB),-lxenmanage) \
		-lxenevtchn

.PHONY: check-xensim
check-xensim: $(XENSIM_BINS) $(XENSIM_PROPS)
	$(Q)$(XENSIM_T)/run

-include $(wildcard $(XENSIM_O)/*.d $(XENSIM_O)/test/*.d)
