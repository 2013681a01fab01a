/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rig-churn: hundreds of domains that come and go, to see what they leave
 * behind in the daemon. Each is made by rig-domain.c. Its kernel's requests are
 * in its ring before the introduction: a watch, a transaction that is never
 * ended, a node. It is announced, gets its replies, is killed, announced again
 * and gone together with its nodes. In rig.c's table.
 */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* first: it defines __XEN_TOOLS__ for the other headers */
#include <xenctrl.h>

#include <xenforeignmemory.h>

#include "link.h"

#define BASE	"/churn"
#define LOOK_US 5000

struct churn {
	struct link link;
	struct tally tally;
	xc_interface *xc;
	xenforeignmemory_handle *fmem;
	uint32_t domid;
	struct xenstore_domain_interface *ring;
	char node[32], leaf[40]; /* its own node, and the one it writes */
	unsigned int introduced, released;
};

static void must(struct churn *c, int rc, const char *what)
{
	if (rc)
		finding(&c->tally, "domain %u: %s: %s", c->domid, what,
			strerror(rc));
}

/* Adds a request to those in the ring. */
static void guest_asks(struct churn *c, uint32_t type, const char *first,
		       const char *second, size_t second_size)
{
	struct xenstore_domain_interface *ring = c->ring;
	size_t first_size = strlen(first) + 1;
	struct xsd_sockmsg hdr = {type, type, 0,
				  (uint32_t)(first_size + second_size)};
	char *at = ring->req + ring->req_prod;

	memcpy(at, &hdr, sizeof(hdr));
	memcpy(at + sizeof(hdr), first, first_size);
	memcpy(at + sizeof(hdr) + first_size, second, second_size);
	ring->req_prod += (uint32_t)sizeof(hdr) + hdr.len;
}

/*
 * Are all three replies there, and one event each for the watch and the node?
 */
static bool guest_has_all(struct churn *c)
{
	struct xenstore_domain_interface *ring = c->ring;
	uint32_t end = __atomic_load_n(&ring->rsp_prod, __ATOMIC_ACQUIRE);
	uint32_t at = 0, replies = 0, events = 0;
	struct xsd_sockmsg hdr;

	while (at + sizeof(hdr) <= end && end <= sizeof(ring->rsp)) {
		memcpy(&hdr, ring->rsp + at, sizeof(hdr));
		if (hdr.type == XS_ERROR)
			finding(&c->tally, "domain %u: request %u: %.40s",
				c->domid, hdr.req_id,
				ring->rsp + at + sizeof(hdr));
		replies += hdr.type != XS_WATCH_EVENT;
		events += hdr.type == XS_WATCH_EVENT;
		at += (uint32_t)sizeof(hdr) + hdr.len;
	}
	return at == end && replies == 3 && events == 2;
}

/* Takes events until one with @token is for @path. */
static void wait_event(struct churn *c, const char *path, const char *token)
{
	char have[LINK_PATH], have_token[LINK_PATH];

	do {
		link_event(&c->link, true, have, have_token);
		c->introduced += !strcmp(have, "@introduceDomain");
		c->released += !strcmp(have, "@releaseDomain");
	} while (strcmp(have, path) != 0 || strcmp(have_token, token) != 0);
}

static void map_ring(struct churn *c, xen_pfn_t frame)
{
	c->ring = xenforeignmemory_map(c->fmem, c->domid,
				       PROT_READ | PROT_WRITE, 1, &frame, NULL);
	if (!c->ring)
		finding(&c->tally, "domain %u: cannot map its page", c->domid);
	memset(c->ring, 0, XC_PAGE_SIZE);
}

static void come(struct churn *c)
{
	char payload[64];
	xen_pfn_t frame;
	int n;

	if (domain_make(c->xc, &c->domid, &frame))
		finding(&c->tally, "cannot create a domain");
	map_ring(c, frame);
	snprintf(c->node, sizeof(c->node), BASE "/%u", c->domid);
	snprintf(c->leaf, sizeof(c->leaf), "%s/leaf", c->node);
	guest_asks(c, XS_WATCH, c->node, "token", sizeof("token"));
	guest_asks(c, XS_TRANSACTION_START, "", "", 0);
	guest_asks(c, XS_WRITE, c->leaf, "value", strlen("value"));
	must(c, link_write(&c->link, 0, c->node, "", 0), "write");
	n = snprintf(payload, sizeof(payload), "%s%cn%u", c->node, '\0',
		     c->domid);
	must(c,
	     link_ask(&c->link, XS_SET_PERMS, 0, payload, (size_t)n + 1, NULL,
		      NULL),
	     "permissions");
	must(c, introduce(&c->link, c->domid, 1), "introduce");
	wait_event(c, c->leaf, BASE);
	while (!guest_has_all(c))
		usleep(LOOK_US);
	/* otherwise its page would keep the domain */
	xenforeignmemory_unmap(c->fmem, c->ring, 1);
}

static void go(struct churn *c)
{
	char have[XENSTORE_PAYLOAD_MAX + 1];
	int rc;

	if (xc_domain_destroy(c->xc, c->domid))
		finding(&c->tally, "domain %u cannot be killed", c->domid);
	wait_event(c, "@releaseDomain", "released");
	while (domain_exists(c->xc, c->domid))
		usleep(LOOK_US);
	rc = link_path(&c->link, XS_READ, 0, c->node, have, NULL);
	if (rc != ENOENT)
		finding(&c->tally, "domain %u is gone, but its node is not: %s",
			c->domid, strerror(rc));
}

static void watch(struct churn *c, const char *path, const char *token)
{
	must(c, link_watch(&c->link, XS_WATCH, path, token), "watch");
	wait_event(c, path, token);
}

int rig_churn(char **args)
{
	struct churn c = {.tally = {.name = "churn"}};
	unsigned int i, n = (unsigned int)strtoul(args[0], NULL, 10);
	char have[XENSTORE_PAYLOAD_MAX + 1], token[LINK_PATH];

	c.xc = xc_interface_open(NULL, NULL, 0);
	c.fmem = xenforeignmemory_open(NULL, 0);
	if (!c.xc || !c.fmem)
		finding(&c.tally, "cannot open Xen's interfaces");
	link_open(&c.link, "/run/xenstored/socket", &c.tally);
	must(&c, link_write(&c.link, 0, BASE, "", 0), "write");
	watch(&c, BASE, BASE);
	watch(&c, "@introduceDomain", "introduced");
	watch(&c, "@releaseDomain", "released");
	c.introduced = c.released = 0;
	for (i = 0; i < n; i++) {
		alarm(LIMIT_S); /* for each */
		come(&c);
		go(&c);
	}
	/* events fired before this reply have arrived by then */
	must(&c, link_path(&c.link, XS_RM, 0, BASE, NULL, NULL), "rm");
	wait_event(&c, BASE, BASE);
	must(&c, link_path(&c.link, XS_READ, 0, "/", have, NULL), "read");
	while (link_event(&c.link, false, have, token))
		c.released += !strcmp(have, "@releaseDomain");
	printf("%u domains: %u introductions, %u releases\n", n, c.introduced,
	       c.released);
	return c.introduced != n || c.released != n;
}
