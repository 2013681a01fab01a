/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules: what an image of one domain may bring, if nobody says that it
 * is to be trusted.
 *
 * It is read as if the guest had written it: only what relates to the domain
 * and what it could have written itself, with the permissions that libxl and
 * the guest give.  The table in docs/design/migration.md says the same for
 * administrators.  For migrate-*.c alone; changes nothing.
 */
#ifndef MIGRATE_RULES_H
#define MIGRATE_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "image/record.h"

struct client;
struct daemon;
struct migrate_nodes;
struct migrate_rules;
struct perms;

#define MIGRATE_TRUST_HINT "; --trust takes it, from a host of yours"

/*
 * The rules for domid.  trust: everything is allowed.  perms_at is asked for
 * the permissions of a node that has been accepted or is here, NULL: neither.
 * NULL without memory.
 */
struct migrate_rules *
migrate_rules_new(const void *ctx, const struct daemon *d, uint16_t domid,
		  bool trust,
		  const struct perms *(*perms_at)(const struct migrate_nodes *,
						  const char *, size_t),
		  const struct migrate_nodes *nodes);
/*
 * A committed node that is not here, with its permissions as they would be
 * here, or one that is here with another value.  EPERM with err; ENOMEM.
 */
int __must_check migrate_rules_node(struct migrate_rules *r,
				    const struct rec_node *node,
				    const struct perms *perms, bool here,
				    struct err *err);
/* A node that is here with other permissions.  EPERM with err. */
int __must_check migrate_rules_perms(const struct migrate_rules *r,
				     const struct rec_node *node,
				     const struct perms *now,
				     const struct perms *then, struct err *err);
/* All nodes have come.  EPERM with err. */
int __must_check migrate_rules_nodes(const struct migrate_rules *r,
				     struct err *err);
/*
 * The transactions as they have been restored for c.  One that has looked at
 * what c may not read is doomed, lest its end tell what is there.  EPERM with
 * err.
 */
int __must_check migrate_rules_txs(const struct migrate_rules *r,
				   const struct client *c, struct err *err);

#endif
