# SPDX-License-Identifier: GPL-2.0-or-later
#
# xs-stream: properties of its core, and the program on recorded streams.

STREAM_TESTS := xenstore-tests/stream
TEST_PROGRAMS += $(O)/test-stream $(O)/xs-stream

.PHONY: check-stream

$(O)/test-stream: $(STREAM_TESTS:%=$(O)/%/test-stream.o) \
		$(STREAM_TESTS:%=$(O)/%/gen-stream.o) $(XS_STREAM_CORE:%.c=$(O)/%.o)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^

$(O)/$(STREAM_TESTS)/%.o: INC += -Itools/xs-stream

check-stream: $(O)/test-stream $(O)/xs-stream
	$(Q)$(STREAM_TESTS)/run $(O)/test-stream $(O)/xs-stream
