/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rich: see rich.h. */
#include "rich.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "domain/domain.h"
#include "store/node.h"
#include "store/watch.h"
#include "transport/conn.h"
#include "transport/event.h"

/* ---- a host that does nothing ---- */

static uint8_t page[4096];

static uint64_t no_now(struct host *h)
{
	(void)h;
	return 100000;
}

static int no_random(struct host *h, void *buf, size_t len)
{
	(void)h;
	memset(buf, 3, len);
	return 0;
}

static int no_poll(struct host *h, int fd, uint32_t what, uint64_t tag)
{
	(void)h;
	(void)fd;
	(void)what;
	(void)tag;
	return 0;
}

static int no_map(struct host *h, uint16_t domid, void **ret_page)
{
	(void)h;
	(void)domid;
	*ret_page = page;
	return 0;
}

static int no_dom0(struct host *h, void **ret_page, uint32_t *ret_port)
{
	*ret_port = 1;
	return no_map(h, 0, ret_page);
}

static int no_bind(struct host *h, uint16_t domid, uint32_t remote,
		   uint32_t *ret_port)
{
	(void)h;
	(void)domid;
	*ret_port = remote;
	return 0;
}

static int no_death(struct host *h, uint32_t *ret_port)
{
	(void)h;
	*ret_port = 2;
	return 0;
}

static void no_handoff(struct host *h, int32_t *evtchn_fd, int32_t *epoll_fd)
{
	(void)h;
	*evtchn_fd = -1;
	*epoll_fd = -1;
}

static int no_adopt(struct host *h, int32_t evtchn_fd, int32_t epoll_fd,
		    bool *ret_ports, bool *ret_polled, struct err *err)
{
	(void)h;
	(void)err;
	*ret_ports = evtchn_fd >= 0;
	*ret_polled = epoll_fd >= 0;
	return 0;
}

static int no_far(struct host *h, uint32_t port, uint32_t *ret_remote)
{
	(void)h;
	*ret_remote = port;
	return 0;
}

static void no_own(struct host *h, int fd)
{
	(void)h;
	(void)fd;
}

static int no_domains(struct host *h, uint16_t first, struct host_domain *ret,
		      size_t max, size_t *ret_n)
{
	(void)h;
	(void)first;
	(void)ret;
	(void)max;
	*ret_n = 0;
	return 0;
}

static const struct host_ops ops = {
	.now_ms = no_now,
	.random = no_random,
	.poll_add = no_poll,
	.poll_set = no_poll,
	.ring_map = no_map,
	.dom0_ring = no_dom0,
	.evtchn_bind = no_bind,
	.evtchn_bind_death = no_death,
	.evtchn_far = no_far,
	.own_fd = no_own,
	.domains = no_domains,
	.lu_handoff = no_handoff,
	.lu_adopt = no_adopt,
};

struct host rich_host = {&ops};

_Noreturn void rich_broken(const char *what, const char *text)
{
	printf("%s: %s\n", what, text);
	exit(1);
}

/* ---- a daemon with something of everything ---- */

struct daemon *rich_empty(void)
{
	struct config config = {0};
	struct err err = {0};
	struct daemon *d = daemon_new(NULL, &rich_host, NULL, &config, &err);

	if (!d)
		rich_broken("no daemon", err.text);
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
	(void)rc; /* some are refused, and leave their trace all the same */
}

static void transactions(struct daemon *d, struct conn *c)
{
	struct tx *tx;
	int rc = tx_start(d->store, &c->client, 0, &tx);

	if (rc)
		rich_broken("no transaction", strerror(rc));
	run(d, c, tx, 'w', "/a/b");
	run(d, c, tx, 'w', "/a/new/deep/leaf");
	run(d, c, tx, 'l', "/a");
	run(d, c, tx, 'r', "/a/c");
	run(d, c, tx, 'r', "/gone");
	run(d, c, tx, 'w', "/a/c/again");
	rc = tx_start(d->store, &c->client, 0, &tx);
	if (rc)
		rich_broken("no transaction", strerror(rc));
	run(d, c, tx, 'r', "/a");
	run(d, c, tx, 'w', "/a/x");
	run(d, c, tx, 'r', "/");
}

struct daemon *rich_daemon(void)
{
	struct cred socket = {0, PERMS_DOMID_INVALID, true};
	struct cred guest = {5, PERMS_DOMID_INVALID, false};
	struct daemon *d = rich_empty();
	struct conn *c = conn_new(d, CONN_SOCKET, &socket, 0);
	struct conn *g = conn_new(d, CONN_RING, &guest, 0);
	struct domain *dom = domain_new(d, 5);
	struct watch *w;
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
	if (rc)
		rich_broken("no watch", strerror(rc));
	transactions(d, c);
	transactions(d, g);
	conn_event(c, "/a", "token");
	conn_event(g, "data", "t");
	c->in = talloc_memdup(c, "half", 4);
	c->in_len = 4;
	return d;
}
