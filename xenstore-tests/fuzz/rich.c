/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rich: see rich.h. */
#include "rich.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "domain/domain.h"
#include "store/node.h"
#include "still-host.h"
#include "store/watch.h"
#include "transport/conn.h"
#include "transport/event.h"

struct host *rich_host(void)
{
	static struct still_host still;

	if (!still.host.ops)
		still_host_init(&still);
	return &still.host;
}

_Noreturn void rich_broken(const char *what, const char *text)
{
	const char *name = program_invocation_short_name;

	printf("%s: %s: %s\nrun alone: make check-%s\n", name, what, text,
	       strcmp(name, "fuzz-restore") ? name : "fuzz");
	exit(1);
}

/* ---- a daemon with all kinds of state ---- */

struct daemon *rich_empty(void)
{
	struct config config = {0};
	struct err err = {0};
	struct daemon *d = daemon_new(NULL, rich_host(), NULL, &config, &err);

	if (!d)
		rich_broken("no daemon was made", err.text);
	return d;
}

static void run(struct daemon *d, struct conn *c, struct tx *tx, char verb,
		const char *path)
{
	struct node_req req = {
		.store = d->store, .client = &c->client, .tx = tx};
	uint8_t names[4096];
	struct wbuf out;
	size_t len = strlen(path);
	int rc = 0;

	req.changes = change_list_new(d, d->store);
	wbuf_init_fixed(&out, names, sizeof(names));
	if (verb == 'w')
		rc = node_write(&req, path, len, (const uint8_t *)path, len);
	else if (verb == 'r')
		rc = node_rm(&req, path, len);
	else
		rc = node_list(&req, path, len, sizeof(names), &out);
	talloc_free(req.changes);
	(void)rc; /* some are refused, but are recorded */
}

/* So many and so long that an image stores them as parent and name. */
static void long_paths(struct daemon *d, struct conn *c, struct tx *tx)
{
	char path[2048];
	int i;

	for (i = 0; i < 10; i++) {
		memset(path, 'p', sizeof(path));
		path[0] = path[1000] = '/';
		sprintf(path + 1900, "%d/x", i);
		run(d, c, tx, i % 2 ? 'w' : 'l', path);
	}
	run(d, c, tx, 'r', "/a");
	run(d, c, tx, 'w', "/a/x");
	run(d, c, tx, 'l', "/");
}

static void transactions(struct daemon *d, struct conn *c)
{
	struct tx *tx;
	int rc = tx_start(d->store, &c->client, 0, &tx);

	if (rc)
		rich_broken("no transaction was made", strerror(rc));
	run(d, c, tx, 'w', "/a/b");
	run(d, c, tx, 'w', "/a/new/deep/leaf");
	run(d, c, tx, 'l', "/a");
	run(d, c, tx, 'r', "/a/c");
	run(d, c, tx, 'r', "/gone");
	run(d, c, tx, 'w', "/a/c/again");
	rc = tx_start(d->store, &c->client, 0, &tx);
	if (rc)
		rich_broken("no transaction was made", strerror(rc));
	run(d, c, tx, 'r', "/a");
	run(d, c, tx, 'w', "/a/x");
	run(d, c, tx, 'r', "/");
	rc = tx_start(d->store, &c->client, 0, &tx);
	if (rc)
		rich_broken("no transaction was made", strerror(rc));
	long_paths(d, c, tx);
}

struct daemon *rich_daemon(void)
{
	struct cred socket = {0, PERMS_DOMID_INVALID, true};
	struct cred guest = {5, PERMS_DOMID_INVALID, false};
	struct daemon *d = rich_empty();
	struct conn *c = conn_new(d, CONN_SOCKET, &socket, 0);
	struct conn *g = conn_new(d, CONN_RING, &guest, 0);
	struct domain *dom = domain_new(d, 5);
	struct watch *w, *other;
	int rc;

	c->fd = 9;
	g->domain = dom;
	dom->conn = g;
	g->remote_port = 4;
	run(d, c, NULL, 'w', "/a/b");
	run(d, c, NULL, 'w', "/a/c/d/e");
	run(d, c, NULL, 'w', "/a/c/f");
	run(d, c, NULL, 'w', "/local/domain/5/data");
	rc = watch_add(d->store, &g->client, "data", "/local/domain/5/data",
		       "t", 2, &w);
	if (!rc)
		rc = watch_add(d->store, &c->client, "/a", "/a", "token",
			       WATCH_NO_DEPTH, &other);
	if (rc)
		rich_broken("no watch was set", strerror(rc));
	transactions(d, c);
	transactions(d, g);
	conn_event(c, other, "/a");
	conn_event(g, w, "data");
	/* it does not read, so its next event is dropped */
	g->dropping = true;
	conn_event(g, w, "data");
	c->in = talloc_memdup(c, "half", 4);
	c->in_len = 4;
	return d;
}
