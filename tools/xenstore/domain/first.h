/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * first: the domains that are there when a daemon starts for the first time.
 *
 * Xen 4.21 and later tell which domain is privileged (the control domain, the
 * first if there are several) and in which the store runs (the xenstore domain,
 * the last); the command line outranks that.  A domain that Xen made at boot
 * waits for the store: its page is in grant entry 1 and names its port.  Earlier
 * releases tell nothing: dom0 is both, and a toolstack introduces the others.
 */
#ifndef DOMAIN_FIRST_H
#define DOMAIN_FIRST_H

#include "base/domids.h"
#include "daemon.h"

/*
 * After VIRQ_DOM_EXC was bound: lists the domains in *ret, which is empty, and
 * sets the two of the configuration.  Returns 0, ENOMEM, or the host's errno.
 */
int __must_check first_look(struct daemon *d, struct domids *ret);
/* Introduces those of them that wait. */
void first_introduce(struct daemon *d, const struct domids *there);

#endif
