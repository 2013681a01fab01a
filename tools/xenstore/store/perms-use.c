/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * perms-use: which lists name a domain, so that the cost of its death does not
 * depend on all others.  Called by perms.c, purge.c and domain/.
 */
#include "store/perms.h"

#include <errno.h>
#include <talloc.h>

/* The entries that name one domain. */
struct named {
	struct hlink link;
	struct list uses;
	uint16_t domid;
};

static struct named *named_find(const struct perms_table *t, uint16_t domid)
{
	struct hlink *l = htab_find_number(t->named, domid);

	return l ? container_of(l, struct named, link) : NULL;
}

static struct named *named_get(struct perms_table *t, uint16_t domid)
{
	struct named *n = named_find(t, domid);

	if (n)
		return n;
	n = talloc_zero(t, struct named);
	if (!n)
		return NULL;
	n->domid = domid;
	list_init(&n->uses);
	htab_insert_number(t->named, &n->link, domid);
	return n;
}

static void named_tidy(struct perms_table *t, uint16_t domid)
{
	struct named *n = named_find(t, domid);

	if (!n || !list_empty(&n->uses))
		return;
	htab_remove(t->named, &n->link);
	talloc_free(n);
}

struct list *perms_uses(const struct perms_table *t, uint16_t domid)
{
	struct named *n = named_find(t, domid);

	return n ? &n->uses : NULL;
}

void perms_use_drop(struct perms_table *t, struct perms_use *u)
{
	list_del(&u->link);
	named_tidy(t, u->domid);
}

void perms_use_del(struct perms_table *t, struct perms *p)
{
	uint32_t i;

	for (i = 0; i < p->nuses; i++)
		perms_use_drop(t, &p->use[i]);
}

int perms_use_add(struct perms_table *t, struct perms *p)
{
	struct named *n;
	uint32_t i;

	p->use = talloc_array(p, struct perms_use, p->n);
	if (!p->use)
		return ENOMEM;
	for (i = 0; i < p->n; i++) {
		p->use[i].perms = p;
		p->use[i].domid = p->p[i].domid;
		list_init(&p->use[i].link);
		p->nuses = i + 1;
		if (p->p[i].domid & PERMS_ABSENT)
			continue; /* names no domain */
		n = named_get(t, p->p[i].domid);
		if (!n) {
			perms_use_del(t, p);
			return ENOMEM;
		}
		list_add_tail(&n->uses, &p->use[i].link);
	}
	return 0;
}

void perms_retire(struct perms_table *t, uint16_t domid, struct list *lists)
{
	struct list *uses = perms_uses(t, domid);
	struct perms_use *u, *tmp;

	if (!uses)
		return;
	list_for_each_safe (u, tmp, uses, link) {
		struct perms *p = u->perms;

		if (u != &p->use[0])
			continue;
		htab_remove(t->tab, &p->link);
		p->retired = true;
		p->collect = p->nodes;
		list_del(&u->link);
		list_add_tail(lists, &u->link);
	}
	named_tidy(t, domid);
}

void perms_reinstate(struct perms_table *t, struct list *lists)
{
	struct perms_use *u, *tmp;
	struct named *n;

	list_for_each_safe (u, tmp, lists, link) {
		list_del(&u->link);
		n = named_get(t, u->domid);
		if (!n)
			continue; /* stays retired */
		list_add_tail(&n->uses, &u->link);
		htab_insert(t->tab, &u->perms->link);
		u->perms->retired = false;
	}
}

void perms_domids(const struct perms_table *t,
		  void (*each)(void *arg, uint16_t domid), void *arg)
{
	struct hlink *l = NULL;
	uint32_t pos = 0;

	while ((l = htab_next(t->named, &pos, l)))
		each(arg, container_of(l, struct named, link)->domid);
}
