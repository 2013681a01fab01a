# SPDX-License-Identifier: GPL-2.0-or-later
#
# make check-image: xs-image beside a second reader, on all images there are.

.PHONY: check-image
check-image: $(O)/xs-image $(O)/run-stories two-daemons e2e-programs
	$(Q)XS_IMAGE=$(O)/xs-image STORIES_BIN=$(O)/run-stories xenstore-tests/image/run
