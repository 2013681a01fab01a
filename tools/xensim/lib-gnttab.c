/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libxengnttab on a simulated Xen: maps what a domain grants.  Each handle has
 * a connection of its own; when that closes, however the process ends, the
 * hypervisor knows that the pages are unmapped.  Called by programs that run
 * under `xensim run`.
 */
#include "lib.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xengnttab.h>

struct xengntdev_handle {
	pthread_mutex_t lock;
	int sock;
	struct lib_mapping *mappings;
};

EXPORT xengnttab_handle *xengnttab_open(struct xentoollog_logger *logger,
					unsigned int open_flags)
{
	xengnttab_handle *xgt;
	int err;

	(void)logger;
	(void)open_flags;
	if (lib_shm() && lib_refused(SIM_REFUSE_GNTTAB)) {
		errno = ENODEV;
		return NULL;
	}
	xgt = calloc(1, sizeof(*xgt));
	if (!xgt)
		return NULL;
	pthread_mutex_init(&xgt->lock, NULL);
	err = lib_connect(&xgt->sock);
	if (err) {
		free(xgt);
		errno = err;
		return NULL;
	}
	return xgt;
}

EXPORT int xengnttab_close(xengnttab_handle *xgt)
{
	int ret;

	if (!xgt)
		return 0;
	while (xgt->mappings) {
		struct lib_mapping *mapping = xgt->mappings;

		xgt->mappings = mapping->next;
		free(mapping);
	}
	ret = close(xgt->sock);
	free(xgt);
	return ret;
}

EXPORT int xengnttab_fd(xengnttab_handle *xgt)
{
	return xgt->sock;
}

EXPORT int xengnttab_set_max_grants(xengnttab_handle *xgt, uint32_t nr_grants)
{
	(void)xgt;
	(void)nr_grants;
	return 0;
}

static void unmap_pages(xengnttab_handle *xgt, uint32_t count, uint32_t domid)
{
	struct sim_req req = {.op = SIM_OP_UNMAP, .a = domid};
	struct sim_rep rep;

	while (count--)
		(void)sim_call(xgt->sock, &req, &rep, NULL);
}

static int map_page(xengnttab_handle *xgt, uint32_t domid, uint32_t ref,
		    int prot, char *addr)
{
	struct sim_req req = {.op = SIM_OP_MAP, .a = domid, .b = ref};
	struct sim_rep rep;
	int fd, err;

	err = sim_call(xgt->sock, &req, &rep, &fd);
	if (err)
		return err;
	if (mmap(addr, SIM_PAGE_SIZE, prot, MAP_SHARED | MAP_FIXED, fd,
		 (off_t)rep.d) == MAP_FAILED)
		err = errno;
	close(fd);
	if (err)
		unmap_pages(xgt, 1, domid);
	return err;
}

static void *map_all(xengnttab_handle *xgt, uint32_t count,
		     const uint32_t *domids, uint32_t domid_step,
		     const uint32_t *refs, int prot)
{
	struct lib_mapping *mapping;
	uint32_t done;
	char *addr;
	int err = 0;

	if (!count || domid_step) {
		errno = count ? EOPNOTSUPP : EINVAL;
		return NULL;
	}
	mapping = calloc(1, sizeof(*mapping));
	if (!mapping)
		return NULL;
	addr = mmap(NULL, (size_t)count * SIM_PAGE_SIZE, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (addr == MAP_FAILED) {
		free(mapping);
		return NULL;
	}
	pthread_mutex_lock(&xgt->lock);
	for (done = 0; done < count && !err; done++)
		err = map_page(xgt, domids[0], refs[done], prot,
			       addr + (size_t)done * SIM_PAGE_SIZE);
	/* after fork(), a child of a PV dom0 does not have these mappings */
	if (!err && madvise(addr, (size_t)count * SIM_PAGE_SIZE, MADV_DONTFORK))
		err = errno;
	if (err) {
		munmap(addr, (size_t)count * SIM_PAGE_SIZE);
		unmap_pages(xgt, done - 1, domids[0]);
		free(mapping);
		addr = NULL;
	} else {
		mapping->addr = addr;
		mapping->count = count;
		mapping->domid = domids[0];
		mapping->next = xgt->mappings;
		xgt->mappings = mapping;
	}
	pthread_mutex_unlock(&xgt->lock);
	errno = err ? err : errno;
	return addr;
}

EXPORT void *xengnttab_map_grant_ref(xengnttab_handle *xgt, uint32_t domid,
				     uint32_t ref, int prot)
{
	return map_all(xgt, 1, &domid, 0, &ref, prot);
}

EXPORT void *xengnttab_map_grant_refs(xengnttab_handle *xgt, uint32_t count,
				      uint32_t *domids, uint32_t *refs,
				      int prot)
{
	return map_all(xgt, count, domids, count > 1, refs, prot);
}

EXPORT void *xengnttab_map_domain_grant_refs(xengnttab_handle *xgt,
					     uint32_t count, uint32_t domid,
					     uint32_t *refs, int prot)
{
	return map_all(xgt, count, &domid, 0, refs, prot);
}

EXPORT void *xengnttab_map_grant_ref_notify(xengnttab_handle *xgt,
					    uint32_t domid, uint32_t ref,
					    int prot, uint32_t notify_offset,
					    evtchn_port_t notify_port)
{
	if (notify_offset != UINT32_MAX || notify_port != UINT32_MAX) {
		errno = EOPNOTSUPP;
		return NULL;
	}
	return map_all(xgt, 1, &domid, 0, &ref, prot);
}

EXPORT int xengnttab_unmap(xengnttab_handle *xgt, void *start_address,
			   uint32_t count)
{
	struct lib_mapping **link = &xgt->mappings, *mapping;

	pthread_mutex_lock(&xgt->lock);
	while (*link && (*link)->addr != start_address)
		link = &(*link)->next;
	mapping = *link;
	if (!mapping || mapping->count != count) {
		pthread_mutex_unlock(&xgt->lock);
		errno = mapping ? EINVAL : ENOENT;
		return -1;
	}
	*link = mapping->next;
	munmap(mapping->addr, (size_t)count * SIM_PAGE_SIZE);
	unmap_pages(xgt, count, mapping->domid);
	free(mapping);
	pthread_mutex_unlock(&xgt->lock);
	return 0;
}
