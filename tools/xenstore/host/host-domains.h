/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-domains: which domains Xen has, and where a port leads.  There are two
 * implementations, and the build takes one (tools/xenstore/rules.mk):
 *
 *   host-domains-ctrl.c    libxenctrl, Xen 4.15 to 4.20.  Its calls carry a
 *                          version, so it must be the one of the running Xen.
 *   host-domains-manage.c  libxenmanage and libxencall, Xen 4.21 and later.
 *                          Their calls stay the same from release to release.
 *
 * What libxenmanage does not say: a domain's UUID (its unique id is used
 * instead), and whether the domain is paused (it counts as running).
 *
 * For host-xen.c and host-probe.c.
 */
#ifndef HOST_HOST_DOMAINS_H
#define HOST_HOST_DOMAINS_H

#include "host.h"

struct xendoms;

/* NULL with errno set. */
struct xendoms *xendoms_open(void);
void xendoms_close(struct xendoms *xd);
/* As struct host_ops has them. */
int xendoms_one(struct xendoms *xd, uint16_t domid, struct host_domain *ret);
int xendoms_list(struct xendoms *xd, const struct domids *of,
		 uint16_t first_domid, struct host_domain *ret, size_t max,
		 size_t *ret_n);
int xendoms_far(struct xendoms *xd, uint32_t port, uint32_t *ret_remote);
/*
 * Whether the hypervisor answers these calls.  Returns 0, or an errno with err:
 * which library does not match, and what to do.
 */
int __must_check xendoms_probe(struct err *err);

#endif
