/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * death: noticing that domains have stopped or are gone, telling the
 * watchers, and clearing away what they leave.
 */
#ifndef DOMAIN_DEATH_H
#define DOMAIN_DEATH_H

#include "daemon.h"
#include "store/store.h"

struct domain;

/* Fires @introduceDomain or @releaseDomain for one domain. */
void death_announce(struct daemon *d, enum special_id which, uint16_t domid);
/* Removes domid's nodes and its name from all permissions. */
void death_purge(struct daemon *d, uint16_t domid);
/* Forgets the domain and all that it had; the caller announces it. */
void domain_gone(struct daemon *d, struct domain *dom);

#endif
