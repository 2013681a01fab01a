# SPDX-License-Identifier: GPL-2.0-or-later
#
# make check-image: xs-image beside a second reader, on all images there are.

.PHONY: check-image
check-image: $(O)/xs-image $(O)/run-stories e2e-programs
	$(Q)$(MAKE) --no-print-directory two-daemons
	$(Q)XS_IMAGE=$(O)/xs-image STORIES_BIN=$(O)/run-stories xenstore-tests/image/run
