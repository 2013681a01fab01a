# SPDX-License-Identifier: GPL-2.0-or-later
#
# xenstored-takeover: scripts. "make install" writes into them where the other
# programs are.

TAKEOVER_DIR := tools/takeover
TAKEOVER_SED  = sed -e 's|^daemon=/[^ ]*|daemon=$(daemondir)/xenstored|' \
	-e 's|^control=/[^ ]*|control=$(controldir)/xenstore-control|' \
	-e 's|^image=/[^ ]*|image=$(sbindir)/xs-image|' \
	-e 's|^libdir=/[^ ]*|libdir=$(owndir)|'

.PHONY: install-takeover
install: install-takeover
install-takeover: may-install
	install -d $(DESTDIR)$(sbindir) $(DESTDIR)$(owndir) \
		$(DESTDIR)$(mandir)/man8 $(DESTDIR)$(compdir)
	$(TAKEOVER_SED) $(TAKEOVER_DIR)/xenstored-takeover \
		>$(DESTDIR)$(sbindir)/xenstored-takeover
	$(TAKEOVER_SED) $(TAKEOVER_DIR)/xenstored-boot \
		>$(DESTDIR)$(owndir)/xenstored-boot
	chmod 755 $(DESTDIR)$(sbindir)/xenstored-takeover \
		$(DESTDIR)$(owndir)/xenstored-boot
	install -m 644 $(TAKEOVER_DIR)/takeover-find.sh \
		$(TAKEOVER_DIR)/takeover-boot.sh $(DESTDIR)$(owndir)/
	install -m 644 docs/man/xenstored-takeover.8 $(DESTDIR)$(mandir)/man8/
	install -m 644 tools/completion/bash $(DESTDIR)$(compdir)/xenstored-takeover
