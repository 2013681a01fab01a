/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * control: the commands of CONTROL requests (xenstore-control).
 *
 * Tables of commands are chained on the daemon, so that a room above can add
 * its own, such as live-update.  A handler does one of three things: it
 * replies and returns 0; it returns an errno, which becomes the ERROR reply;
 * or it holds the connection, returns 0 and replies later.
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
	void *ctx;	  /* talloc: for this request only */
	const char **arg; /* arg[0]: the command */
	int n;		  /* of arg */
};

struct control_command {
	const char *name;
	const char *args;    /* as `help` shows them */
	const char *meaning; /* for the documents */
	int min, max;	     /* number of arguments after the name */
	int (*run)(struct control_req *req);
};

struct control_commands {
	const struct control_commands *more;
	const struct control_command *command;
	size_t n;
};

/* Adds a table of n commands, which must stay valid.  Returns 0 or ENOMEM. */
int __must_check control_add(struct daemon *d,
			     const struct control_command *commands, size_t n);
/* Sets the table of this room's commands, the first of the chain. */
void control_init(struct daemon *d);
/*
 * Runs the command.  Returns 0 or the errno for the ERROR reply: EINVAL for an
 * unknown command or a wrong number of arguments.
 */
int control_run(struct control_req *req);
/* Replies with text, escaped; what does not fit into a message is cut off. */
void control_reply_text(struct control_req *req, const char *text);
/* The same with the text in out, which has no NUL yet.  Returns 0 or ENOMEM. */
int __must_check control_reply_buf(struct control_req *req, struct wbuf *out);

#endif
