/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz-migrate: restores damaged images of one domain in a daemon that serves
 * others.
 *
 *   fuzz-migrate [N [SEED]]
 *
 * Either an image is restored, the store check passes and a new request is
 * served; or it is refused with a reason, and the daemon's digest and image are
 * unchanged, byte for byte. The domain may be known before, with limits and
 * features. The damage is in bytes, or in fields of a record that is then
 * written correctly. Finally images of the maximum size must be refused at
 * little cost.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "daemon.h"
#include "fuzz-migrate.h"
#include "domain/domain.h"
#include "state/collect.h"
#include "state/state.h"
#include "migrate/migrate.h"
#include "store/check.h"
#include "store/node.h"
#include "store/transaction.h"
#include "store/watch.h"
#include "still-host.h"
#include "transport/conn.h"
#include "transport/conn-ring.h"
#include "transport/event.h"

static uint64_t state;
static struct still_host host; /* has a domain unknown to the daemon */

uint32_t rnd(uint32_t n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33) % n;
}

_Noreturn void broken(const char *what, const char *text)
{
	printf("fuzz-migrate: %s: %s\n"
	       "run alone: make check-fuzz-migrate N= SEED=\n",
	       what, text);
	exit(1);
}

/* ---- source and target ---- */

static struct daemon *new_daemon(void)
{
	struct config config = {0};
	struct err err = {0};
	struct daemon *d = daemon_new(NULL, &host.host, NULL, &config, &err);

	if (!d)
		broken("no daemon was made", err.text);
	return d;
}

static void put(struct daemon *d, struct conn *c, struct tx *tx,
		const char *path)
{
	struct node_req req = {
		.store = d->store, .client = &c->client, .tx = tx};
	int rc;

	req.changes = change_list_new(d, d->store);
	rc = node_write(&req, path, strlen(path), (const uint8_t *)path,
			strlen(path));
	talloc_free(req.changes);
	if (rc && !tx)
		broken(path, strerror(rc));
}

static struct conn *add_conn(struct daemon *d, enum conn_kind kind,
			     uint16_t domid)
{
	struct cred cred = {domid, PERMS_DOMID_INVALID, !domid};
	struct conn *c = conn_new(d, kind, &cred, 0);

	if (!c)
		broken("no connection was made", "out of memory");
	return c;
}

/* Makes the guest the owner. */
static void give(struct daemon *d, struct conn *c, const char *path)
{
	static const struct perm own[] = {{GUEST, 0}, {0, PERM_READ}};
	struct node_req req = {.store = d->store, .client = &c->client};

	req.changes = change_list_new(d, d->store);
	if (node_set_perms(&req, path, strlen(path), own, 2))
		broken(path, "permissions");
	talloc_free(req.changes);
}

static struct daemon *source(struct domain **ret_dom)
{
	struct daemon *d = new_daemon();
	struct conn *c = add_conn(d, CONN_SOCKET, 0);
	struct conn *g = add_conn(d, CONN_RING, GUEST);
	struct domain *dom = domain_new(d, GUEST);
	struct watch *w;
	struct tx *tx;

	domain_connect(d, dom, g);
	g->remote_port = 3;
	if (conn_map_ring(g))
		broken("no ring was mapped", "");
	host.mapped = 0; /* as_before() counts from here */
	put(d, c, NULL, "/local/domain/5/data");
	give(d, c, "/local/domain/5/data");
	put(d, g, NULL, "/local/domain/5/data/a");
	put(d, c, NULL, "/local/domain/5/device/vif/0/state");
	if (account_set_limit(g->client.account, QUOTA_NODES, false, 500))
		broken("no limit was set", "out of memory");
	dom->features = 3;
	put(d, c, NULL, "/tool/elsewhere");
	if (watch_add(d->store, &g->client, "data", "/local/domain/5/data", "t",
		      2, &w) ||
	    tx_start(d->store, &g->client, 0, &tx))
		broken("no watch or transaction was made", "out of memory");
	put(d, g, tx, "/local/domain/5/data/a");
	put(d, g, tx, "/local/domain/5/data/new/leaf");
	conn_event(g, w, "data");
	g->in = talloc_memdup(g, "half", 4);
	g->in_len = 4;
	*ret_dom = dom;
	return d;
}

static void damage(uint8_t *p, size_t *len)
{
	uint32_t n = 1 + rnd(3), at;

	while (n--) {
		at = rnd((uint32_t)*len);
		switch (rnd(8)) {
		case 0:
			*len = at + 1;
			break;
		case 1:
			if (*len >= 16)
				memmove(p + rnd((uint32_t)*len - 8),
					p + rnd((uint32_t)*len - 8), 8);
			break;
		case 2:
			p[at] = 0;
			break;
		case 3:
			p[at] = 0xff;
			break;
		default:
			p[at] ^= (uint8_t)(1u << rnd(8));
		}
	}
}

/* What a toolstack may have prepared for the domain. */
static void prepare(struct daemon *d)
{
	struct domain *dom;

	if (rnd(2))
		return;
	if (domain_know(d, GUEST, &dom))
		broken("the domain is unknown", "out of memory");
	dom->features = 7;
	if (account_set_limit(account_get(d->store->accounts, GUEST),
			      QUOTA_WATCHES, false, 100))
		broken("no limit was set", "out of memory");
}

static void dump(struct daemon *d, struct wbuf *out)
{
	static const struct state_dump_options opt;
	struct state_counts counts;
	struct err err = {0};

	wbuf_init(out, d);
	if (state_dump(d, &opt, state_into_wbuf, out, &counts, &err))
		broken("no image of the daemon was made", err.text);
}

/* After a refusal everything must be unchanged. */
static void as_before(struct daemon *d, uint64_t digest,
		      const struct wbuf *before, const char *why)
{
	struct wbuf after;

	if (!*why)
		broken("refused without a reason", "");
	if (host.mapped || host.bound)
		broken("refused, but a ring or port is left", why);
	conn_reap(d);
	if (state_digest(d) != digest)
		broken("refused, but the digest has changed", why);
	dump(d, &after);
	if (after.len != before->len ||
	    memcmp(after.data, before->data, after.len) != 0)
		broken("refused, but the daemon's image has changed", why);
}

/* Restores the image, or checks its refusal. True if restored. */
bool try_one(const uint8_t *image, size_t len, bool whole, uint64_t *ret_work)
{
	struct daemon *d = new_daemon();
	struct conn *c = add_conn(d, CONN_SOCKET, 0);
	struct migrate_how how = {.merge = rnd(2), .trust = !whole && rnd(2)};
	struct err err = {0};
	struct wbuf before;
	uint64_t digest;
	int rc;

	put(d, c, NULL, "/local/domain/0/name");
	prepare(d);
	dump(d, &before);
	digest = state_digest(d);
	*ret_work = d->store->work;
	rc = migrate_restore(d, image, len, &how, &err);
	*ret_work = d->store->work - *ret_work;
	if (rc)
		as_before(d, digest, &before, err.text);
	if (store_check(d->store, &err))
		broken("the store check failed", err.text);
	put(d, c, NULL, "/local/domain/5/data/more");
	conn_reap(d);
	daemon_free(d);
	host.mapped = host.bound = 0;
	return !rc;
}

int main(int argc, char **argv)
{
	unsigned long n = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000, i;
	unsigned long seed = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
	struct migrate_select sel = {0};
	struct err err = {0};
	void *ctx = talloc_new(NULL);
	unsigned long taken = 0;
	uint64_t work;
	struct domain *dom;
	struct wbuf image;
	struct daemon *d;

	printf("fuzz-migrate: %lu images, seed %lu\n", n, seed);
	state = seed;
	still_host_init(&host);
	host.domid = GUEST;
	host.ports = 1000;
	d = source(&dom);
	wbuf_init(&image, ctx);
	if (migrate_save(d, dom, &sel, &image, &err))
		broken("cannot be saved", err.text);
	if (!try_one(image.data, image.len, true, &work))
		broken("the undamaged image is refused", "see try_one()");
	for (i = 0; i < n; i++) {
		uint8_t *p = talloc_memdup(ctx, image.data, image.len);
		size_t len = image.len;

		if (rnd(2))
			p = damage_record(ctx, p, &len);
		else
			damage(p, &len);
		/* a block of exactly that size, for a sanitizer */
		p = talloc_realloc_size(ctx, p, len);
		taken += try_one(p, len, false, &work);
		talloc_free(p);
	}
	printf("fuzz-migrate: %lu of %lu restored, the others refused\n", taken,
	       n);
	large_images();
	daemon_free(d);
	talloc_free(ctx);
	printf("1 passed, 0 failed\n");
	return 0;
}
