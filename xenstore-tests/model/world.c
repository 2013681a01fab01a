// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * world: a daemon, its peers and their host; see model.h.
 *
 * After every step the daemon runs until it is idle. In the modes with updates
 * an update follows and, if the world says so, another after every round in
 * between.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "busy.h"
#include "domain/domain.h"
#include "update/update.h"
#include "model.h"
#include "store/store.h"
#include "store/tree.h"
#include "transport/conn.h"

#define MAX_ROUNDS   20000
#define MOST_BETWEEN 64u /* updates within one step */
/*
 * Bytes that a connection handles in one turn. If it needs another turn, the
 * order of connections decides whether an event still waits when it fires again
 * (and then is not queued twice). The order is in the image, but a daemon
 * without handed-over descriptors looks at all connections in its own order.
 */
#define AT_ONCE 600u
/* Slices after a step: up to 1 << (MOST_SLICES - 1), of so much work each. */
#define MOST_SLICES 9u
#define MOST_WORK   16u

const char *const mode_name[MODES] = {"plain", "update", "mixed", "beside",
				      "turns"};

/* splitmix64 */
uint64_t model_random(uint64_t *x)
{
	uint64_t z = *x += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

struct sh_domain *world_domain(const struct world *w, unsigned int peer)
{
	return sh_domain_find(w->run->h, w->peer[peer]->domid);
}

struct conn *world_conn(const struct world *w, unsigned int peer)
{
	struct domain *dom;
	struct conn *c;

	if (w->peer[peer]->ring) {
		dom = domain_find(w->run->d, w->peer[peer]->domid);
		return dom ? dom->conn : NULL;
	}
	list_for_each (c, &w->run->d->conns.all, all)
		if (c->fd == w->peer[peer]->fd)
			return c;
	return NULL;
}

/* ---- the daemon's turn ---- */

/* Adds received bytes to the sum and keeps them if requested. */
static void take_received(struct world *w)
{
	unsigned int i;
	size_t k;

	for (i = 0; i < PEERS; i++) {
		struct sh_bytes *log = &w->peer[i]->log;

		for (k = 0; k < log->len; k++)
			w->seen[i] =
				w->seen[i] * 0x100000001b3u + log->p[k] + 1;
		if (w->remember)
			sh_bytes_put(w, &w->all[i], log->p, log->len);
		log->len = 0;
	}
}

/* Whether the peer's domain is served and its events do not reach the daemon. */
static bool is_unheard(const struct world *w, unsigned int i)
{
	struct sh_domain *dom = world_domain(w, i);

	return dom && world_conn(w, i) &&
	       dom->port[w->peer[i]->port].state != SH_BOUND;
}

/*
 * Whether a ring may hold a request without an event.  Without handed-over
 * descriptors a daemon looks at every ring at once.
 */
static bool somebody_is_silent(const struct world *w)
{
	unsigned int i;

	for (i = FIRST_DOM; i < PEERS; i++) {
		const struct sh_domain *dom = world_domain(w, i);

		if (w->peer[i]->silent)
			return true;
		if (is_unheard(w, i) &&
		    dom->page->req_prod != dom->page->req_cons)
			return true;
	}
	return false;
}

/*
 * A connection that asked for no turn has nothing to do: a turn changes nothing.
 */
static void give_turns(const struct world *w)
{
	struct conn *c;

	list_for_each (c, &w->run->d->conns.all, all)
		conn_ready(c, CONN_READY_IN | CONN_READY_OUT);
}

/* Some slices of a copy, and now and then its cut. */
static int slices(struct world *w)
{
	struct run *r = w->run;
	unsigned int n = 1u << below(&w->luck, MOST_SLICES);
	int rc = r->beside ? 0 : beside_begin(r);

	if (!rc && below(&w->luck, 4))
		rc = beside_slices(r, n, 1 + below(&w->luck, MOST_WORK));
	if (rc || below(&w->luck, beside_all(r) ? 2 : 20))
		return rc;
	return beside_cut(r);
}

static int update(struct world *w, bool any_order)
{
	unsigned int chain = 1;
	bool handoff;
	int rc = 0;

	if (w->mode == MODE_BESIDE)
		return slices(w);
	any_order = any_order && !somebody_is_silent(w);
	if (w->mode == MODE_UPDATE)
		return update_now(w->run, false, true);
	if (w->mode == MODE_TURNS) {
		if (any_order)
			give_turns(w);
		return 0;
	}
	if (!below(&w->luck, 4))
		chain += below(&w->luck, 3);
	while (chain-- && !rc) {
		handoff = below(&w->luck, 4) || !any_order;
		rc = update_now(w->run, below(&w->luck, 2), handoff);
	}
	return rc;
}

/*
 * A guest whose event channel is not bound could wait for ever, but a daemon
 * looks at every ring after an update: such a guest does not touch its ring.
 */
static void hush_unheard(struct world *w)
{
	unsigned int i;

	for (i = FIRST_DOM; i < PEERS; i++) {
		struct peer *p = w->peer[i];

		if (!is_unheard(w, i))
			continue;
		p->look = false;
		world_domain(w, i)->port[p->port].pending = false;
	}
}

/*
 * A domain that stopped before it was introduced or resumed is announced at the
 * next scan of all domains: at the next death, or after an update. A death here
 * makes that happen at once.
 */
static bool unannounced(struct world *w)
{
	const struct domain *dom;

	list_for_each (dom, &w->run->d->domains->all, all) {
		const struct sh_domain *now =
			sh_domain_find(w->run->h, dom->domid);

		if (now && dom->conn && now->shutdown && !now->dying &&
		    !dom->shutdown)
			return true;
	}
	return false;
}

static int settle(struct world *w)
{
	struct run *r = w->run;
	unsigned int rounds;
	int rc = 0;

	for (rounds = 0; rounds < MAX_ROUNDS && !rc; rounds++) {
		bool moved;

		if (unannounced(w))
			sh_virq(r->h);
		hush_unheard(w);
		moved = peers_pump(r);
		if (rounds && !moved && !busy(r->h, r->d))
			break;
		daemon_round(r->d);
		if (w->between && rounds < MOST_BETWEEN && busy(r->h, r->d))
			rc = update(w, w->at_once);
	}
	take_received(w);
	if (rounds == MAX_ROUNDS)
		return run_fail(r, "the daemon does not become idle");
	return rc;
}

/* ---- steps ---- */

static void step_takes(struct world *w, struct peer *p, uint32_t n)
{
	size_t room = n == TAKES_ALL ? SH_NO_LIMIT : n;

	(void)w;
	if (p->ring)
		p->takes = room;
	else
		sh_sock(w->run->h, p->fd)->room = room;
	p->look = true;
}

static void peer_again(struct world *w, struct peer *p)
{
	peer_restart(w->run, p);
	p->deaf = true;
}

static void step_birth(struct world *w, struct peer *p)
{
	if (sh_domain_find(w->run->h, p->domid))
		return;
	peer_again(w, p);
	sh_domain_new(w->run->h, p->domid);
}

static void step_port(struct world *w, struct peer *p, struct sh_domain *dom,
		      uint32_t port)
{
	struct script_host *h = w->run->h;
	uint32_t i;

	/* the same number again would be taken for the old port */
	if (port == p->port || dom->port[p->port].state != SH_BOUND)
		return;
	for (i = 1; i < SH_PORTS; i++)
		if (h->port[i].state == SH_BOUND &&
		    h->port[i].domid == dom->domid)
			h->port[i].state = SH_UNBOUND;
	dom->port[p->port].state = SH_CLOSED;
	p->port = port;
	dom->port[port] = (struct sh_port){.state = SH_UNBOUND};
}

static void step_word(struct world *w, struct peer *p, struct sh_domain *dom,
		      uint32_t which, uint32_t value)
{
	struct sh_page *page = dom->page;
	bool heard = dom->port[p->port].state == SH_BOUND;
	uint32_t *const word[] = {&page->req_cons,   &page->req_prod,
				  &page->rsp_cons,   &page->rsp_prod,
				  &page->connection, &page->error,
				  &page->evtchn_port};

	if (!heard && domain_find(w->run->d, dom->domid))
		return; /* see hush_unheard() */
	*word[which % (sizeof(word) / sizeof(word[0]))] = value;
	sh_kick(w->run->h, dom, p->port);
}

/* The guest forgets everything and asks for a new connection. */
static void step_anew(struct world *w, struct peer *p, struct sh_domain *dom)
{
	if (dom->port[p->port].state != SH_BOUND &&
	    domain_find(w->run->d, dom->domid))
		return; /* see hush_unheard() */
	p->out.len = 0;
	dom->page->connection = 1;
	sh_kick(w->run->h, dom, p->port);
}

/* When it sends events again, the first stands for everything before it. */
static void step_silent(struct world *w, struct peer *p, struct sh_domain *dom,
			bool silent)
{
	if (p->silent && !silent)
		sh_kick(w->run->h, dom, p->port);
	p->silent = silent;
}

/* Clears the page as a boot loader does. */
static void step_clear(struct world *w, struct peer *p, struct sh_domain *dom)
{
	if (dom->port[p->port].state != SH_BOUND &&
	    domain_find(w->run->d, dom->domid))
		return; /* see hush_unheard() */
	p->out.len = 0;
	dom->page->req_prod = dom->page->req_cons = 0;
	dom->page->rsp_prod = dom->page->rsp_cons = 0;
	sh_kick(w->run->h, dom, p->port);
}

static void step_deaths(struct world *w, const struct step *s, struct peer *p,
			struct sh_domain *dom)
{
	struct sh_domain *other = NULL;

	if (s->kind == STEP_DEATHS)
		other = world_domain(w, s->a);
	sh_domain_gone(w->run->h, dom);
	if (other && other != dom)
		sh_domain_gone(w->run->h, other);
	if (s->kind != STEP_REPLACE)
		return;
	peer_again(w, p);
	sh_domain_new(w->run->h, p->domid);
}

static void step_domain(struct world *w, const struct step *s, struct peer *p)
{
	struct sh_domain *dom = sh_domain_find(w->run->h, p->domid);

	if (!dom)
		return;
	if (s->kind == STEP_PORT)
		step_port(w, p, dom, s->a);
	else if (s->kind == STEP_WORD)
		step_word(w, p, dom, s->a, s->b);
	else if (s->kind == STEP_ANEW)
		step_anew(w, p, dom);
	else if (s->kind == STEP_DEATH || s->kind == STEP_DEATHS ||
		 s->kind == STEP_REPLACE)
		step_deaths(w, s, p, dom);
	else if (s->kind == STEP_DYING)
		dom->dying = true;
	else if (s->kind == STEP_PAUSE)
		dom->paused = true;
	else if (s->kind == STEP_SILENT)
		step_silent(w, p, dom, s->a);
	else if (s->kind == STEP_CLEAR)
		step_clear(w, p, dom);
	else if (s->kind == STEP_UNPAUSE)
		dom->shutdown = dom->paused = false;
	else
		dom->shutdown = true;
	if (s->kind == STEP_DEATH || s->kind == STEP_DEATHS ||
	    s->kind == STEP_REPLACE || s->kind == STEP_DYING ||
	    s->kind == STEP_SHUTDOWN)
		sh_virq(w->run->h);
}

static void step_connect(struct world *w, struct peer *p, unsigned int i)
{
	int fd;

	if (sh_sock(w->run->h, p->fd)->peer_open &&
	    sh_sock(w->run->h, p->fd)->daemon_open)
		return;
	sh_sock(w->run->h, p->fd)->peer_open = false;
	peer_again(w, p);
	fd = sh_connect(w->run->h, i == SOCKETS - 1);
	if (fd >= 0)
		p->fd = fd;
}

/* Bytes sent by all peers and not answered yet. */
static size_t waiting(const struct world *w)
{
	size_t sum = 0;
	unsigned int i;

	for (i = 0; i < PEERS; i++) {
		const struct conn *c = world_conn(w, i);

		sum += w->peer[i]->out.len + (c ? c->in_len : 0);
		if (i < SOCKETS)
			sum += sh_sock(w->run->h, w->peer[i]->fd)
				       ->to_daemon.len;
	}
	return sum;
}

int world_step(struct world *w, const struct step *s)
{
	struct peer *p = w->peer[s->peer];
	int rc;

	w->luck = s->luck;
	w->between = w->mode != MODE_PLAIN && below(&w->luck, 2);
	w->at_once = s->len + waiting(w) <= AT_ONCE;
	switch (s->kind) {
	case STEP_SEND:
		if (peer_send(w->run, p, s->bytes, s->len))
			return 1;
		break;
	case STEP_TAKES:
		step_takes(w, p, s->a);
		break;
	case STEP_CONNECT:
		step_connect(w, p, s->peer);
		break;
	case STEP_CLOSE:
		sh_sock(w->run->h, p->fd)->peer_open = false;
		break;
	case STEP_BIRTH:
		step_birth(w, p);
		break;
	case STEP_CLOCK:
		w->run->h->clock_ms += s->a;
		break;
	default:
		step_domain(w, s, p);
	}
	rc = settle(w);
	if (!rc && w->mode != MODE_PLAIN)
		rc = update(w, true);
	return rc ? rc : settle(w);
}

/* ---- beginning and end ---- */

static void log_put(void *arg, unsigned int sort, const char *line)
{
	(void)arg;
	(void)sort;
	if (getenv("MODEL_LOG"))
		fprintf(stderr, "# %s\n", line);
}

static void make_peers(struct world *w)
{
	struct run *r = w->run;
	char name[8];
	unsigned int i;

	for (i = 0; i < PEERS; i++) {
		if (i < SOCKETS)
			snprintf(name, sizeof(name), "%c", 'a' + (int)i);
		else
			snprintf(name, sizeof(name), "%u",
				 (i - SOCKETS + 1) % (DOMAINS + 1));
		w->peer[i] = peer_new(r, name);
		w->peer[i]->deaf = true;
		w->peer[i]->ring = i >= SOCKETS;
		if (i < SOCKETS)
			w->peer[i]->fd = sh_connect(r->h, i == SOCKETS - 1);
		else
			w->peer[i]->domid =
				(uint16_t)((i - SOCKETS + 1) % (DOMAINS + 1));
	}
	r->h->dom0_ring = true;
	sh_domain_new(r->h, 0);
}

struct world *world_new(const void *ctx, enum mode mode)
{
	struct config config = {0};
	struct world *w = talloc_zero(ctx, struct world);
	struct run *r = w->run = talloc_zero(w, struct run);
	struct err err = {0};

	w->mode = mode;
	r->file = "random";
	r->ret = &w->ret;
	r->ret_ctx = w;
	r->log.put = log_put;
	log_want(&r->log, 0);
	list_init(&r->peers);
	list_init(&r->vars);
	r->h = sh_new(r, 0x5707);
	make_peers(w);
	r->d = daemon_new(NULL, &r->h->host, &r->log, &config, &err);
	if (!r->d || daemon_populate(r->d, &err)) {
		fprintf(stderr, "the daemon did not start: %s\n", err.text);
		exit(2);
	}
	r->d->conns.rw_fd = SH_RW_FD;
	r->d->conns.ro_fd = SH_RO_FD;
	if (host_call(&r->h->host, poll_add, SH_RW_FD, HOST_IN,
		      DAEMON_TAG_RW) ||
	    host_call(&r->h->host, poll_add, SH_RO_FD, HOST_IN,
		      DAEMON_TAG_RO) ||
	    settle(w))
		exit(2);
	return w;
}

void world_free(struct world *w)
{
	beside_drop(w->run);
	if (w->run->d)
		daemon_free(w->run->d);
	talloc_free(w);
}
