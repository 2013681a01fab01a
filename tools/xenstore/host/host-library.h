/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-library: what an administrator reads when one of Xen's libraries cannot
 * be used.  For host-probe.c and host-domains-*.c.
 */
#ifndef HOST_HOST_LIBRARY_H
#define HOST_HOST_LIBRARY_H

#include "base/err.h"

/* A function of the library leads to the path that was loaded. */
struct library {
	const char *name, *function;
};

/*
 * errno says why the interface `what` of Xen cannot be opened.  Sets err and
 * returns that errno.
 */
int library_not_open(const struct library *lib, const char *what,
		     struct err *err);
/*
 * The hypervisor has refused something with rc.  Sets err, what_to_do last, and
 * returns rc.
 */
int library_mismatch(const struct library *lib, const char *refused, int rc,
		     const char *what_to_do, struct err *err);

#endif
