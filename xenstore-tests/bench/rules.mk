# SPDX-License-Identifier: GPL-2.0-or-later
#
# make bench: ratios against the stock daemon. Not part of check, because
# results of a loaded machine are no test.

BENCH     := xenstore-tests/bench
BENCH_O   := build/bench
BENCH_BIN := $(BENCH_O)/xsbench $(BENCH_O)/xshostile
BENCH_C   := $(CC) -std=gnu11 -D_GNU_SOURCE $(WARN) -O2 -Itools -MMD -MP

$(BENCH_O)/%.o: $(BENCH)/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(BENCH_C) -c -o $@ $<

$(BENCH_O)/xsbench: $(addprefix $(BENCH_O)/,xsbench.o bench-socket.o)
	$(call say,LD,$@)
	$(Q)$(CC) -o $@ $^

$(BENCH_O)/xshostile: $(patsubst $(BENCH)/%.c,$(BENCH_O)/%.o,\
		$(wildcard $(BENCH)/hostile-*.c)) $(BENCH_O)/bench-socket.o \
		$(call xensim_objs,guest-ring.o)
	$(call say,LD,$@)
	$(Q)$(CC) -o $@ $^

-include $(wildcard $(BENCH_O)/*.d)

.PHONY: bench bench-lu bench-hostile
bench: deps
	$(Q)$(MAKE) --no-print-directory $(XENSTORED) $(XENSIM_BINS) $(BENCH_BIN)
	$(Q)$(BENCH)/run

bench-lu: deps
	$(Q)$(MAKE) --no-print-directory $(XENSTORED) $(XENSIM_BINS) $(BENCH_BIN)
	$(Q)$(BENCH)/run-lu

bench-hostile: deps
	$(Q)$(MAKE) --no-print-directory $(XENSTORED) $(XENSIM_BINS) $(BENCH_BIN)
	$(Q)$(BENCH)/run-hostile
