/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * death: noticing that domains have stopped or are gone, telling the
 * watchers, and clearing away what they leave.
 *
 * A domain that is gone has no connection, no limits and no permissions on
 * others' nodes any more at once, and no transaction can give it anything.
 * Its own nodes may be many: they go in pieces (base/job.h), in which others
 * are served.  Until the last one has gone,
 *
 *   - they are nobody's: nothing new is taken for one of them (see
 *     perms_retire() in store/perms.h), and no guest has its rights;
 *   - a domain of the same number does not come: all is finished before one
 *     is known;
 *   - what dom0 changes at or below one of them, or commits, waits for that,
 *     so that it will not go with them;
 *   - @releaseDomain waits.  Who hears of it finds nothing any more.
 *
 * RELEASE is a request of dom0 and does all of it before it is answered.
 */
#ifndef DOMAIN_DEATH_H
#define DOMAIN_DEATH_H

#include "daemon.h"
#include "store/store.h"

struct change_list;
struct domain;
struct tx;

/* The death VIRQ fired: finds out who has stopped and who is gone. */
void domains_look(struct daemon *d);
/* Forgets the domain and all that it had, at once; the caller announces it. */
void domain_gone(struct daemon *d, struct domain *dom);
/*
 * If nodes of a dead domain of that number are still there, they go now, and
 * its death and those before it are announced.
 */
void death_settle(struct daemon *d, uint16_t domid);
/* The same for the domain whose node is on the way to that path. */
void death_settle_path(struct daemon *d, const char *path, size_t len);

/* The same for each path that the transaction has touched. */
void death_settle_tx(struct daemon *d, const struct tx *tx);

/* ---- between death.c and death-purge.c ---- */

/* Domains whose end is one word for watchers. */
struct deaths;
/* None yet; NULL without memory. */
struct deaths *deaths_new(struct daemon *d);
/* All that domid had is taken from it, and its nodes will go. */
void deaths_add(struct deaths *ds, uint16_t domid);
/*
 * Removes their nodes, now or (unless `all`) as a job, and fires `announce`
 * then, which is freed and may be NULL.  Ends ds.
 */
void deaths_go(struct deaths *ds, struct change_list *announce, bool all);

#endif
