/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * still-host: a host on which nothing happens and nearly everything succeeds,
 * for tests that restore thousands of images. All domains share one page, any
 * port can be bound, time stands still. For a host that behaves like Xen see
 * script-host. Knows nothing of the daemon but host.h.
 */
#ifndef STILL_HOST_H
#define STILL_HOST_H

#include "host.h"

struct still_host {
	struct host host;	    /* first */
	uint16_t domid;		    /* the only one in Xen; 0: none */
	uint32_t ports;		    /* number per domain; 0: the maximum */
	unsigned int mapped, bound; /* rings and ports not released */
	int evtchn_fd;		    /* for a successor; 0: none */
	_Alignas(4096) uint8_t page[4096];
};

void still_host_init(struct still_host *h);

#endif
