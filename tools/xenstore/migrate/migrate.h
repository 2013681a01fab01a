/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * migrate: one domain's state, to another host.
 *
 *	source					target
 *	freeze: its ring is not touched
 *	save: writes its image
 *	   ---- the toolstack moves the domain ---->
 *						restore: all or nothing
 *	forget: releases it, removes nodes	... it runs
 *	(or thaw: it stays here)
 *
 * docs/design/migration.md has the whole sequence, relate.h the rule which nodes
 * are moved.
 */
#ifndef MIGRATE_H
#define MIGRATE_H

#include "base/buf.h"
#include "daemon.h"

struct domain;

#define MIGRATE_PATHS 16

struct migrate_select {
	bool no_backends; /* the toolstack builds those itself */
	unsigned int nadd, nleave;
	const char *add[MIGRATE_PATHS]; /* these, with all below them */
	const char *leave[MIGRATE_PATHS];
};

struct migrate_how {
	uint32_t port; /* the domain's, instead of the image's; 0: that */
	bool merge;    /* changes nodes that exist here with other content */
	bool trust;    /* accepts more than the rules of rules.h */
};

/* Adds the migrate- commands to control's tables.  Returns 0 or ENOMEM. */
int __must_check migrate_init(struct daemon *d);

/* Writes the image of an introduced domain to out.  Returns 0 or ENOMEM. */
int __must_check migrate_save(const struct daemon *d, const struct domain *dom,
			      const struct migrate_select *sel,
			      struct wbuf *out, struct err *err);
/*
 * Restores a domain from the len bytes at data.  Returns 0, or an errno with
 * err; nothing has changed then.
 */
int __must_check migrate_restore(struct daemon *d, const void *data, size_t len,
				 const struct migrate_how *how,
				 struct err *err);
/*
 * Releases the domain and, unless keep_nodes, removes its nodes; also when it
 * has died and only the nodes are left.  ENOENT: neither is here.  EBUSY: it
 * exists but is not introduced, so it may be being built; nothing has changed.
 */
int __must_check migrate_forget(struct daemon *d, uint16_t domid,
				bool keep_nodes, struct err *err);

/* ---- for the files of migrate alone ---- */

struct tree;

/* Digests of a committed node: value and permissions; names of children. */
uint64_t migrate_content(const struct tree *t, uint32_t id);
uint64_t migrate_children(const struct tree *t, uint32_t id);

#endif
