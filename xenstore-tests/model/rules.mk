# SPDX-License-Identifier: GPL-2.0-or-later
#
# Random programs with live updates after every step, and without; see model.h.
#
#   make check-lu [N=requests] [SEED=number] [PROGRAM=requests]

MODEL_DIR := xenstore-tests/model
MODEL_BIN := $(O)/run-lu
TEST_PROGRAMS += $(MODEL_BIN)

$(MODEL_BIN): $(patsubst %.c,$(O)/%.o,$(wildcard $(MODEL_DIR)/*.c)) \
		$(TEST_LIB:%.c=$(O)/%.o) $(XENSTORE_CORE:%.c=$(O)/%.o)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -ltalloc

.PHONY: check-lu
check-lu: $(MODEL_BIN)
	$(Q)N=$(or $(N),$(if $(SAN),30000,300000)) SEED=$(SEED) \
		PROGRAM=$(PROGRAM) $<
