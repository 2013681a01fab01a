# SPDX-License-Identifier: GPL-2.0-or-later
#
#   make check-lu-steps      images whose dump or restore fails at any step
#   make check-req-steps     requests with each allocation failing once
#   make check-fuzz          damaged images of a daemon
#   make check-fuzz-follow   damaged streams to a successor
#   make check-fuzz-migrate  damaged images of one domain
#   make check-fuzz-image    damaged images read in all dialects
#   make check-fuzz-ox       damaged dumps of oxenstored
#
# N=, SEED=.  Short runs are part of make check.

FUZZ := $(O)/fuzz-restore
FUZZ_FOLLOW := $(O)/fuzz-follow

LU_STEPS  := $(O)/lu-steps
REQ_STEPS := $(O)/req-steps
TEST_PROGRAMS += $(FUZZ) $(FUZZ_FOLLOW) $(LU_STEPS) $(REQ_STEPS)

$(FUZZ) $(FUZZ_FOLLOW) $(LU_STEPS) $(REQ_STEPS): $(O)/%: $(O)/xenstore-tests/fuzz/%.o \
		$(O)/xenstore-tests/fuzz/rich.o $(STILL_HOST) \
		$(XENSTORE_CORE:%.c=$(O)/%.o)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -ltalloc

$(LU_STEPS) $(REQ_STEPS): $(O)/xenstore-tests/fuzz/counted.o
$(FUZZ) $(FUZZ_FOLLOW): $(O)/xenstore-tests/fuzz/parts.o

.PHONY: check-fuzz check-fuzz-follow check-lu-steps check-req-steps
check-lu-steps: $(LU_STEPS)
	$(Q)$(LU_STEPS)

check-req-steps: $(REQ_STEPS)
	$(Q)$(REQ_STEPS)

check-fuzz: $(FUZZ)
	$(Q)$(FUZZ) $(or $(N),20000) $(or $(SEED),1)

check-fuzz-follow: $(FUZZ_FOLLOW)
	$(Q)$(FUZZ_FOLLOW) $(or $(N),20000) $(or $(SEED),1)

FUZZ_IMAGE  := $(O)/fuzz-image
FUZZ_IMAGES := $(wildcard $(addprefix xenstore-tests/image/golden/,*.hex *.img))

TEST_PROGRAMS += $(FUZZ_IMAGE)

$(FUZZ_IMAGE): $(O)/xenstore-tests/fuzz/fuzz-image.o $(XENSTORE_IMAGE:%.c=$(O)/%.o)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -ltalloc

.PHONY: check-fuzz-image
check-fuzz-image: $(FUZZ_IMAGE)
	$(Q)$(FUZZ_IMAGE) $(or $(N),5000) $(or $(SEED),1) $(FUZZ_IMAGES)

FUZZ_MIGRATE := $(O)/fuzz-migrate
TEST_PROGRAMS += $(FUZZ_MIGRATE)

$(FUZZ_MIGRATE): $(O)/xenstore-tests/fuzz/fuzz-migrate.o \
		$(O)/xenstore-tests/fuzz/fuzz-migrate-made.o $(STILL_HOST) $(XENSTORE_CORE:%.c=$(O)/%.o)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -ltalloc

.PHONY: check-fuzz-migrate
check-fuzz-migrate: $(FUZZ_MIGRATE)
	$(Q)$(FUZZ_MIGRATE) $(or $(N),20000) $(or $(SEED),1)

FUZZ_OX := $(O)/fuzz-ox
FUZZ_OX_DUMP := xenstore-tests/data/oxenstored-4.17.dump
TEST_PROGRAMS += $(FUZZ_OX)

$(FUZZ_OX): $(O)/xenstore-tests/fuzz/fuzz-ox.o $(STILL_HOST) $(XENSTORE_CORE:%.c=$(O)/%.o)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -ltalloc

.PHONY: check-fuzz-ox
check-fuzz-ox: $(FUZZ_OX)
	$(Q)$(FUZZ_OX) $(or $(N),20000) $(or $(SEED),1) $(FUZZ_OX_DUMP)
