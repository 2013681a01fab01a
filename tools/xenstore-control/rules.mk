# SPDX-License-Identifier: GPL-2.0-or-later
#
# xenstore-control: links nothing but libc and two of the daemon's rooms.

CONTROL_DIR := tools/xenstore-control
CONTROL     := $(CONTROL_DIR)/xenstore-control
CONTROL_SRC := $(wildcard $(CONTROL_DIR)/*.c) \
	$(addprefix tools/xenstore/,base/escape.c base/parse.c base/stdfd.c \
	wire/wire.c)
PROGRAMS    += $(CONTROL)

$(O)/xenstore-control: $(CONTROL_SRC:%.c=$(O)/%.o)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^

$(CONTROL): $(O)/xenstore-control
	$(Q)cp -f $< $@.new && mv -f $@.new $@
