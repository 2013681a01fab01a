/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * announce: tells watchers that domains come and go.  Every @introduceDomain
 * and @releaseDomain event starts here.
 *
 * Watchers with a depth learn of each domain in a list; the others get one
 * event for the whole list.
 */
#ifndef DOMAIN_ANNOUNCE_H
#define DOMAIN_ANNOUNCE_H

#include "daemon.h"
#include "store/store.h"

struct change_list;

/* Fires the event for one domain: which is SPECIAL_INTRODUCE or _RELEASE. */
void announce_one(struct daemon *d, enum special_id which, uint16_t domid);
/*
 * Adds the event for one domain to l.  Without memory (l may be NULL) that is
 * logged.
 */
void announce_add(struct daemon *d, struct change_list *l,
		  enum special_id which, uint16_t domid);
/*
 * Fires all events of l and frees it; l may be NULL.  They go to those who may
 * read the special node now, which the end of a domain may have changed.
 */
void announce_list(struct daemon *d, struct change_list *l,
		   enum special_id which);

#endif
