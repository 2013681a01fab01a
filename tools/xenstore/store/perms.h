/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * perms: permission lists, each stored once.
 *
 * The first entry names the owner and the rights of all other domains; each
 * other entry names one domain (xenstore.txt, "Permissions").  A toolstack's
 * tree uses a few different lists again and again, so nodes share them.  A list
 * knows the nodes that use it, which makes the nodes and permissions of a dead
 * domain cheap to find.
 */
#ifndef STORE_PERMS_H
#define STORE_PERMS_H

#include "base/hash.h"
#include "base/err.h"
#include "base/list.h"

#define PERM_READ  1u
#define PERM_WRITE 2u
#define PERM_OWNER 4u /* never in a list: the owner's additional right */

/* Xen's reserved domids (public/xen.h) that mean something here. */
#define PERMS_DOMID_ANY	    0x7ff5u
#define PERMS_DOMID_INVALID 0x7ff4u

/*
 * Set in the domid of an entry whose domain did not exist when a guest set the
 * list, or has died since.  The entry gives rights to nobody, not even to
 * the next domain of that number (XSA-417).  Guests still see the entry as it was
 * set, because they must not learn which domains exist.
 */
#define PERMS_ABSENT 0x8000u

struct perm {
	uint16_t domid; /* with or without PERMS_ABSENT */
	uint16_t bits;	/* PERM_READ | PERM_WRITE */
};

/* Links an entry with all entries that name the same domain. */
struct perms_use {
	struct list link;
	struct perms *perms;
	uint16_t domid;
};

struct perms {
	struct hlink link;
	struct perms_use *use; /* one for each of the original entries */
	uint32_t nuses;
	bool retired;	  /* see perms_retire() */
	uint32_t collect; /* retired: the next node for purge.c */
	uint32_t id;
	uint32_t refs;
	uint32_t nodes;	   /* first node with this list, 0: none */
	uint32_t n;	   /* entries, at least 1 */
	uint64_t digest;   /* of the entries; odd */
	uint64_t path_sum; /* sum of the path digests of its nodes */
	struct perm p[];
};

/* The letter for PERM_ bits: 'n', 'r', 'w' or 'b'. */
char perm_letter(unsigned int bits);
/* The PERM_ bits for a letter.  Returns 0 or EINVAL. */
int __must_check perm_bits(char letter, unsigned int *ret_bits);

/* The identity of a client.  A socket client is dom0 and privileged. */
struct cred {
	uint16_t domid;
	uint16_t tdomid; /* has its rights, too (SET_TARGET); or INVALID */
	bool privileged;
};

struct perms_table {
	struct hash_key key;
	struct htab *tab;
	struct htab *named; /* the entries that name a domain, by domid */
	struct perms **by_id;
	uint32_t size; /* of by_id */
	uint32_t next; /* the lowest id never used */
	uint32_t nfree;
	uint32_t *freed; /* ids that can be used again */
	uint64_t digest; /* sum of digest * path_sum over all lists */
};

/* NULL without memory. */
struct perms_table *perms_table_new(const void *ctx,
				    const struct hash_key *key);
/*
 * Finds or creates the list with these n >= 1 entries; the caller gets a
 * reference.  NULL without memory.
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

/* The PERM_ bits that cred has on a node with these permissions. */
unsigned int perms_for(const struct perms *p, const struct cred *cred);
static inline uint16_t perms_owner(const struct perms *p)
{
	return p->p[0].domid;
}
/* True when an entry of the list names domid. */
bool perms_name(const struct perms *p, uint16_t domid);
/*
 * The rule for entries that name an absent domain: they must not become valid
 * for the next domain of that number (XSA-417).  Calls there() for entries 1 to
 * n - 1; where it returns false the entry is removed or, with mark, stays and
 * gets PERMS_ABSENT.  Returns how many entries are left.
 */
uint32_t perms_without_absent(struct perm *p, uint32_t n, bool mark,
			      bool (*there)(void *arg, uint16_t domid),
			      void *arg);
/* domid can never be absent: dom0, the privileged domain, all domains. */
static inline bool perms_domid_fixed(uint16_t domid, uint16_t priv_domid)
{
	return !domid || domid == priv_domid || domid == PERMS_DOMID_ANY;
}
/* The owner is a guest. */
static inline bool perms_of_guest(uint16_t owner, uint16_t priv_domid)
{
	return owner && owner != priv_domid;
}
/* Compares entries: after perms_strip() two objects can be equal. */
bool perms_equal(const struct perms *a, const struct perms *b);
/* Adds a node's path digest to the list's sum, or subtracts it. */
void perms_account(struct perms_table *t, struct perms *p, uint64_t path,
		   bool add);

/*
 * domid is gone: takes away what it was granted, so that the next domain of
 * that number does not get it.  Applies perms_without_absent() to every list
 * that domid does not own: entries are marked in a guest's list, else removed.
 */
void perms_strip(struct perms_table *t, uint16_t domid, uint16_t priv_domid);

/*
 * domid is gone: retires the lists that it owns.  A new node never gets a
 * retired list, though it may get an equal one.  So a node with a retired list
 * belonged to the domain that is gone, not to the next one of its number.  The
 * lists are moved to `lists`, linked by their first use; a list leaves it when
 * it is freed.
 */
void perms_retire(struct perms_table *t, uint16_t domid, struct list *lists);
/*
 * The nodes of the domain are removed.  Lists that are left are used by
 * transactions, or by nodes whose removal failed for lack of memory: they name
 * the domid again, so that the next death finds them.  A list for which there
 * is no memory stays retired.
 */
void perms_reinstate(struct perms_table *t, struct list *lists);

/* Calls `each`, which must change nothing, for every domid in any list. */
void perms_domids(const struct perms_table *t,
		  void (*each)(void *arg, uint16_t domid), void *arg);

/* ---- perms-use.c, for perms.c: the index by domain ---- */

/* Adds a new list.  Returns 0, or ENOMEM with nothing added. */
int __must_check perms_use_add(struct perms_table *t, struct perms *p);
void perms_use_del(struct perms_table *t, struct perms *p);
/* The entries that name domid; NULL if there are none. */
struct list *perms_uses(const struct perms_table *t, uint16_t domid);
void perms_use_drop(struct perms_table *t, struct perms_use *u);

#endif
