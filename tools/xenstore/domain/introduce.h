/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * introduce: a domain begins to use xenstored: its ring is mapped, its port is
 * bound, and @introduceDomain fires.
 */
#ifndef DOMAIN_INTRODUCE_H
#define DOMAIN_INTRODUCE_H

#include "daemon.h"

/*
 * INTRODUCE: maps the ring (grant entry 1), binds the domain's port
 * remote_port, or the one that its page names, and serves it.  For a domain
 * that is introduced already this is a reconnection: everything that the
 * connection had goes and the ring starts empty.  gfn is the page's frame number,
 * which is only kept.
 *
 * Returns 0, ENOMEM, or EINVAL: no such domain, or its ring cannot be mapped or
 * its port cannot be bound.
 */
int __must_check domain_introduce(struct daemon *d, uint16_t domid,
				  uint64_t gfn, uint32_t remote_port);
/*
 * At a first start: introduces the domain if its page names a port.  Others wait
 * for a toolstack's INTRODUCE.
 */
void domain_introduce_waiting(struct daemon *d, uint16_t domid);
/*
 * At a first start: the ring of the domain in which the daemon runs, normally
 * dom0.  Returns 0 or an errno; ENOENT: its kernel offers none.
 */
int __must_check domain_introduce_dom0(struct daemon *d);

#endif
