/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * convert-quota: quotas and features for a stock format: from QUOTA and
 * DOM_FEATURES, one record each, to GLOBAL_QUOTA_DATA and DOMAIN_DATA, which
 * have all of a domain's.  Called by convert-xen.c.
 */
#include "stock/convert-internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#define NO_DOMID   0xffffu
#define VALUES_MAX 64u
/* What Xen 4.22 has, and offers to a domain without a record. */
#define FEATURES_OF_XEN 0xeu

int convert_learn_quota(struct convert *v, const struct rec_quota *q)
{
	size_t size = v->quotas_size ? v->quotas_size * 2 : 64;
	struct rec_quota *all = v->quotas;

	if (v->c->to == &stock_xen1) {
		v->losses->n[LOSS_QUOTA]++;
		return 0;
	}
	if (v->nquotas == v->quotas_size) {
		all = talloc_realloc_size(v, all, size * sizeof(*all));
		if (!all)
			return convert_no_memory(v);
		v->quotas = all;
		v->quotas_size = size;
	}
	all[v->nquotas++] = *q; /* its name is in the image */
	return 0;
}

/* The quotas of one domain, as the record has them. */
struct block {
	uint32_t values[VALUES_MAX];
	uint16_t n;
	struct wbuf names;
};

static void add(struct block *b, const struct rec_quota *q)
{
	if (q->value > UINT32_MAX || b->n == VALUES_MAX)
		return;
	if (q->soft)
		wbuf_bytes(&b->names, "soft-", 5);
	wbuf_bytes(&b->names, q->name, q->name_len);
	b->values[b->n++] = (uint32_t)q->value;
}

static int by_domid(const void *a, const void *b)
{
	const struct rec_quota *x = a, *y = b;

	if (x->domid != y->domid)
		return x->domid < y->domid ? -1 : 1;
	/* both point into the image: keep its order */
	return x->name < y->name ? -1 : x->name > y->name;
}

/* Adds those of domid.  The quotas are sorted by domid. */
static void fill(const struct convert *v, struct block *b, uint16_t domid)
{
	size_t low = 0, high = v->nquotas, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (v->quotas[mid].domid < domid)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < v->nquotas && v->quotas[low].domid == domid; low++)
		add(b, &v->quotas[low]);
}

int convert_put_quotas(struct convert *v)
{
	struct record to = {.type = REC_GLOBAL_QUOTA_DATA};
	struct block b = {.n = 0};
	int rc = 0;

	if (!v->nquotas)
		return 0;
	qsort(v->quotas, v->nquotas, sizeof(*v->quotas), by_domid);
	wbuf_init(&b.names, v);
	fill(v, &b, NO_DOMID);
	v->nplaced = b.n;
	stock_in(&to)->global_quota = (struct stock_global_quota){
		.n_dom = b.n,
		.values = b.values,
		.names = (const char *)b.names.data,
	};
	if (b.names.failed)
		rc = convert_no_memory(v);
	else if (b.n)
		rc = convert_put(v, &to);
	wbuf_fini(&b.names);
	return rc;
}

static int put_domain(struct convert *v, const struct known_conn *c)
{
	struct record to = {.type = REC_DOMAIN_DATA};
	struct block b = {.n = 0};
	int rc = 0;

	wbuf_init(&b.names, v);
	fill(v, &b, c->rec.domid);
	v->nplaced += b.n;
	stock_in(&to)->domain = (struct stock_domain){
		.domid = c->rec.domid,
		.n_quota = b.n,
		.features = (c->have_features ? c->features : ~0u) &
			    FEATURES_OF_XEN,
		.values = b.values,
		.names = (const char *)b.names.data,
	};
	if (b.names.failed)
		rc = convert_no_memory(v);
	else if (b.n || c->have_features)
		rc = convert_put(v, &to);
	wbuf_fini(&b.names);
	return rc;
}

int convert_put_domains(struct convert *v)
{
	const struct known_conn *c;
	int rc = 0;

	for (c = v->conns; c && !rc; c = c->next) {
		if (c->rec.type == REC_CONN_RING)
			rc = put_domain(v, c);
	}
	/* the rest are too large, or of domains without a ring */
	v->losses->n[LOSS_QUOTA] = v->nquotas - v->nplaced;
	return rc;
}
