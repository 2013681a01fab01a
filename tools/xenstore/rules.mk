# SPDX-License-Identifier: GPL-2.0-or-later
#
# xenstored.  What needs no host is a list of its own: tests link it.

XENSTORE_DIR  := tools/xenstore
INC           += -I$(XENSTORE_DIR)

# Images without a daemon: also what xs-image is made of.
XENSTORE_IMAGE := $(wildcard $(addprefix $(XENSTORE_DIR)/,base/*.c image/*.c \
		stock/convert*.c stock/dialect.c stock/format*.c \
		stock/ox-*.c)) $(XENSTORE_DIR)/migrate/relate.c
XENSTORE_CORE := $(sort $(XENSTORE_IMAGE) $(XENSTORE_DIR)/daemon.c \
	$(wildcard $(addprefix $(XENSTORE_DIR)/,store/*.c wire/*.c \
		transport/*.c loop/*.c domain/*.c control/*.c ops/*.c \
		state/*.c migrate/*.c stock/*.c update/*.c)))
XENSTORE_SRC  := $(XENSTORE_CORE) $(wildcard $(XENSTORE_DIR)/host/*.c) \
	$(addprefix $(XENSTORE_DIR)/,options.c trace.c start.c successor.c \
		main.c)
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
