# SPDX-License-Identifier: GPL-2.0-or-later
#
# xenstored.  The pure rooms are a list of their own: unit tests link them
# without a host.

XENSTORE_DIR  := tools/xenstore
INC           += -I$(XENSTORE_DIR)

XENSTORE_BASE := $(wildcard $(XENSTORE_DIR)/base/*.c $(XENSTORE_DIR)/image/*.c)
XENSTORE_PURE := $(XENSTORE_BASE) \
	$(wildcard $(XENSTORE_DIR)/store/*.c $(XENSTORE_DIR)/wire/*.c)
XENSTORE_CORE := $(XENSTORE_PURE) $(XENSTORE_DIR)/daemon.c \
	$(wildcard $(addprefix $(XENSTORE_DIR)/,transport/*.c loop/*.c \
		domain/*.c control/*.c ops/*.c lu/*.c))
XENSTORE_SRC  := $(XENSTORE_CORE) $(XENSTORE_DIR)/options.c \
	$(XENSTORE_DIR)/trace.c $(XENSTORE_DIR)/start.c $(XENSTORE_DIR)/main.c \
	$(wildcard $(XENSTORE_DIR)/host/*.c)
XENSTORE_LIBS := -lxenctrl -lxengnttab -lxenevtchn -ltalloc

XENSTORED     := $(XENSTORE_DIR)/xenstored
PROGRAMS      += $(XENSTORED)

# Each build has its own; the one in the program's folder is a copy of the
# build that was made last.
$(O)/xenstored: $(XENSTORE_SRC:%.c=$(O)/%.o)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(XENSTORE_LIBS)

$(XENSTORED): $(O)/xenstored
	$(Q)cp -f $< $@.new && mv -f $@.new $@
