# SPDX-License-Identifier: GPL-2.0-or-later
#
# make check-image: xs-image beside a second reader, on all images there are.

.PHONY: check-image
check-image: $(O)/xs-image two-daemons e2e-programs
	$(Q)XS_IMAGE=$(O)/xs-image xenstore-tests/image/run
