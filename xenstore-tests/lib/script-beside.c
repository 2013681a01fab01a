// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * script-beside: two daemons on one host in memory, a live update that is
 * loaded beside; see script-host.h.
 *
 * By command, the host only keeps the pieces; whoever catches the cut
 * (update_exec) makes the successor from them.
 */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "script-host.h"

static void swap_polls(struct sh_poll *p)
{
	struct sh_poll was = p[0];

	p[0] = p[1];
	p[1] = was;
}

void sh_switch(struct script_host *h)
{
	struct sh_poll was[2];
	int i;

	h->second = !h->second;
	memcpy(was, h->listening[0], sizeof(was));
	memcpy(h->listening[0], h->listening[1], sizeof(was));
	memcpy(h->listening[1], was, sizeof(was));
	for (i = 0; i < SH_SOCKS; i++)
		if (h->sock[i])
			swap_polls(h->sock[i]->poll);
	for (i = 0; i < SH_DOMAINS; i++)
		if (h->domain[i]) {
			uint32_t *maps = h->domain[i]->maps, n = maps[0];

			maps[0] = maps[1];
			maps[1] = n;
		}
}

void sh_end_other(struct script_host *h)
{
	int i;

	h->second = false;
	memset(h->listening[1], 0, sizeof(h->listening[1]));
	for (i = 0; i < SH_SOCKS; i++)
		if (h->sock[i])
			h->sock[i]->poll[1].on = false;
	for (i = 0; i < SH_DOMAINS; i++)
		if (h->domain[i])
			h->domain[i]->maps[1] = 0;
	sh_sweep(h);
}

/* ---- by command ---- */

void sh_beside_forget(struct script_host *h)
{
	bool stuck = h->beside.stuck;

	talloc_free(h->beside.piece);
	h->beside = (struct sh_beside){.stuck = stuck};
}

static bool op_can(struct host *host)
{
	return !to_script(host)->beside_never;
}

static int op_start(struct host *host, const char *binary, const char *args,
		    uint64_t tag, struct err *err)
{
	struct script_host *h = to_script(host);

	(void)binary;
	(void)args;
	if (h->beside.tag)
		return err_set(err, EBUSY, "there is a successor already");
	h->beside.tag = tag;
	h->no_handoff = false;
	return 0;
}

static int op_put(struct host *host, const void *data, size_t len,
		  const int *fds, size_t nfds, struct err *err)
{
	struct sh_beside *b = &to_script(host)->beside;

	(void)fds;
	(void)nfds;
	if (!b->tag)
		return err_set(err, EPIPE, "there is no successor");
	b->piece = talloc_realloc(to_script(host), b->piece, struct sh_bytes,
				  b->npieces + 1);
	b->piece[b->npieces].p = talloc_memdup(b->piece, data, len);
	b->piece[b->npieces++].len = len;
	b->waits += len;
	return 0;
}

static int op_ask(struct host *host, struct err *err)
{
	(void)err;
	to_script(host)->beside.asked = true;
	return 0;
}

static size_t op_backlog(struct host *host)
{
	return to_script(host)->beside.waits;
}

static int op_event(struct host *host, struct err *err)
{
	struct script_host *h = to_script(host);

	if (!h->beside.asked || h->beside.stuck)
		return EAGAIN;
	h->beside.asked = false;
	h->beside.waits = 0;
	if (h->update_rehearse_bad)
		return err_set(err, EIO, "the new one said no");
	return 0;
}

/* Like exec, returns only on failure. */
static int op_cut(struct host *host, const void *data, size_t len,
		  const int *fds, size_t nfds, uint32_t timeout_ms,
		  struct err *err)
{
	struct script_host *h = to_script(host);
	int rc = op_put(host, data, len, fds, nfds, err);

	(void)timeout_ms;
	if (rc)
		return rc;
	h->beside.tag = 0;
	if (!h->update_exec_bad && h->update_exec)
		longjmp(*h->update_exec, 1);
	return err_set(err, ETIMEDOUT, "the new one does not serve");
}

static void op_stop(struct host *host)
{
	sh_beside_forget(to_script(host));
}

void script_beside_ops(struct host_ops *ops)
{
	ops->beside_can = op_can;
	ops->beside_start = op_start;
	ops->beside_put = op_put;
	ops->beside_ask = op_ask;
	ops->beside_backlog = op_backlog;
	ops->beside_event = op_event;
	ops->beside_cut = op_cut;
	ops->beside_stop = op_stop;
}
