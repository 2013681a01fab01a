# SPDX-License-Identifier: GPL-2.0-or-later
#
# What leaves this tree: installed files, the source tarball, packages.
#
#   BESIDE=1   make install: in folders and under names of its own, so that it
#              can be installed with the host's xenstored: the packages do that

PACKAGE   := tools/package
owndir    ?= $(prefix)/lib/xenstored
daemondir  = $(if $(BESIDE),$(owndir),$(sbindir))
controldir = $(if $(BESIDE),$(owndir),$(bindir))
docdir    ?= $(prefix)/share/doc/xenstored
compdir   ?= $(prefix)/share/bash-completion/completions
# A section of its own: another package may have pages of these names.
mansuffix  = $(if $(BESIDE),8xs,8)

INSTALLED = $(daemondir)/xenstored $(controldir)/xenstore-control \
	$(sbindir)/xs-image $(sbindir)/xs-stream $(sbindir)/xenstored-takeover
INSTALL_COMPLETIONS = xs-image xs-stream \
	$(if $(BESIDE),xenstored-control,xenstored xenstore-control)

.PHONY: installed may-install install dist check-dist package check-package rpm check-rpm

# What make install needs, and no test program.
installed: $(XENSTORED) $(CONTROL) $(XS_IMAGE) $(XS_STREAM)

# Before anything is written.
may-install:
	$(if $(DESTDIR),,$(Q)$(PACKAGE)/may-install $(INSTALLED))

install-takeover: may-install
install: may-install installed
	install -d $(DESTDIR)$(sbindir) $(DESTDIR)$(daemondir) \
		$(DESTDIR)$(controldir) $(DESTDIR)$(mandir)/man8 \
		$(DESTDIR)$(docdir) $(DESTDIR)$(compdir)
	install -m 755 $(XENSTORED) $(DESTDIR)$(daemondir)/xenstored
	install -m 755 $(CONTROL) $(DESTDIR)$(controldir)/xenstore-control
	install -m 755 $(XS_IMAGE) $(DESTDIR)$(sbindir)/xs-image
	install -m 755 $(XS_STREAM) $(DESTDIR)$(sbindir)/xs-stream
	for page in xenstored xenstore-control; do \
		install -m 644 docs/man/$$page.8 \
			$(DESTDIR)$(mandir)/man8/$$page.$(mansuffix) || exit 1; \
	done
	install -m 644 docs/man/xs-image.8 docs/man/xs-stream.8 \
		$(DESTDIR)$(mandir)/man8/
	install -m 644 README.md NEWS.md $(DESTDIR)$(docdir)/
	$(if $(BESIDE),,install -m 644 LICENSE $(DESTDIR)$(docdir)/)
	for program in $(INSTALL_COMPLETIONS); do \
		install -m 644 tools/completion/bash \
			$(DESTDIR)$(compdir)/$$program || exit 1; \
	done
ifneq ($(BESIDE),)
	ln -sf $(owndir)/xenstore-control $(DESTDIR)$(sbindir)/xenstored-control
	echo ".so man8/xenstore-control.$(mansuffix)" \
		>$(DESTDIR)$(mandir)/man8/xenstored-control.8
	for script in after-upgrade before-removal; do \
		sed -e 's|^lib=/[^ ]*|lib=$(owndir)|' \
			-e 's|^takeover=/[^ ]*|takeover=$(sbindir)/xenstored-takeover|' \
			$(PACKAGE)/$$script >$(DESTDIR)$(owndir)/$$script && \
		chmod 755 $(DESTDIR)$(owndir)/$$script || exit 1; \
	done
	install -D -m 644 $(PACKAGE)/defaults $(DESTDIR)/etc/default/xenstored
endif

dist:
	$(Q)$(PACKAGE)/dist

# REVISION=N: the package's; a higher one is an upgrade.
package:
	$(Q)tools/deps package
	$(Q)$(PACKAGE)/build --revision $(or $(REVISION),1)

rpm:
	$(Q)tools/deps rpm
	$(Q)$(PACKAGE)/build-rpm

# Of this release; runs dpkg and the init script on a simulated host.
check-package: deps package e2e-programs faulty-daemon
	$(Q)xenstore-tests/package/run

check-rpm:
	$(Q)tools/deps rpm
	$(Q)xenstore-tests/package/rpm

check-dist:
	$(Q)xenstore-tests/package/dist
