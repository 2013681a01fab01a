# SPDX-License-Identifier: GPL-2.0-or-later
#
# What can be asked of this tree.  The rules themselves stand in
# tools/Rules.mk and in the rules.mk of each program's folder.

.DEFAULT_GOAL := all

include tools/Rules.mk
