# SPDX-License-Identifier: GPL-2.0-or-later
#
# xs-image: base and image, nothing else of the daemon.

XS_IMAGE_DIR := tools/xs-image
XS_IMAGE     := $(XS_IMAGE_DIR)/xs-image
XS_IMAGE_SRC := $(wildcard $(XS_IMAGE_DIR)/*.c tools/xenstore/base/*.c \
	tools/xenstore/image/*.c)
PROGRAMS     += $(XS_IMAGE)

$(O)/xs-image: $(XS_IMAGE_SRC:%.c=$(O)/%.o)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -ltalloc

$(XS_IMAGE): $(O)/xs-image
	$(Q)cp -f $< $@.new && mv -f $@.new $@
