/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * death: notices that domains have stopped or are gone, tells the watchers, and
 * removes what dead domains leave.
 *
 * A domain that is gone loses its connection, its limits and its permissions
 * on the nodes of others at once, and no transaction can give it anything.  Its
 * own nodes may be many: they are removed in pieces (base/job.h), between which
 * others are served.  Until the last one is removed,
 *
 *   - they belong to nobody: nothing new takes their permissions (see
 *     perms_retire() in store/perms.h), and no guest has the domain's rights;
 *   - no domain of the same number becomes known: first all are removed;
 *   - a change by dom0 at or below one of them, or a commit, first waits for
 *     their removal, so that it is not removed with them;
 *   - @releaseDomain waits, so those who get it find nothing of the domain.
 *
 * RELEASE, a request of dom0, does all of this before its reply.
 */
#ifndef DOMAIN_DEATH_H
#define DOMAIN_DEATH_H

#include "daemon.h"
#include "store/store.h"

struct change_list;
struct domain;
struct tx;

/* VIRQ_DOM_EXC came: finds the domains that have stopped or are gone. */
void domains_look(struct daemon *d);
/* Frees it and removes all that it had at once; the caller announces it. */
void domain_gone(struct daemon *d, struct domain *dom);
/*
 * If nodes of a dead domain of this number are still there, removes them now
 * and announces its death and those before it.
 */
void death_settle(struct daemon *d, uint16_t domid);
/* The same for each dead domain that owns a node on the way to path. */
void death_settle_path(struct daemon *d, const char *path, size_t len);
/* The same for each path that the transaction touched. */
void death_settle_tx(struct daemon *d, const struct tx *tx);

/* ---- between death.c and death-purge.c ---- */

/* Dead domains that are announced together. */
struct deaths;
/* An empty list.  Returns NULL without memory. */
struct deaths *deaths_new(struct daemon *d);
/* Takes its limits and permissions away; deaths_go() removes its nodes. */
void deaths_add(struct deaths *ds, uint16_t domid);
/*
 * Removes their nodes, all now or the rest in a job, then fires and frees
 * `announce` (or NULL).  Frees ds.
 */
void deaths_go(struct deaths *ds, struct change_list *announce, bool all);

#endif
