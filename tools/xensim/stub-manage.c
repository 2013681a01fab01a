/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libxenmanage.so.1 for systems without one: a daemon built with MANAGE=1 is
 * linked with it, and `xensim run` loads it.  There libxensim.so, which is loaded
 * before it, answers the calls; alone, this library has no Xen.
 */
#include <errno.h>
#include <stddef.h>

#include <xenmanage.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT xenmanage_handle *xenmanage_open(struct xentoollog_logger *logger,
					unsigned int open_flags)
{
	(void)logger;
	(void)open_flags;
	errno = ENODEV;
	return NULL;
}

EXPORT int xenmanage_close(xenmanage_handle *hdl)
{
	(void)hdl;
	return 0;
}

EXPORT int xenmanage_get_domain_info(xenmanage_handle *hdl, unsigned int domid,
				     unsigned int *state, unsigned int *caps,
				     uint64_t *unique_id)
{
	(void)hdl;
	(void)domid;
	(void)state;
	(void)caps;
	(void)unique_id;
	errno = ENODEV;
	return -1;
}

EXPORT int xenmanage_poll_changed_domain(xenmanage_handle *hdl,
					 unsigned int *domid,
					 unsigned int *state,
					 unsigned int *caps,
					 uint64_t *unique_id)
{
	return xenmanage_get_domain_info(hdl, *domid, state, caps, unique_id);
}
