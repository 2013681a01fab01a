// SPDX-License-Identifier: GPL-2.0-or-later
/* verbs: what can happen in a story, done to a daemon in another process. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "live.h"

#define RING_PATIENCE_US 3000000ull

static struct peer *named(struct live *l, const char *name)
{
	struct peer *p = peer_find(&l->run, name);

	if (p)
		peer_restart(&l->run, p);
	return p ?: peer_new(&l->run, name);
}

/* socket NAME [ro] */
static int verb_socket(struct live *l, struct word *w, int n)
{
	bool ro = n > 2 && word_is(&w[2], "ro");
	struct peer *p = named(l, w[1].p);
	int err;

	live_close(p);
	live_of(p)->read_only = ro;
	if (ro && l->mode == LIVE_STOCK)
		return live_cannot(l, "4.17 has no read-only socket");
	if (!ro && l->mode == LIVE_LIB && live_by_other_means(l, p))
		err = lib_open(p);
	else
		err = live_open_socket(l, p, ro);
	return err ? run_fail(&l->run, "cannot connect: %s", strerror(err)) : 0;
}

static int domid_of(struct live *l, const struct word *w, uint32_t *ret)
{
	uint64_t domid;

	if (word_number(&l->run, w, &domid))
		return 1;
	if (domid >= SIM_DOMID_SLOTS)
		return live_cannot(l, "xensim has no such domid");
	*ret = (uint32_t)domid;
	return 0;
}

/* domain N: Xen creates it once the last one with that number is gone */
static int verb_domain(struct live *l, struct word *w, int n)
{
	struct peer *p = named(l, w[1].p);
	struct domain_facts facts;
	uint32_t domid = 0;
	int err, tries;

	(void)n;
	if (domid_of(l, &w[1], &domid))
		return 1;
	live_close(p);
	for (tries = 0; tries < 20 && side_has_domain(&l->side, domid); tries++)
		if (live_settle(l))
			return 1;
	p->ring = true;
	p->domid = (uint16_t)domid;
	err = side_create(&l->side, domid, &facts);
	if (!err)
		err = live_open_ring(l, p);
	return err ? run_fail(&l->run, "cannot create the domain: %s",
			      strerror(err))
		   : 0;
}

/* introduce N... */
static int verb_introduce(struct live *l, struct word *w, int n)
{
	char body[64];
	int i, len;

	for (i = 1; i < n; i++) {
		struct peer *p = peer_find(&l->run, w[i].p);
		struct ring *ring = p ? live_of(p)->link.ring : NULL;

		if (!ring)
			return run_fail(&l->run, "domain %s does not exist",
					w[i].p);
		len = snprintf(body, sizeof(body), "%u%c%llu%c%u", p->domid, 0,
			       (unsigned long long)ring->dom->gfn, 0,
			       ring->dom->xs_port);
		if (!live_control(l, XS_INTRODUCE, body, (size_t)len + 1))
			return run_fail(&l->run,
					"INTRODUCE of domain %s is refused: %s",
					w[i].p, l->ctl_said);
		live_of(p)->dead = false;
	}
	return 0;
}

static int domain_call(struct live *l, const struct word *w, uint32_t op)
{
	uint32_t domid = 0;
	int err;

	if (domid_of(l, w, &domid))
		return 1;
	err = side_call(&l->side, op, domid, 0);
	return err ? run_fail(&l->run, "xensim: %s", strerror(err)) : 0;
}

/* die N... [unseen], dying N: their rings are not used any more */
static int verb_die(struct live *l, struct word *w, int n)
{
	int i, rc = 0;

	if (word_is(&w[n - 1], "unseen"))
		return live_cannot(l, "xensim sends its VIRQs");
	for (i = 1; i < n; i++) {
		struct peer *p = peer_find(&l->run, w[i].p);

		/* dying first, then dead */
		if (p && !live_of(p)->link.ring)
			return 0;
		if (p) {
			live_of(p)->dead = true;
			link_close(&live_of(p)->link);
		}
	}
	if (live_update_end(l))
		return 1;
	/* all at once: the daemon must find them in one scan */
	kill(l->side.daemon_pid, SIGSTOP);
	for (i = 1; i < n && !rc; i++)
		rc = domain_call(l, &w[i], SIM_OP_DESTROY);
	if (!l->run.hold)
		kill(l->side.daemon_pid, SIGCONT);
	return rc ? rc : live_settle(l);
}

static int verb_shutdown(struct live *l, struct word *w, int n)
{
	(void)n;
	return domain_call(l, &w[1], SIM_OP_SHUTDOWN) || live_settle(l);
}

static int verb_grant(struct live *l, struct word *w, int n)
{
	struct sim_req req = {.op = SIM_OP_REVOKE, .b = SIM_GREF_XENSTORE};
	struct sim_rep rep;

	(void)n;
	req.c = word_is(&w[0], "grant");
	return domid_of(l, &w[1], &req.a) ||
	       sim_call(l->side.hv_sock, &req, &rep, NULL);
}

static int verb_kick(struct live *l, struct word *w, int n)
{
	struct peer *p = peer_find(&l->run, w[1].p);

	(void)n;
	if (!p || !live_of(p)->link.ring)
		return run_fail(&l->run, "domain %s does not exist", w[1].p);
	ring_notify(live_of(p)->link.ring);
	return live_settle(l);
}

/* ring N WORD (= | += | ==) VALUE; == waits for the value */
static int verb_ring(struct live *l, struct word *w, int n)
{
	struct peer *p = peer_find(&l->run, w[1].p);
	struct ring *ring = p ? live_of(p)->link.ring : NULL;
	uint64_t end = time_us() + RING_PATIENCE_US;

	(void)n;
	if (!ring)
		return live_cannot(l, "the page is gone");
	if (live_settle(l))
		return 1;
	while (ring_word_differs(&l->run, ring->page, w + 2) &&
	       time_us() < end) {
		(void)poll(NULL, 0, 1);
		if (live_settle(l))
			return 1;
	}
	return ring_word(&l->run, ring->page, w + 2);
}

/* hold: stops the process */
static int verb_hold(struct live *l, struct word *w, int n)
{
	(void)n;
	if (word_is(&w[0], "hold") && (live_update_end(l) || live_settle(l)))
		return 1;
	l->run.hold = word_is(&w[0], "hold");
	return kill(l->side.daemon_pid, l->run.hold ? SIGSTOP : SIGCONT);
}

/* updates off, updates on */
static int verb_updates(struct live *l, struct word *w, int n)
{
	(void)n;
	l->run.no_updates = word_is(&w[1], "off");
	return live_update_end(l);
}

/* quota NAME VALUE: by a control command */
static int verb_quota(struct live *l, struct word *w, int n)
{
	char body[128];
	int len = snprintf(body, sizeof(body), "quota%cset%c%s%c%s", 0, 0,
			   w[1].p, 0, w[2].p);

	(void)n;
	if (live_control(l, XS_CONTROL, body, (size_t)len + 1))
		return 0;
	return live_cannot(l, "the daemon has no quota of that name");
}

static int verb_check(struct live *l, struct word *w, int n)
{
	(void)w;
	(void)n;
	return live_control(l, XS_CONTROL, "check", 6)
		       ? 0
		       : run_fail(&l->run, "the daemon refuses CONTROL check");
}

static int verb_nothing(struct live *l, struct word *w, int n)
{
	(void)l;
	(void)w;
	(void)n;
	return 0;
}

static int verb_cannot(struct live *l, struct word *w, int n)
{
	(void)n;
	return live_cannot(
		l, talloc_asprintf(l, "'%s' is not possible here", w[0].p));
}

static const struct {
	const char *name;
	int words;
	int (*run)(struct live *l, struct word *w, int n);
} verbs[] = {
	{"socket", 2, verb_socket},	  {"domain", 2, verb_domain},
	{"introduce", 2, verb_introduce}, {"die", 2, verb_die},
	{"dying", 2, verb_die},		  {"shutdown", 2, verb_shutdown},
	{"unpause", 2, verb_cannot},	  {"revoke", 2, verb_grant},
	{"grant", 2, verb_grant},	  {"virq", 1, verb_nothing},
	{"kick", 2, verb_kick},		  {"port", 3, verb_cannot},
	{"ring", 5, verb_ring},		  {"time", 3, verb_cannot},
	{"hold", 1, verb_hold},		  {"go", 1, verb_hold},
	{"updates", 2, verb_updates},	  {"quota", 3, verb_quota},
	{"check", 1, verb_check},	  {"update", 2, verb_cannot},
	{"dom0", 1, verb_nothing},	  {"round", 1, verb_cannot},
	{"tracing", 1, verb_cannot},	  {"logged", 2, verb_cannot},
	{"unlogged", 2, verb_cannot},	  {"later", 2, verb_nothing},
	{"pause", 2, verb_cannot},
};

/* ---- NAME verb ---- */

static int peer_verb(struct live *l, struct peer *p, struct word *w, int n)
{
	struct live_peer *lp = live_of(p);
	uint64_t room = SH_NO_LIMIT;

	if (word_is(&w[1], "nothing"))
		return peer_silent(&l->run, p);
	if (word_is(&w[1], "restarts") || word_is(&w[1], "close")) {
		if (word_is(&w[1], "close"))
			live_close(p);
		peer_restart(&l->run, p);
		return live_settle(l);
	}
	if (word_is(&w[1], "bytewise"))
		return 0;
	if (word_is(&w[1], "silent")) {
		p->silent = n < 3 || !word_is(&w[2], "off");
		return 0;
	}
	if (lp->xs && word_is(&w[1], "parts") && n == 5) {
		size_t names, bytes;

		if (lib_parts(p, w[2].p, &names, &bytes) ||
		    names != strtoul(w[3].p, NULL, 0) ||
		    bytes != strtoul(w[4].p, NULL, 0))
			return run_fail(&l->run, "the listing differs");
		l->n.through++;
		return 0;
	}
	if (lp->xs) {
		l->become_raw = p->name;
		return live_cannot(l, "not possible with the library");
	}
	if (word_is(&w[1], "closed")) {
		list_init(&p->sent);
		if (live_closed(l, p)) {
			live_close(p);
			return 0;
		}
		return run_fail(&l->run, "peer %s is still open", p->name);
	}
	if (word_is(&w[1], "takes") && n > 2) {
		if (!p->ring)
			return live_cannot(l, "the kernel accepts more");
		if (!word_is(&w[2], "all") &&
		    word_number(&l->run, &w[2], &room))
			return 1;
		p->takes = room;
		return live_settle(l);
	}
	return peer_verb_common(&l->run, p, w, n);
}

int live_verb(struct run *r, struct word *w, int n)
{
	struct live *l = to_live(r);
	struct peer *p;
	size_t i;
	int rc;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (word_is(&w[0], verbs[i].name) && n >= verbs[i].words)
			return verbs[i].run(l, w, n);
	rc = verb_common(r, w, n);
	if (rc >= 0)
		return rc;
	p = peer_find(r, w[0].p);
	rc = p && n > 1 ? peer_verb(l, p, w, n) : -1;
	return rc < 0 ? run_fail(r, "'%s'?", w[0].p) : rc;
}
