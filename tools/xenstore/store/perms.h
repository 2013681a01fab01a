/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * perms: permission lists, each kept once.
 *
 * The first entry names the owner and what everybody else may do; the others
 * name one domain each (xenstore.txt, "Permissions").  A toolstack's tree
 * repeats a handful of lists without end, so nodes share them; a list knows
 * the nodes that use it, which makes a dead domain's nodes and permissions
 * cheap to find.
 */
#ifndef STORE_PERMS_H
#define STORE_PERMS_H

#include "base/hash.h"
#include "base/err.h"
#include "base/list.h"

#define PERM_READ  1u
#define PERM_WRITE 2u
#define PERM_OWNER 4u /* never in a list: what the owner has beyond those */

/* Xen's reserved domids (public/xen.h) that have a meaning here. */
#define PERMS_DOMID_ANY	    0x7ff5u
#define PERMS_DOMID_INVALID 0x7ff4u

/*
 * Set in a domid of a list: no domain of this number was there when a guest
 * named it, or it has died since.  The entry gives nothing to anybody, nor to
 * the next domain of that number (XSA-417); guests are shown it as if it did,
 * lest they learn which domains there are.
 */
#define PERMS_ABSENT 0x8000u

struct perm {
	uint16_t domid; /* with or without PERMS_ABSENT */
	uint16_t bits;	/* PERM_READ | PERM_WRITE */
};

/* An entry's place among all that name the same domain. */
struct perms_use {
	struct list link;
	struct perms *perms;
	uint16_t domid;
};

struct perms {
	struct hlink link;
	struct perms_use *use; /* one for each entry there was at first */
	uint32_t nuses;
	bool retired;	  /* see perms_retire() */
	uint32_t collect; /* retired: the next node that purge.c looks at */
	uint32_t id;
	uint32_t refs;
	uint32_t nodes;	   /* first node that has this list, 0: none */
	uint32_t n;	   /* entries, at least 1 */
	uint64_t digest;   /* of the entries; odd */
	uint64_t path_sum; /* sum of the path digests of its nodes */
	struct perm p[];
};

/* Who asks.  A socket client counts as dom0 and is privileged. */
struct cred {
	uint16_t domid;
	uint16_t tdomid; /* acts for this domain too (SET_TARGET), or INVALID */
	bool privileged;
};

struct perms_table {
	struct hash_key key;
	struct htab *tab;
	struct htab *named; /* by domain: the entries that name it */
	struct perms **by_id;
	uint32_t size; /* of by_id */
	uint32_t next; /* the lowest id never used */
	uint32_t nfree;
	uint32_t *freed; /* ids to use again */
	uint64_t digest; /* sum of digest * path_sum over all lists */
};

struct perms_table *perms_table_new(const void *ctx,
				    const struct hash_key *key);
/*
 * The one list with these n >= 1 entries, with a reference for the caller.
 * NULL without memory.
 */
struct perms *perms_intern(struct perms_table *t, const struct perm *p,
			   uint32_t n);
static inline struct perms *perms_ref(struct perms *p)
{
	p->refs++;
	return p;
}
void perms_unref(struct perms_table *t, struct perms *p);
static inline struct perms *perms_by_id(const struct perms_table *t,
					uint32_t id)
{
	return t->by_id[id];
}

/* The PERM_ bits that cred has on something with these permissions. */
unsigned int perms_for(const struct perms *p, const struct cred *cred);
static inline uint16_t perms_owner(const struct perms *p)
{
	return p->p[0].domid;
}
/* True when domid stands in the list. */
bool perms_name(const struct perms *p, uint16_t domid);
/*
 * The rule for entries that name a domain which is not there (XSA-417): they
 * must not become valid for the next domain of that number.  Entries 1 to n - 1
 * of p for which there() is false are removed or, with mark, stay and get
 * PERMS_ABSENT.  Returns how many entries are left.
 */
uint32_t perms_without_absent(struct perm *p, uint32_t n, bool mark,
			      bool (*there)(void *arg, uint16_t domid),
			      void *arg);
/* domid always means somebody: dom0, the privileged domain, all domains. */
static inline bool perms_domid_fixed(uint16_t domid, uint16_t priv_domid)
{
	return !domid || domid == priv_domid || domid == PERMS_DOMID_ANY;
}
/* The list's owner is a guest. */
static inline bool perms_of_guest(uint16_t owner, uint16_t priv_domid)
{
	return owner && owner != priv_domid;
}
/* Equal lists; after perms_strip() there may be two objects of them. */
bool perms_equal(const struct perms *a, const struct perms *b);
/* Adds (or with a negative sign takes away) a node's path digest. */
void perms_account(struct perms_table *t, struct perms *p, uint64_t path,
		   bool add);

/*
 * domid is gone: what it was granted must not pass to the next one with its
 * number.  Of every list in which it is not the owner its entries are taken out
 * or, if a guest owns the list (neither dom0 nor priv_domid), marked as
 * PERMS_ABSENT, wherever that list is in use.
 */
void perms_strip(struct perms_table *t, uint16_t domid, uint16_t priv_domid);

/*
 * domid is gone: the lists that it owns are nobody's from now on.  No new node
 * gets one of them, though an equal one, so that whatever has one belonged to
 * the domain that is gone and not to the next one of its number.  They are
 * moved to `lists`, linked by their first use; one that is freed leaves it.
 */
void perms_retire(struct perms_table *t, uint16_t domid, struct list *lists);
/*
 * Its nodes have gone.  What is left of the lists belongs to transactions, or
 * to nodes for whose removal there was no memory: they name domid again, so
 * that its next end finds them.  Without memory a list stays nobody's.
 */
void perms_reinstate(struct perms_table *t, struct list *lists);

/* Calls `each` for every domain that a list names; it may change nothing. */
void perms_domids(const struct perms_table *t,
		  void (*each)(void *arg, uint16_t domid), void *arg);

/* ---- perms-use.c, for perms.c: the index by domain ---- */

/* Of a new list.  0 or ENOMEM, which leaves nothing. */
int __must_check perms_use_add(struct perms_table *t, struct perms *p);
void perms_use_del(struct perms_table *t, struct perms *p);
/* The entries that name domid, or NULL: there are none. */
struct list *perms_uses(const struct perms_table *t, uint16_t domid);
void perms_use_drop(struct perms_table *t, struct perms_use *u);

/* 'n', 'r', 'w' or 'b' for PERM_ bits. */
char perm_letter(unsigned int bits);
/* The bits for a letter; returns 0 or EINVAL. */
int __must_check perm_bits(char letter, unsigned int *ret_bits);

#endif
