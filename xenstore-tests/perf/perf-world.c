/* SPDX-License-Identifier: GPL-2.0-or-later */
/* perf-world: one daemon and its clients; see perf.h. */
#include "perf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <valgrind/callgrind.h>

#include "busy.h"
#include "domain/domain.h"
#include "base/job.h"
#include "store/store.h"
#include "transport/conn.h"

#define MAX_ROUNDS 1000000

static _Noreturn void fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("perf: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(2);
}

static void forget_received(struct run *r)
{
	struct peer *p;

	list_for_each (p, &r->peers, next)
		p->log.len = 0;
}

void perf_settle(struct perf *p)
{
	unsigned int rounds;

	for (rounds = 0; rounds < MAX_ROUNDS; rounds++) {
		bool moved = peers_pump(p->run);

		forget_received(p->run);
		if (!busy(p->run->h, p->run->d)) {
			if (!moved)
				return;
			continue;
		}
		if (p->counting)
			CALLGRIND_START_INSTRUMENTATION;
		daemon_round(p->run->d);
		if (p->counting)
			CALLGRIND_STOP_INSTRUMENTATION;
	}
	fail("the daemon does not become idle");
}

/* ---- requests ---- */

static uint32_t send_and_take(struct perf *p, struct peer *who, uint32_t type,
			      uint32_t tx, const char *fmt, va_list ap,
			      char **ret_body)
{
	char buf[WIRE_HEADER_SIZE + WIRE_PAYLOAD_MAX + 1];
	char *body = buf + WIRE_HEADER_SIZE;
	int len = vsnprintf(body, WIRE_PAYLOAD_MAX + 1, fmt, ap), i;
	struct wire_header hdr = {.type = type, .tx_id = tx};
	uint32_t got[4];

	if (len < 0 || (unsigned int)len > WIRE_PAYLOAD_MAX)
		fail("a request of %d bytes is too long", len);
	for (i = 0; i < len; i++)
		if (body[i] == '|')
			body[i] = '\0';
	hdr.len = (uint32_t)len;
	wire_put_header((uint8_t *)buf, &hdr);
	who->in.len = 0;
	who->deaf = false;
	(void)peer_send(p->run, who, buf, WIRE_HEADER_SIZE + (size_t)len);
	perf_settle(p);
	who->deaf = true;
	while (peer_take(p->run, who, got, ret_body))
		if (got[0] != WIRE_WATCH_EVENT)
			return got[0];
	fail("no reply to %s", wire_type_name(type));
}

void ask(struct perf *p, struct peer *who, uint32_t type, uint32_t tx,
	 const char *fmt, ...)
{
	char *body;
	va_list ap;

	va_start(ap, fmt);
	if (send_and_take(p, who, type, tx, fmt, ap, &body) == WIRE_ERROR)
		fail("%s(%s): %s", wire_type_name(type), fmt, body);
	va_end(ap);
}

static uint32_t ask_number(struct perf *p, struct peer *who, uint32_t type,
			   const char *fmt, ...)
{
	char *body;
	va_list ap;

	va_start(ap, fmt);
	if (send_and_take(p, who, type, 0, fmt, ap, &body) == WIRE_ERROR)
		fail("%s: %s", wire_type_name(type), body);
	va_end(ap);
	return (uint32_t)strtoul(body, NULL, 10);
}

uint32_t start(struct perf *p, struct peer *who)
{
	return ask_number(p, who, WIRE_TRANSACTION_START, "|");
}

/* ---- beginning and end ---- */

static void log_put(void *arg, unsigned int sort, const char *line)
{
	(void)arg;
	(void)sort;
	if (getenv("PERF_LOG"))
		fprintf(stderr, "# %s\n", line);
}

static struct peer *client(struct run *r, const char *name)
{
	struct peer *who = peer_new(r, name);

	who->fd = sh_connect(r->h, false);
	who->deaf = true;
	return who;
}

struct peer *perf_guest(struct perf *p, uint32_t domid)
{
	struct run *r = p->run;
	char name[16];

	snprintf(name, sizeof(name), "%u", domid);
	sh_domain_new(r->h, (uint16_t)domid);
	p->guest[domid] = peer_new(r, name);
	p->guest[domid]->ring = true;
	p->guest[domid]->deaf = true;
	p->guest[domid]->domid = (uint16_t)domid;
	ask(p, p->dom0, WIRE_MKDIR, 0, "/local/domain/%u|", domid);
	ask(p, p->dom0, WIRE_SET_PERMS, 0, "/local/domain/%u|n%u|", domid,
	    domid);
	ask(p, p->dom0, WIRE_INTRODUCE, 0, "%u|1|%u|", domid, SH_STORE_PORT);
	return p->guest[domid];
}

struct perf *perf_new(const void *ctx)
{
	struct config config = {0};
	struct perf *p = talloc_zero(ctx, struct perf);
	struct run *r = p->run = talloc_zero(p, struct run);
	struct err err = {0};
	uint32_t i;

	r->file = "perf";
	r->ret = &p->ret;
	r->ret_ctx = p;
	r->log.put = log_put;
	log_want(&r->log, 0);
	list_init(&r->peers);
	list_init(&r->vars);
	r->h = sh_new(r, 0x5707);
	r->d = daemon_new(NULL, &r->h->host, &r->log, &config, &err);
	if (!r->d || daemon_populate(r->d, &err))
		fail("the daemon did not start: %s", err.text);
	r->d->conns.rw_fd = SH_RW_FD;
	r->d->conns.ro_fd = SH_RO_FD;
	if (host_call(&r->h->host, poll_add, SH_RW_FD, HOST_IN,
		      DAEMON_TAG_RW) ||
	    host_call(&r->h->host, poll_add, SH_RO_FD, HOST_IN, DAEMON_TAG_RO))
		fail("the daemon cannot listen");
	p->dom0 = client(r, "dom0");
	for (i = 0; i < PERF_OTHERS; i++)
		p->other[i] = client(r, "other");
	perf_settle(p);
	return p;
}

void perf_free(struct perf *p)
{
	daemon_free(p->run->d);
	talloc_free(p);
}
