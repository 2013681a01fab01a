# SPDX-License-Identifier: GPL-2.0-or-later
#
# How everything here is compiled.  A program's folder has a rules.mk that
# names its sources with this file's variables and adds what it makes to
# PROGRAMS.
#
#   O=DIR      where objects go (default build/<compiler>[-san])
#   SAN=1      address and undefined-behaviour sanitizers
#   FAULTS=1   with the places where tests make updates fail (base/fault.h)
#   LAYOUT=1   with other struct layouts, for updates between builds
#              (base/list.h); clang's build of the tests is one
#   MANAGE=1   uses libxenmanage, for Xen 4.21 and later, instead of libxenctrl
#              (the default where its header is installed; MANAGE= for not)
#   V=1        show the commands

CC      ?= gcc
ifeq ($(origin CC),default)
CC      := gcc
endif
SAN     ?=

# Without the header, MANAGE=1 takes the declarations in tools/compat and a
# library that works on the simulated Xen only.
HAVE_XENMANAGE := $(shell $(CC) -include xenmanage.h -E -x c /dev/null \
	>/dev/null 2>&1 && echo 1)
MANAGE  ?= $(HAVE_XENMANAGE)
export MANAGE
XENMANAGE_INC := $(if $(HAVE_XENMANAGE),,-Itools/compat)
XENMANAGE_LIB := $(if $(HAVE_XENMANAGE),,tools/xensim/libxenmanage.so.1)

O       ?= build/$(notdir $(firstword $(CC)))$(if $(SAN),-san)$(if $(FAULTS),-faults)$(if $(LAYOUT),-layout)$(if $(MANAGE),-manage)
Q       := $(if $(V),,@)
say      = $(if $(V),,@echo "  $(1)	$(2)")

prefix     ?= /usr/local
bindir     ?= $(prefix)/bin
sbindir    ?= $(prefix)/sbin
mandir     ?= $(prefix)/share/man
DESTDIR    ?=

WARN    := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes \
	   -Wmissing-prototypes -Wwrite-strings -Wvla -Werror
OPT     ?= -O2 -g
ifneq ($(SAN),)
SANFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	   -fno-omit-frame-pointer
endif
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE $(WARN) $(OPT) $(SANFLAGS) -fPIC \
	   -fno-strict-aliasing -MMD -MP $(if $(FAULTS),-DXENSTORED_FAULTS) \
	   $(if $(LAYOUT),-DXENSTORED_LAYOUT) \
	   $(CFLAGS)
ALL_LDFLAGS = $(SANFLAGS) $(LDFLAGS)

PROGRAMS :=

.PHONY: all clean
all:

# The daemon's first: others link parts of it.
include tools/xenstore/rules.mk \
	$(filter-out tools/xenstore/%,$(wildcard tools/*/rules.mk)) \
	xenstore-tests/rules.mk

all: $(PROGRAMS)

$(O)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(INC) -c -o $@ $<

clean:
	rm -rf build $(PROGRAMS)

-include $(shell find $(O) -name '*.d' 2>/dev/null)
