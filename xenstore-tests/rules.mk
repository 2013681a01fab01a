# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests in one process: one program for each unit/test-*.c, and the stories of
# conformance/.  Each builds below $(O), so that every compiler and SAN=1 have
# their own.

TESTS     := xenstore-tests
STILL_HOST := $(O)/$(TESTS)/lib/still-host.o
TEST_LIB  := $(wildcard $(TESTS)/lib/*.c)
UNIT_BIN  := $(patsubst $(TESTS)/unit/%.c,$(O)/unit/%,\
	$(wildcard $(TESTS)/unit/test-*.c))
STORIES   ?= $(sort $(wildcard $(TESTS)/conformance/*.story))
INC       += -I$(TESTS)/lib

# Built before any test runs: by make check and make check-san, and by make
# check alone.
TEST_PROGRAMS  := $(UNIT_BIN) $(O)/run-stories
CHECK_PROGRAMS :=

.PHONY: check-unit check-stories

$(UNIT_BIN): $(O)/unit/%: $(O)/$(TESTS)/unit/%.o $(STILL_HOST) \
		$(XENSTORE_CORE:%.c=$(O)/%.o)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -ltalloc -lcmocka

# Of the host, what needs no host.
$(O)/unit/test-elf: $(O)/tools/xenstore/host/elf.o
$(O)/unit/test-file: $(O)/tools/xenstore/host/host-file.o
$(O)/unit/test-host-null: $(O)/tools/xenstore/host/host-null.o \
	$(O)/tools/xenstore/host/host-posix.o \
	$(O)/tools/xenstore/host/host-paths.o \
	$(O)/tools/xenstore/host/host-socket.o

# Two processes, without Xen.
$(O)/unit/test-beside $(O)/unit/test-beside-bad $(O)/unit/test-beside-cut: \
	$(filter-out %/host-xen.o %/host-probe.o \
	$(XENSTORE_XEN:%.c=$(O)/%.o), \
	$(patsubst %.c,$(O)/%.o,$(wildcard $(XENSTORE_DIR)/host/*.c)))

# The whole daemon on a host that does what a test says.
$(addprefix $(O)/unit/test-,domain-id drain first ring-gfn turns unread): \
	$(O)/$(TESTS)/lib/script-host.o \
	$(O)/$(TESTS)/lib/script-xen.o $(O)/$(TESTS)/lib/script-beside.o

# Every program runs, whatever became of the others.
check-unit: $(UNIT_BIN)
	$(Q)$(TESTS)/unit/run $(UNIT_BIN)

$(O)/run-stories: $(O)/$(TESTS)/conformance/run-stories.o \
		$(TEST_LIB:%.c=$(O)/%.o) $(XENSTORE_CORE:%.c=$(O)/%.o)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -ltalloc

check-stories: $(O)/run-stories
	$(Q)$< $(STORIES)
