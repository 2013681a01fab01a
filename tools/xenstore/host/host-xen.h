/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-xen: a real host, Xen under it.
 */
#ifndef HOST_HOST_XEN_H
#define HOST_HOST_XEN_H

#include "host.h"

/*
 * host-probe.c: asks the hypervisor something by each of Xen's libraries, and
 * leaves nothing behind.  Returns 0, or an errno with err: which library does
 * not match what runs, what the answer was and what to do.
 */
int __must_check host_xen_probe(struct err *err);
/*
 * Opens Xen's interfaces but for the event channels, which host_xen_start()
 * or, in a successor, update_adopt opens.  argv is that of this process.  NULL
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
