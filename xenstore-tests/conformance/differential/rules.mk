# SPDX-License-Identifier: GPL-2.0-or-later
#
# The differential run against the stock daemon; see diff.h.
#
#   make check-differential [N=requests] [SEED=number] [SEEDS=count]
#                           [PROFILE=name] [JOBS=processes]
#   make check-shrink       is a failing run reduced?

DIFF_DIR  := xenstore-tests/conformance/differential
DIFF_O    := $(O)/differential
DIFF_BIN  := $(DIFF_O)/differential
CHECK_PROGRAMS += $(DIFF_BIN)
DIFF_SIM  := $(addprefix $(XENSIM_O)/,guest-ring.o $(XENSIM_COMMON))

$(DIFF_O)/%.o: $(DIFF_DIR)/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -Itools -Itools/xensim -c -o $@ $<

$(DIFF_BIN): $(patsubst $(DIFF_DIR)/%.c,$(DIFF_O)/%.o,$(wildcard $(DIFF_DIR)/*.c)) \
	     $(DIFF_SIM)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^

.PHONY: check-differential check-shrink
check-differential: $(XENSTORED) $(XENSIM_BINS) $(DIFF_BIN)
	$(Q)$(DIFF_DIR)/run $(DIFF_BIN)

check-shrink: $(XENSTORED) $(XENSIM_BINS) $(DIFF_BIN)
	$(Q)$(DIFF_DIR)/check-shrink $(DIFF_BIN)
