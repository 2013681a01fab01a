/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * still-host: a host on which nothing happens and nearly everything succeeds,
 * for tests that restore images by the thousand.  Every domain has the same
 * page, any port can be bound, time stands still.  What behaves as Xen does is
 * script-host.  Knows nothing of the daemon but host.h.
 */
#ifndef STILL_HOST_H
#define STILL_HOST_H

#include "host.h"

struct still_host {
	struct host host; /* first */
	uint16_t domid;	  /* the only one that Xen has; 0: none */
	uint32_t ports;	  /* of a domain, so many; 0: as many as there can be */
	unsigned int mapped, bound; /* rings, ports, that were not given back */
	_Alignas(4096) uint8_t page[4096];
};

void still_host_init(struct still_host *h);

#endif
