# SPDX-License-Identifier: GPL-2.0-or-later
#
# xs-image: its own files and what the daemon knows of images.

XS_IMAGE_DIR := tools/xs-image
XS_IMAGE     := $(XS_IMAGE_DIR)/xs-image
XS_IMAGE_SRC := $(wildcard $(XS_IMAGE_DIR)/*.c) $(XENSTORE_IMAGE)
PROGRAMS     += $(XS_IMAGE)

$(O)/xs-image: $(XS_IMAGE_SRC:%.c=$(O)/%.o)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -ltalloc

$(XS_IMAGE): $(O)/xs-image
	$(Q)cp -f $< $@.new && mv -f $@.new $@
