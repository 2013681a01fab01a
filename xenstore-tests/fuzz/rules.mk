# SPDX-License-Identifier: GPL-2.0-or-later
#
# make check-fuzz: damaged images into a daemon; N=, SEED=.  A short run is
# part of check.

FUZZ := $(O)/fuzz-restore

$(FUZZ): $(O)/xenstore-tests/fuzz/fuzz-restore.o $(XENSTORE_CORE:%.c=$(O)/%.o)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -ltalloc

.PHONY: check-fuzz
check-fuzz: $(FUZZ)
	$(Q)$(FUZZ) $(or $(N),20000) $(or $(SEED),1)
