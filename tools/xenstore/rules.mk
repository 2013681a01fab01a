# SPDX-License-Identifier: GPL-2.0-or-later
#
# xenstored.  What needs no host is a list of its own: tests link it.

XENSTORE_DIR  := tools/xenstore
INC           += -I$(XENSTORE_DIR) $(XENMANAGE_INC)

# Images without a daemon: also what xs-image is made of.
XENSTORE_IMAGE := $(wildcard $(addprefix $(XENSTORE_DIR)/,base/*.c image/*.c \
		stock/convert*.c stock/dialect.c stock/format*.c \
		stock/ox-*.c)) $(XENSTORE_DIR)/migrate/relate.c
XENSTORE_CORE := $(sort $(XENSTORE_IMAGE) $(XENSTORE_DIR)/daemon.c \
	$(wildcard $(addprefix $(XENSTORE_DIR)/,store/*.c wire/*.c \
		transport/*.c loop/*.c domain/*.c control/*.c ops/*.c \
		state/*.c migrate/*.c stock/*.c update/*.c)))
# One of two libraries says which domains there are (host/host-domains.h).
XENSTORE_XEN  := $(addprefix $(XENSTORE_DIR)/host/host-domains-,ctrl.c manage.c)
XENSTORE_SRC  := $(XENSTORE_CORE) \
	$(filter-out $(XENSTORE_XEN),$(wildcard $(XENSTORE_DIR)/host/*.c)) \
	$(filter $(if $(MANAGE),%-manage.c,%-ctrl.c),$(XENSTORE_XEN)) \
	$(addprefix $(XENSTORE_DIR)/,options.c trace.c start.c listening.c \
		successor.c successor-beside.c successor-ox.c main.c)
XENSTORE_LIBS := $(if $(MANAGE),$(or $(XENMANAGE_LIB),-lxenmanage) -lxencall,-lxenctrl) \
	-lxengnttab -lxenevtchn -ltalloc -lpthread -ldl

XENSTORED     := $(XENSTORE_DIR)/xenstored
PROGRAMS      += $(XENSTORED)

# Each build has its own; the one in the program's folder is a copy of the
# build that was made last.
$(O)/xenstored: $(XENSTORE_SRC:%.c=$(O)/%.o) | $(if $(MANAGE),$(XENMANAGE_LIB))
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(XENSTORE_LIBS)

$(XENSTORED): $(O)/xenstored
	$(Q)cp -f $< $@.new && mv -f $@.new $@
