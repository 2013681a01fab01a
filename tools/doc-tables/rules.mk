# SPDX-License-Identifier: GPL-2.0-or-later
#
# Prints the parts of the documents that come from the code's own tables.  It
# links the daemon without a host, because the tables point to their handlers.

DOC_TABLES     := $(O)/doc-tables
DOC_TABLES_SRC := $(wildcard tools/doc-tables/*.c) $(XENSTORE_CORE) \
	$(XENSTORE_DIR)/options.c

$(DOC_TABLES): $(DOC_TABLES_SRC:%.c=$(O)/%.o)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -ltalloc

# check-docs compares, docs writes.  The drawing of the rooms needs all objects.
DOC_FROM := $(DOC_TABLES) $(O)/differential/differential \
	$(O)/live/live-stories \
	tools/xenstore/xenstored tools/xenstore-control/xenstore-control \
	tools/xs-image/xs-image tools/xs-stream/xs-stream \
	tools/takeover/xenstored-takeover

.PHONY: check-docs docs
check-docs: $(DOC_FROM)
	$(Q)O=$(O) tools/check-docs $(DOC_FROM)

docs: $(DOC_FROM)
	$(Q)O=$(O) tools/check-docs --write $(DOC_FROM)
