/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rig-domain: a domain without toolstack, store or kernel: one page, granted to
 * dom0 as its ring, and one event channel offered to dom0. For the properties
 * in xenstore-tests/xensim/props.c and for rig-churn.c. Also in rig.c's table.
 */
#include "rig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* first: it defines __XEN_TOOLS__ for the other headers */
#include <xenctrl.h>

#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xenforeignmemory.h>

#define MAX_KB 4096

static int fail(const char *what)
{
	fprintf(stderr, "rig: %s: %s\n", what, strerror(errno));
	return 1;
}

/*
 * Sets the flags of the ring's entry in the domain's grant table and, if given,
 * the frame.
 */
static int set_grant(uint32_t domid, uint16_t flags, const xen_pfn_t *frame)
{
	xenforeignmemory_handle *fmem = xenforeignmemory_open(NULL, 0);
	xenforeignmemory_resource_handle *resource;
	grant_entry_v1_t *table = NULL;

	if (!fmem)
		return fail("foreign memory cannot be mapped");
	resource = xenforeignmemory_map_resource(
		fmem, (domid_t)domid, XENMEM_resource_grant_table,
		XENMEM_resource_grant_table_id_shared, 0, 1, (void **)&table,
		PROT_READ | PROT_WRITE, 0);
	if (!resource)
		return fail("grant table cannot be changed");
	if (frame)
		table[GNTTAB_RESERVED_XENSTORE].frame = (uint32_t)*frame;
	table[GNTTAB_RESERVED_XENSTORE].domid = 0;
	__atomic_store_n(&table[GNTTAB_RESERVED_XENSTORE].flags, flags,
			 __ATOMIC_SEQ_CST);
	xenforeignmemory_unmap_resource(fmem, resource);
	xenforeignmemory_close(fmem);
	return 0;
}

int domain_make(struct xc_interface_core *xc, uint32_t *ret_domid,
		unsigned long *ret_frame)
{
	struct xen_domctl_createdomain config = {
		.handle = {0x78, 0x65, 0x6e},
		.max_vcpus = 1,
		.max_evtchn_port = 1023,
		.max_grant_frames = 1,
		.max_maptrack_frames = 1,
		.grant_opts = XEN_DOMCTL_GRANT_version(1),
	};
	uint32_t domid = 0;
	xen_pfn_t page = 0;
	int port;

	if (!xc || xc_domain_create(xc, &domid, &config))
		return fail("domain");
	if (xc_domain_max_vcpus(xc, domid, 1) ||
	    xc_domain_setmaxmem(xc, domid, MAX_KB) ||
	    xc_domain_populate_physmap_exact(xc, domid, 1, 0, 0, &page))
		return fail("memory");
	port = xc_evtchn_alloc_unbound(xc, domid, 0);
	if (port != 1)
		return fail("cannot make its event channel");
	if (set_grant(domid, GTF_permit_access, &page))
		return 1;
	*ret_domid = domid;
	*ret_frame = page;
	return 0;
}

int rig_make(char **args)
{
	unsigned long frame;
	uint32_t domid;

	(void)args;
	if (domain_make(xc_interface_open(NULL, NULL, 0), &domid, &frame))
		return 1;
	printf("%u\n", domid);
	return 0;
}

int rig_revoke(char **args)
{
	return set_grant(domid_arg(args[0]), 0, NULL);
}

int rig_grant(char **args)
{
	return set_grant(domid_arg(args[0]), GTF_permit_access, NULL);
}

int rig_stop(char **args)
{
	xc_interface *xc = xc_interface_open(NULL, NULL, 0);

	if (!xc ||
	    xc_domain_shutdown(xc, domid_arg(args[0]), SHUTDOWN_poweroff))
		return fail("shutdown");
	return 0;
}
