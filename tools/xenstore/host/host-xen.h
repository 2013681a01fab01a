/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-xen: a real host, Xen under it.
 */
#ifndef HOST_HOST_XEN_H
#define HOST_HOST_XEN_H

#include "host.h"

/*
 * Opens Xen's interfaces but for the event channels, which host_xen_start()
 * or, in a successor, lu_adopt opens.  argv is that of this process.  NULL
 * with err.
 */
struct host *host_xen_new(char **argv, struct err *err);
/* A first start: event channels and polling of our own. */
int __must_check host_xen_start(struct host *h, struct err *err);

/*
 * The host of a rehearsal: knows the time, answers everything and touches
 * nothing.
 */
struct host *host_null_new(char **argv, struct err *err);

#endif
