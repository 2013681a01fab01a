/* SPDX-License-Identifier: GPL-2.0-or-later */
/* listening: see listening.h.  Called by main.c only. */
#include "listening.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "host/host-posix.h"
#include "start.h"

#define LOOK_MS 1000u /* between looks while a path does not lead here */

struct listening_at {
	char *path; /* malloc */
	int *fd;    /* in struct conns */
	struct posix_place place;
	enum posix_leads leads;
	uint64_t lost_ms; /* since when it leads nowhere */
	pid_t pid;	  /* that listens there */
	bool failed;	  /* logged */
};

struct listening {
	const struct options *o;
	struct listening_at at[2]; /* for writing, read-only */
};

static int listen_again(struct daemon *d, struct listening_at *at,
			struct err *err)
{
	const struct options *o = d->listening->o;
	int old = *at->fd;
	int rc = at == &d->listening->at[0] ? start_rw_socket(d, err)
					    : start_ro_socket(d, o, err);

	if (rc)
		return rc;
	host_call(d->host, poll_del, old);
	host_call(d->host, close, old);
	posix_path_place(at->path, &at->place);
	/* the directory may be another one */
	posix_path_watch(d->host, at->path);
	/* the intruder may have written its own pid */
	if (start_pid_file(o->pid_file, err))
		log_line(d->log, LOG_EVENT, "%s", err->text);
	return 0;
}

static void lost(struct daemon *d, struct listening_at *at)
{
	uint64_t now = host_call(d->host, now_ms);
	struct err err;

	if (at->leads != POSIX_LEADS_NOWHERE)
		at->lost_ms = now;
	/* at first, another daemon may be about to listen */
	if (now < at->lost_ms + LOOK_MS)
		return;
	if (!listen_again(d, at, &err)) {
		log_line(d->log, LOG_EVENT,
			 "socket %s: it did not lead to this daemon any more; "
			 "listening there again",
			 at->path);
		at->failed = false;
	} else if (!at->failed) {
		log_line(d->log, LOG_EVENT,
			 "cannot listen again, new clients find no store: %s",
			 err.text);
		at->failed = true;
	}
}

static void look(struct daemon *d, struct listening_at *at)
{
	enum posix_leads leads;
	pid_t pid;

	if (!at->path || *at->fd < 0)
		return;
	leads = posix_path_leads(at->path, *at->fd, &at->place, &pid);
	if (leads == POSIX_LEADS_NOWHERE)
		lost(d, at);
	else if (leads == POSIX_LEADS_ELSEWHERE &&
		 (at->leads != leads || at->pid != pid))
		log_line(d->log, LOG_EVENT,
			 "socket %s: process %d listens there now, and new "
			 "clients reach it instead of this daemon; end it: "
			 "then this daemon listens there again",
			 at->path, (int)pid);
	at->leads = leads;
	at->pid = pid;
	if (leads != POSIX_LEADS_HERE)
		posix_paths_again(d->host, LOOK_MS);
}

static void look_at_all(struct daemon *d)
{
	look(d, &d->listening->at[0]);
	look(d, &d->listening->at[1]);
}

void listening_begin(struct daemon *d, const struct options *o, bool fresh)
{
	static const char *const names[] = {POSIX_SOCKET, POSIX_SOCKET_RO};
	struct listening *l = talloc_zero(d, struct listening);
	struct err err;
	size_t i;
	int rc = l ? posix_paths_init(to_posix(d->host), &err)
		   : err_set(&err, ENOMEM, "no memory to watch the sockets");

	if (rc) {
		log_line(d->log, LOG_EVENT, "%s", err.text);
		return;
	}
	l->o = o;
	l->at[0].fd = &d->conns.rw_fd;
	l->at[1].fd = &d->conns.ro_fd;
	for (i = 0; i < 2; i++) {
		if (posix_run_path(names[i], &l->at[i].path, &err))
			continue;
		posix_path_watch(d->host, l->at[i].path);
		if (fresh)
			posix_path_place(l->at[i].path, &l->at[i].place);
	}
	d->listening = l;
	d->paths = look_at_all;
	look_at_all(d);
}
