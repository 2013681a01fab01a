# SPDX-License-Identifier: GPL-2.0-or-later
#
# Stories against real daemons; see live.h.
#
#   make check-live [MODES="ours stock lib tools beside"] [STORIES=...]

LIVE_DIR  := xenstore-tests/conformance/live
LIVE_O    := $(O)/live
LIVE_BIN  := $(LIVE_O)/live-stories
CHECK_PROGRAMS += $(LIVE_BIN)
LIVE_LIB  := $(addprefix $(O)/xenstore-tests/lib/,story-tell.o story-words.o \
	     story-message.o story-common.o script-host.o script-xen.o \
	     script-beside.o)
LIVE_SIM  := $(addprefix $(DIFF_O)/,link.o side.o) $(DIFF_SIM)

$(LIVE_O)/%.o: $(LIVE_DIR)/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(INC) -Itools -Itools/xensim \
		-c -o $@ $<

$(LIVE_BIN): $(patsubst $(LIVE_DIR)/%.c,$(LIVE_O)/%.o,$(wildcard $(LIVE_DIR)/*.c)) \
	     $(LIVE_LIB) $(LIVE_SIM) $(XENSTORE_CORE:%.c=$(O)/%.o)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -ltalloc -lxenstore

.PHONY: check-live check-manage-live
check-live: $(XENSTORED) $(XENSIM_BINS) $(LIVE_BIN)
	$(Q)$(LIVE_DIR)/run $(LIVE_BIN) $(STORIES)

# The daemon that uses libxenmanage.
check-manage-live: $(XENSIM_BINS) $(LIVE_BIN)
	$(Q)$(MAKE) --no-print-directory MANAGE=1 two-daemons
	$(Q)MODES=ours OURS=build/gcc-manage/xenstored $(LIVE_DIR)/run \
		$(LIVE_BIN) $(STORIES)
