/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-domains-manage: host-domains.h with libxenmanage, and with libxencall for
 * the state of a port and Xen's version.  Called by host-xen.c and host-probe.c.
 */
#include "host/host-domains.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <xen/event_channel.h>
#include <xen/version.h>
#include <xencall.h>
#include <xenmanage.h>

#include "base/domids.h"
#include "host/host-library.h"

#define STATE_GONE                                                             \
	(XENMANAGE_GETDOMSTATE_STATE_DYING | XENMANAGE_GETDOMSTATE_STATE_DEAD)

struct xendoms {
	xenmanage_handle *manage;
	xencall_handle *call;
};

struct xendoms *xendoms_open(void)
{
	struct xendoms *xd = calloc(1, sizeof(*xd));
	int rc;

	if (!xd)
		return NULL;
	xd->manage = xenmanage_open(NULL, 0);
	xd->call = xd->manage ? xencall_open(NULL, 0) : NULL;
	if (xd->call)
		return xd;
	rc = errno;
	xendoms_close(xd);
	errno = rc;
	return NULL;
}

void xendoms_close(struct xendoms *xd)
{
	if (xd->call)
		xencall_close(xd->call);
	if (xd->manage)
		xenmanage_close(xd->manage);
	free(xd);
}

static struct host_domain facts(uint16_t domid, unsigned int state,
				unsigned int caps, uint64_t unique_id)
{
	return (struct host_domain){
		.domid = domid,
		.shutdown = state & XENMANAGE_GETDOMSTATE_STATE_SHUTDOWN,
		.dying = state & STATE_GONE,
		.unique_id = unique_id,
		.control = caps & XENMANAGE_GETDOMSTATE_CAP_CONTROL,
		.store = caps & XENMANAGE_GETDOMSTATE_CAP_XENSTORE,
	};
}

int xendoms_one(struct xendoms *xd, uint16_t domid, struct host_domain *ret)
{
	unsigned int state, caps;
	uint64_t unique_id;

	if (xenmanage_get_domain_info(xd->manage, domid, &state, &caps,
				      &unique_id))
		return errno == ESRCH ? ENOENT : errno;
	if (!(state & XENMANAGE_GETDOMSTATE_STATE_EXIST))
		return ENOENT;
	*ret = facts(domid, state, caps, unique_id);
	return 0;
}

/* As VIRQ_DOM_EXC was just bound, each that exists has changed. */
static int list_all(struct xendoms *xd, struct host_domain *ret, size_t max,
		    size_t *ret_n)
{
	unsigned int domid, state, caps;
	uint64_t unique_id;
	size_t n = 0;

	while (n < max) {
		if (xenmanage_poll_changed_domain(xd->manage, &domid, &state,
						  &caps, &unique_id)) {
			if (errno != ENOENT)
				return errno;
			break;
		}
		if (state & XENMANAGE_GETDOMSTATE_STATE_EXIST)
			ret[n++] =
				facts((uint16_t)domid, state, caps, unique_id);
	}
	*ret_n = n;
	return 0;
}

/* The library has no call for several domains. */
int xendoms_list(struct xendoms *xd, const struct domids *of,
		 uint16_t first_domid, struct host_domain *ret, size_t max,
		 size_t *ret_n)
{
	uint32_t domid;
	size_t n = 0;
	int rc;

	if (!of)
		return list_all(xd, ret, max, ret_n);
	for (domid = domids_next(of, first_domid);
	     n < max && domid < DOMIDS_END;
	     domid = domids_next(of, domid + 1)) {
		rc = xendoms_one(xd, (uint16_t)domid, &ret[n]);
		if (rc && rc != ENOENT)
			return rc;
		n += !rc;
	}
	*ret_n = n;
	return 0;
}

int xendoms_far(struct xendoms *xd, uint32_t port, uint32_t *ret_remote)
{
	struct evtchn_status *st = xencall_alloc_buffer(xd->call, sizeof(*st));
	int rc;

	if (!st)
		return errno;
	*st = (struct evtchn_status){.dom = DOMID_SELF, .port = port};
	rc = xencall2(xd->call, __HYPERVISOR_event_channel_op, EVTCHNOP_status,
		      (uint64_t)(uintptr_t)st)
		     ? errno
	     : st->status != EVTCHNSTAT_interdomain ? ENOTCONN
						    : 0;
	if (!rc)
		*ret_remote = st->u.interdomain.port;
	xencall_free_buffer(xd->call, st);
	return rc;
}

/* This call works on every Xen. */
static void say_version(struct xendoms *xd, char *text, size_t size)
{
	int version =
		xencall2(xd->call, __HYPERVISOR_xen_version, XENVER_version, 0);

	if (version > 0)
		snprintf(text, size, "Xen %d.%d is running: ", version >> 16,
			 version & 0xffff);
}

int xendoms_probe(struct err *err)
{
	static const struct library lib = {"libxenmanage",
					   "xenmanage_get_domain_info"};
	char version[32] = "", what_to_do[128];
	struct xendoms *xd = xendoms_open();
	struct host_domain dom0;
	int rc;

	if (!xd)
		return library_not_open(&lib, "control interface", err);
	rc = xendoms_one(xd, 0, &dom0);
	if (rc == ENOENT)
		rc = 0; /* it answers, and that is what counts */
	if (rc)
		say_version(xd, version, sizeof(version));
	xendoms_close(xd);
	if (!rc)
		return 0;
	snprintf(what_to_do, sizeof(what_to_do),
		 "%sboot Xen 4.21 or later, or use an xenstored that was built "
		 "for this Xen (make MANAGE=)",
		 version);
	return library_mismatch(&lib, "the state of domain 0", rc, what_to_do,
				err);
}
