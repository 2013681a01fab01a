/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * migrate: one domain's state, to another host.
 *
 *	source					target
 *	freeze: its ring is left as it is
 *	save: an image of what is its
 *	   ---- the toolstack moves the domain ---->
 *						restore: all or nothing
 *	forget: released, its nodes gone	... it goes on
 *	(or thaw: it stays, as if nothing had been)
 *
 * docs/design/migration.md has the whole sequence.  Which nodes go along is
 * said in relate.h.
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
	const char *add[MIGRATE_PATHS]; /* with all below */
	const char *leave[MIGRATE_PATHS];
};

struct migrate_how {
	uint32_t port; /* of the domain, in place of the image's; 0: none */
	bool merge;    /* nodes that are here with other content are changed */
	/* more than relates to the domain and it could have written itself */
	bool trust;
};

/* Puts the migrate- commands into the daemon's table.  ENOMEM. */
int __must_check migrate_init(struct daemon *d);

/* The image of an introduced domain into out.  Changes nothing.  ENOMEM. */
int __must_check migrate_save(const struct daemon *d, const struct domain *dom,
			      const struct migrate_select *sel,
			      struct wbuf *out, struct err *err);
/*
 * Takes a domain in.  Returns 0, or an errno with err saying why; then nothing
 * has changed.
 */
int __must_check migrate_restore(struct daemon *d, const void *data, size_t len,
				 const struct migrate_how *how,
				 struct err *err);
/*
 * Releases the domain and, unless kept, removes the nodes that are its: also
 * when it has died meanwhile and only they are left.  ENOENT: neither.  EBUSY:
 * not introduced, but Xen has it, so that it may be being built; nothing has
 * changed then.
 */
int __must_check migrate_forget(struct daemon *d, uint16_t domid,
				bool keep_nodes, struct err *err);

/* ---- for the files of migrate alone ---- */

struct tree;

/* Digests of what is committed: value and permissions; children's names. */
uint64_t migrate_content(const struct tree *t, uint32_t id);
uint64_t migrate_children(const struct tree *t, uint32_t id);

#endif
