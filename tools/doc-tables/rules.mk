# SPDX-License-Identifier: GPL-2.0-or-later
#
# The parts of the documents that come from the code's own tables.

DOC_TABLES := $(O)/doc-tables

$(DOC_TABLES): $(O)/tools/doc-tables/doc-tables.o \
		$(patsubst %.c,$(O)/%.o,$(wildcard tools/xenstore/base/*.c \
			tools/xenstore/image/*.c))
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -ltalloc

# check-docs compares, docs writes.
DOC_FROM := $(DOC_TABLES) tools/xenstore/xenstored \
	$(O)/differential/differential

.PHONY: check-docs docs
check-docs: $(DOC_FROM)
	$(Q)tools/check-docs $(DOC_FROM)

docs: $(DOC_FROM)
	$(Q)tools/check-docs --write $(DOC_FROM)
