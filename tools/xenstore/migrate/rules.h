/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules: what an image of one domain may bring without --trust.
 *
 * The image is treated as if the guest had written it.  It may bring nodes that
 * relate to the domain, and nodes that the domain could have written, with the
 * permissions that libxl and the guest give.  docs/design/migration.md has the
 * same as a table for administrators.  For the files of migrate/ alone; changes
 * nothing.
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

#define MIGRATE_TRUST_HINT                                                     \
	"; use --trust if the image comes from a host of yours"

/*
 * The rules for domid.  trust: allows everything.  perms_at(nodes, path, len)
 * returns the permissions of a node that was accepted before or exists here;
 * NULL: neither.  Returns NULL without memory.
 */
struct migrate_rules *
migrate_rules_new(const void *ctx, const struct daemon *d, uint16_t domid,
		  bool trust,
		  const struct perms *(*perms_at)(const struct migrate_nodes *,
						  const char *, size_t),
		  const struct migrate_nodes *nodes);
/*
 * Checks a committed node that does not exist here, or exists with another
 * value (here).  perms are those that it would have here.  Returns 0, EPERM with
 * err, or ENOMEM.
 */
int __must_check migrate_rules_node(struct migrate_rules *r,
				    const struct rec_node *node,
				    const struct perms *perms, bool here,
				    struct err *err);
/* Checks a node that exists here with other permissions.  0 or EPERM, err. */
int __must_check migrate_rules_perms(const struct migrate_rules *r,
				     const struct rec_node *node,
				     const struct perms *now,
				     const struct perms *then, struct err *err);
/* Checks what needs all nodes, after the last one.  0 or EPERM with err. */
int __must_check migrate_rules_nodes(const struct migrate_rules *r,
				     struct err *err);
/*
 * Checks the transactions restored for c.  One that read what c may not read is
 * doomed: else its end would tell the guest what is there.  0 or EPERM with
 * err.
 */
int __must_check migrate_rules_txs(const struct migrate_rules *r,
				   const struct client *c, struct err *err);

#endif
