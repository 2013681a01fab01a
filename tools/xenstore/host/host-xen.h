/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-xen: the host on Xen.
 */
#ifndef HOST_HOST_XEN_H
#define HOST_HOST_XEN_H

#include "host.h"

/*
 * host-probe.c: calls the hypervisor through each of Xen's libraries, without
 * lasting effect.  Returns 0, or an errno with err: which library does not match
 * the running Xen, and what to do.
 */
int __must_check host_xen_probe(struct err *err);
/*
 * Opens Xen's interfaces except event channels, which host_xen_start() opens or,
 * in a successor, update_adopt adopts.  argv: that of this process; it must stay.
 * NULL with err.
 */
struct host *host_xen_new(char **argv, struct err *err);
/* For a first start: opens event channels and a poll set. */
int __must_check host_xen_start(struct host *h, struct err *err);

/*
 * The host of a rehearsal: has a clock, and changes nothing outside.  NULL with
 * err.
 */
struct host *host_null_new(char **argv, struct err *err);

#endif
