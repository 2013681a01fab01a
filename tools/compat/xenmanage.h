/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interface of Xen's libxenmanage (Xen 4.21 and later), declared for systems
 * that do not have its header: names, types and numbers are those of its public
 * documentation.  Used by the daemon's host-domains-manage.c and by xensim.
 */
#ifndef XENMANAGE_H
#define XENMANAGE_H

#include <stdint.h>

struct xentoollog_logger;
typedef struct xenmanage_handle xenmanage_handle;

/* What a domain's state can have; 0: the domain does not exist any more. */
#define XENMANAGE_GETDOMSTATE_STATE_EXIST    0x0001
#define XENMANAGE_GETDOMSTATE_STATE_SHUTDOWN 0x0002
#define XENMANAGE_GETDOMSTATE_STATE_DYING    0x0004
#define XENMANAGE_GETDOMSTATE_STATE_DEAD     0x0008 /* waits to be freed */

/* What a domain may do. */
#define XENMANAGE_GETDOMSTATE_CAP_CONTROL  0x0001
#define XENMANAGE_GETDOMSTATE_CAP_HARDWARE 0x0002
#define XENMANAGE_GETDOMSTATE_CAP_XENSTORE 0x0004

/* NULL and errno; flags must be 0. */
xenmanage_handle *xenmanage_open(struct xentoollog_logger *logger,
				 unsigned int open_flags);
/* Returns 0. */
int xenmanage_close(xenmanage_handle *hdl);
/*
 * The state of one domain.  Each of the last three may be NULL.  Returns 0, or -1
 * and errno.
 */
int xenmanage_get_domain_info(xenmanage_handle *hdl, unsigned int domid,
			      unsigned int *state, unsigned int *caps,
			      uint64_t *unique_id);
/*
 * The next domain whose state has changed since it was last returned here; after
 * VIRQ_DOM_EXC was bound, each that exists.  Only for the domain that has bound
 * VIRQ_DOM_EXC.  Returns 0, or -1 and errno; ENOENT: no further one.
 */
int xenmanage_poll_changed_domain(xenmanage_handle *hdl, unsigned int *domid,
				  unsigned int *state, unsigned int *caps,
				  uint64_t *unique_id);

#endif
