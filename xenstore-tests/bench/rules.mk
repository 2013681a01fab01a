# SPDX-License-Identifier: GPL-2.0-or-later
#
# make bench: ratios against the stock daemon.  Not part of check: what a
# loaded machine measures is no test.

BENCH_BIN := build/bench/xsbench

$(BENCH_BIN): xenstore-tests/bench/xsbench.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARN) -O2 -o $@ $<

.PHONY: bench
bench: deps
	$(Q)$(MAKE) --no-print-directory $(XENSTORED) $(XENSIM_BINS) $(BENCH_BIN)
	$(Q)xenstore-tests/bench/run

.PHONY: bench-lu
bench-lu: deps
	$(Q)$(MAKE) --no-print-directory $(XENSTORED) $(XENSIM_BINS) $(BENCH_BIN)
	$(Q)xenstore-tests/bench/run-lu
