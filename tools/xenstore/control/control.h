/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * control: the commands of CONTROL requests (xenstore-control).
 *
 * Tables of commands are chained on the daemon, so that a room above can add
 * its own (update/: live-update).  A handler answers with conn_reply and returns
 * 0, returns an errno, or returns 0 with the connection held and answers
 * later.
 */
#ifndef CONTROL_CONTROL_H
#define CONTROL_CONTROL_H

#include "base/buf.h"
#include "daemon.h"

#define CONTROL_ARGS_MAX 64

struct conn;

struct control_req {
	struct daemon *d;
	struct conn *conn;
	void *ctx;
	const char **arg; /* arg[0]: the command */
	int n;
	struct wbuf out;
};

struct control_command {
	const char *name;
	const char *args; /* as help shows them */
	const char *meaning;
	int min, max; /* number of arguments behind the name */
	int (*run)(struct control_req *req);
};

struct control_commands {
	const struct control_commands *more;
	const struct control_command *command;
	size_t n;
};

/* Puts n commands more into the daemon's table.  Returns 0 or ENOMEM. */
int __must_check control_add(struct daemon *d,
			     const struct control_command *commands, size_t n);
/* Adds the commands that need nothing above. */
void control_init(struct daemon *d);
/* Returns 0 or the errno of the ERROR reply: EINVAL for an unknown command. */
int control_run(struct control_req *req);
/* Answers with text, which may be longer than a message: it is then cut. */
void control_reply_text(struct control_req *req, const char *text);

#endif
