# SPDX-License-Identifier: GPL-2.0-or-later
#
# xs-stream: its own files and the daemon's base/{err,escape,stdfd}.c, nothing else.

XS_STREAM_DIR  := tools/xs-stream
XS_STREAM      := $(XS_STREAM_DIR)/xs-stream
XS_STREAM_CORE := $(addprefix $(XS_STREAM_DIR)/,crc64.c framing.c stream.c) \
	$(addprefix tools/xenstore/base/,err.c escape.c)
XS_STREAM_SRC  := $(XS_STREAM_CORE) $(XS_STREAM_DIR)/main.c \
	tools/xenstore/base/stdfd.c
PROGRAMS       += $(XS_STREAM)

$(O)/xs-stream: $(XS_STREAM_SRC:%.c=$(O)/%.o)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^

$(XS_STREAM): $(O)/xs-stream
	$(Q)cp -f $< $@.new && mv -f $@.new $@
