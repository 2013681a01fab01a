# SPDX-License-Identifier: GPL-2.0-or-later
#
# Instructions of each request's worst input, and how they grow; see perf.h.
#
#   make check-perf [CASES="NAME..."]
#   make perf-costs     writes the counts to costs.tsv

PERF_DIR := xenstore-tests/perf
PERF_BIN := $(O)/perf
CHECK_PROGRAMS += $(PERF_BIN)

$(PERF_BIN): $(patsubst %.c,$(O)/%.o,$(wildcard $(PERF_DIR)/*.c)) \
		$(TEST_LIB:%.c=$(O)/%.o) $(XENSTORE_CORE:%.c=$(O)/%.o)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -ltalloc

.PHONY: check-perf perf-costs
check-perf: $(PERF_BIN)
	$(Q)$(PERF_DIR)/run $<

perf-costs: $(PERF_BIN)
	$(Q)$(PERF_DIR)/run --write $<
