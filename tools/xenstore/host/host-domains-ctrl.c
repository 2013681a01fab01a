/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-domains-ctrl: host-domains.h with libxenctrl.  Called by host-xen.c and
 * host-probe.c.
 */
#include "host/host-domains.h"

#include <errno.h>
#include <stdio.h>

#include <xenctrl.h>

#include "host/host-library.h"

#define DOMAINS_AT_ONCE 64

/* The library's handle is all that it needs. */
static xc_interface *to_xc(struct xendoms *xd)
{
	return (xc_interface *)(void *)xd;
}

struct xendoms *xendoms_open(void)
{
	return (struct xendoms *)(void *)xc_interface_open(NULL, NULL, 0);
}

void xendoms_close(struct xendoms *xd)
{
	xc_interface_close(to_xc(xd));
}

static uint64_t handle_half(const uint8_t *p)
{
	uint64_t v = 0;
	int i;

	for (i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

static int get_list(struct xendoms *xd, uint16_t first_domid,
		    struct host_domain *ret, size_t max, size_t *ret_n)
{
	xc_domaininfo_t info[DOMAINS_AT_ONCE];
	int n, i;

	n = xc_domain_getinfolist(to_xc(xd), first_domid, (unsigned int)max,
				  info);
	if (n < 0)
		return errno;
	for (i = 0; i < n; i++)
		ret[i] = (struct host_domain){
			.domid = info[i].domain,
			.shutdown = info[i].flags & XEN_DOMINF_shutdown,
			.dying = info[i].flags & XEN_DOMINF_dying,
			.paused = info[i].flags & XEN_DOMINF_paused,
			.handle_hi = handle_half(info[i].handle),
			.handle_lo = handle_half(info[i].handle + 8),
		};
	*ret_n = (size_t)n;
	return 0;
}

int xendoms_one(struct xendoms *xd, uint16_t domid, struct host_domain *ret)
{
	size_t n;
	int rc = get_list(xd, domid, ret, 1, &n);

	return rc ? rc : n && ret->domid == domid ? 0 : ENOENT;
}

int xendoms_list(struct xendoms *xd, const struct domids *of,
		 uint16_t first_domid, struct host_domain *ret, size_t max,
		 size_t *ret_n)
{
	if (!of)
		return ENOSYS; /* nor does a page name a port there */
	/* one call has all of them */
	return get_list(xd, first_domid, ret,
			max < DOMAINS_AT_ONCE ? max : DOMAINS_AT_ONCE, ret_n);
}

int xendoms_far(struct xendoms *xd, uint32_t port, uint32_t *ret_remote)
{
	xc_evtchn_status_t st = {.dom = DOMID_SELF, .port = port};

	if (xc_evtchn_status(to_xc(xd), &st))
		return errno;
	if (st.status != EVTCHNSTAT_interdomain)
		return ENOTCONN;
	*ret_remote = st.u.interdomain.port;
	return 0;
}

int xendoms_probe(struct err *err)
{
	static const struct library lib = {"libxenctrl",
					   "xc_domain_getinfolist"};
	char what_to_do[96] = "boot the installed Xen, or use the libraries "
			      "of the running one";
	xc_interface *xc = xc_interface_open(NULL, NULL, 0);
	xc_domaininfo_t info;
	int n, rc = 0, version;

	if (!xc)
		return library_not_open(&lib, "control interface", err);
	errno = 0;
	n = xc_domain_getinfolist(xc, 0, 1, &info);
	if (n < 1)
		rc = errno ? errno : ESRCH; /* dom0 is always there */
	/* this call works across releases */
	version = rc ? xc_version(xc, XENVER_version, NULL) : -1;
	xc_interface_close(xc);
	if (!rc)
		return 0;
	if (version > 0)
		snprintf(what_to_do, sizeof(what_to_do),
			 "Xen %d.%d is running: boot the installed Xen, or use "
			 "the libraries of %d.%d",
			 version >> 16, version & 0xffff, version >> 16,
			 version & 0xffff);
	return library_mismatch(&lib, "the list of domains", rc, what_to_do,
				err);
}
