/* SPDX-License-Identifier: GPL-2.0-or-later */
/* collect-quota: limits and counters; see collect.h. */
#include <string.h>

#include "state/collect.h"
#include "state/state.h"
#include "store/store.h"

static void put_limit(struct dump *o, uint16_t domid, unsigned int q, bool soft,
		      uint64_t value)
{
	struct record rec = {.type = REC_QUOTA};

	rec.quota.domid = domid;
	rec.quota.name = quota_table[q].name;
	rec.quota.name_len = (uint16_t)(strlen(quota_table[q].name) + 1);
	rec.quota.soft = soft;
	rec.quota.value = value;
	dump_put(o, &rec);
}

static void put_count(struct dump *o, uint16_t domid, unsigned int q,
		      uint64_t count)
{
	struct record rec = {.type = REC_QUOTA_COUNT};

	if (!count)
		return;
	rec.quota_count.domid = domid;
	rec.quota_count.name = quota_table[q].name;
	rec.quota_count.name_len = (uint16_t)(strlen(quota_table[q].name) + 1);
	rec.quota_count.count = count;
	dump_put(o, &rec);
}

static void collect_host(struct dump *o)
{
	const struct store *s = o->d->store;
	unsigned int q;

	for (q = 0; q < QUOTA_COUNT; q++) {
		if (s->limits.hard[q] != quota_table[q].hard)
			put_limit(o, STATE_NO_DOMAIN, q, false,
				  s->limits.hard[q]);
		if (s->limits.soft[q] != quota_table[q].soft)
			put_limit(o, STATE_NO_DOMAIN, q, true,
				  s->limits.soft[q]);
		put_count(o, STATE_NO_DOMAIN, q, s->most[q]);
	}
}

void collect_account(struct dump *o, const struct account *a)
{
	unsigned int q;

	for (q = 0; q < QUOTA_COUNT && a->own; q++) {
		if (a->own->hard[q] != LIMIT_HOST)
			put_limit(o, a->domid, q, false, a->own->hard[q]);
		if (a->own->soft[q] != LIMIT_HOST)
			put_limit(o, a->domid, q, true, a->own->soft[q]);
	}
}

void collect_quotas(struct dump *o)
{
	const struct account *a;
	struct hlink *l = NULL;
	uint32_t pos = 0;
	unsigned int q;

	collect_host(o);
	while ((l = htab_next(o->d->store->accounts->tab, &pos, l))) {
		a = container_of(l, struct account, link);
		for (q = 0; q < QUOTA_COUNT; q++)
			put_count(o, a->domid, q, a->refused[q]);
		collect_account(o, a);
	}
}
