/* SPDX-License-Identifier: GPL-2.0-or-later */
/* perms: see perms.h.  Knows no node and no connection. */
#include "store/perms.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

struct perms_table *perms_table_new(const void *ctx, const struct hash_key *key)
{
	struct perms_table *t = talloc_zero(ctx, struct perms_table);

	if (!t)
		return NULL;
	t->key = *key;
	t->tab = htab_new(t);
	t->named = htab_new(t);
	if (!t->tab || !t->named) {
		talloc_free(t);
		return NULL;
	}
	t->next = 1;
	return t;
}

static uint64_t perms_digest(const struct perm *p, uint32_t n)
{
	uint64_t h = n;
	uint32_t i;

	for (i = 0; i < n; i++)
		h = hash_mix(h, (uint64_t)p[i].domid << 16 | p[i].bits);
	return h | 1;
}

/* Guests choose the entries, so a hash needs a key; the digest has none. */
static uint32_t perms_hash(const struct perms_table *t, const struct perm *p,
			   uint32_t n)
{
	return (uint32_t)hash_keyed(&t->key, p, n * sizeof(*p));
}

static int perms_new_id(struct perms_table *t, uint32_t *ret_id)
{
	uint32_t size = t->size ? t->size * 2 : 64;
	struct perms **by_id;
	uint32_t *freed;

	if (t->nfree) {
		*ret_id = t->freed[--t->nfree];
		return 0;
	}
	if (t->next >= t->size) {
		by_id = talloc_realloc(t, t->by_id, struct perms *, size);
		if (!by_id)
			return ENOMEM;
		t->by_id = by_id;
		/* the same size, so that freeing an id never needs memory */
		freed = talloc_realloc(t, t->freed, uint32_t, size);
		if (!freed)
			return ENOMEM;
		t->freed = freed;
		t->size = size;
	}
	*ret_id = t->next++;
	return 0;
}

static bool has_entries(const struct perms *list, const struct perm *p,
			uint32_t n)
{
	return list->n == n && !memcmp(list->p, p, n * sizeof(*p));
}

struct perms *perms_intern(struct perms_table *t, const struct perm *p,
			   uint32_t n)
{
	uint32_t hash = perms_hash(t, p, n);
	struct hlink *l = htab_chain(t->tab, hash);
	struct perms *new;

	for (; l; l = l->next) {
		struct perms *old = (struct perms *)(void *)l;

		if (l->hash == hash && has_entries(old, p, n))
			return perms_ref(old);
	}
	new = talloc_zero_size(t, sizeof(*new) + n * sizeof(*p));
	if (!new)
		return NULL;
	new->refs = 1;
	new->n = n;
	new->digest = perms_digest(p, n);
	memcpy(new->p, p, n * sizeof(*p));
	if (perms_use_add(t, new) || perms_new_id(t, &new->id)) {
		perms_use_del(t, new);
		talloc_free(new);
		return NULL;
	}
	new->link.hash = hash;
	htab_insert(t->tab, &new->link);
	t->by_id[new->id] = new;
	return new;
}

void perms_unref(struct perms_table *t, struct perms *p)
{
	if (!p || --p->refs)
		return;
	if (!p->retired)
		htab_remove(t->tab, &p->link);
	perms_use_del(t, p);
	t->by_id[p->id] = NULL;
	t->freed[t->nfree++] = p->id;
	talloc_free(p);
}

unsigned int perms_for(const struct perms *p, const struct cred *cred)
{
	uint32_t i;

	if (cred->privileged || p->p[0].domid == cred->domid ||
	    p->p[0].domid == cred->tdomid)
		return PERM_READ | PERM_WRITE | PERM_OWNER;
	for (i = 1; i < p->n; i++)
		if (p->p[i].domid == cred->domid ||
		    p->p[i].domid == cred->tdomid ||
		    p->p[i].domid == PERMS_DOMID_ANY)
			return p->p[i].bits;
	return p->p[0].bits;
}

bool perms_name(const struct perms *p, uint16_t domid)
{
	uint32_t i;

	for (i = 0; i < p->n; i++)
		if (p->p[i].domid == domid)
			return true;
	return false;
}

bool perms_equal(const struct perms *a, const struct perms *b)
{
	if (a == b)
		return true;
	return a && b && a->digest == b->digest && has_entries(a, b->p, b->n);
}

void perms_account(struct perms_table *t, struct perms *p, uint64_t path,
		   bool add)
{
	if (add) {
		p->path_sum += path;
		t->digest += p->digest * path;
	} else {
		p->path_sum -= path;
		t->digest -= p->digest * path;
	}
}

uint32_t perms_without_absent(struct perm *p, uint32_t n, bool mark,
			      bool (*there)(void *arg, uint16_t domid),
			      void *arg)
{
	uint32_t from, to = 1;

	for (from = 1; from < n; from++) {
		bool absent = !there(arg, p[from].domid);

		if (absent && mark)
			p[from].domid |= PERMS_ABSENT;
		if (!absent || mark)
			p[to++] = p[from];
	}
	return to;
}

static bool not_gone(void *arg, uint16_t domid)
{
	const uint16_t *gone = arg;

	return domid != *gone;
}

/* p has an entry for domid. */
static void perms_strip_one(struct perms_table *t, struct perms *p,
			    uint16_t domid, bool mark)
{
	t->digest -= p->digest * p->path_sum;
	if (!p->retired)
		htab_remove(t->tab, &p->link);
	p->n = perms_without_absent(p->p, p->n, mark, not_gone, &domid);
	p->digest = perms_digest(p->p, p->n);
	/* an equal list may exist already: two of them do no harm */
	p->link.hash = perms_hash(t, p->p, p->n);
	if (!p->retired)
		htab_insert(t->tab, &p->link);
	t->digest += p->digest * p->path_sum;
}

void perms_strip(struct perms_table *t, uint16_t domid, uint16_t priv_domid)
{
	struct list *uses = perms_uses(t, domid);
	struct perms_use *u, *next = NULL;

	if (!uses)
		return;
	/* dropping the last use frees the list head */
	for (u = list_first(uses, struct perms_use, link); u; u = next) {
		next = u->link.next == uses
			       ? NULL
			       : list_entry(u->link.next, struct perms_use,
					    link);
		if (u == &u->perms->use[0])
			continue;
		perms_strip_one(
			t, u->perms, domid,
			perms_of_guest(perms_owner(u->perms), priv_domid));
		perms_use_drop(t, u);
	}
}

char perm_letter(unsigned int bits)
{
	return "nrwb"[bits & (PERM_READ | PERM_WRITE)];
}

int perm_bits(char letter, unsigned int *ret_bits)
{
	static const char letters[] = "nrwb";
	const char *p = letter ? strchr(letters, letter) : NULL;

	if (!p)
		return EINVAL;
	*ret_bits = (unsigned int)(p - letters);
	return 0;
}
