# SPDX-License-Identifier: GPL-2.0-or-later
#
# The example hooks of tools/hooks, with stand-ins for xl and libxl.

.PHONY: check-hooks

check-hooks: $(O)/xs-stream
	$(Q)xenstore-tests/hooks/run $(O)/xs-stream
