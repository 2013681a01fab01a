/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control: see control.h.  Called by ops/ for privileged connections. */
#include "control/control.h"
#include "control/commands.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/escape.h"
#include "store/check.h"
#include "store/store.h"
#include "transport/conn.h"

void control_reply_text(struct control_req *req, const char *text)
{
	char shown[WIRE_PAYLOAD_MAX];
	size_t len =
		escape(shown, sizeof(shown), text, strlen(text), ESCAPE_TEXT);

	conn_reply(req->conn, shown, len + 1);
}

int control_reply_buf(struct control_req *req, struct wbuf *out)
{
	wbuf_u8(out, 0);
	if (out->failed)
		return ENOMEM;
	control_reply_text(req, (const char *)out->data);
	return 0;
}

/* Clients expect OK whatever the result, so findings go to the log only. */
static int control_check(struct control_req *req)
{
	struct err err = {0};

	if (store_check(req->d->store, &err))
		log_line(req->d->log, LOG_EVENT, "check: %s", err.text);
	else
		log_line(req->d->log, LOG_EVENT, "check: the store is sound");
	conn_reply_ok(req->conn);
	return 0;
}

static int control_help(struct control_req *req)
{
	const struct control_commands *t;
	struct wbuf out;
	size_t i;

	wbuf_init(&out, req->ctx);
	for (t = req->d->commands; t; t = t->more)
		for (i = 0; i < t->n; i++)
			wbuf_printf(&out, "%s\t%s\n", t->command[i].name,
				    t->command[i].args);
	return control_reply_buf(req, &out);
}

static const struct control_command commands[] = {
	{"check", "", "checks the store and logs what is wrong", 0, 0,
	 control_check},
	{"log", "[on|off|+<switch>|-<switch>]", "lists or sets what is logged",
	 0, 1, control_log},
	{"logfile", "<file>", "writes the trace to another file", 1, 1,
	 control_logfile},
	{"memreport", "[<file>]",
	 "reports memory use to the file or the trace file; with neither, "
	 "returns a summary",
	 0, 1, control_memreport},
	{"print", "<string>", "writes a line to the log", 1, 1, control_print},
	{"quota", "[set <name> <val>|<domid>|max [-r]]",
	 "shows or sets limits; shows a domain's use, or the highest use by "
	 "any domain (-r: resets it)",
	 0, 3, control_quota},
	{"quota-soft", "[set <name> <val>]",
	 "shows or sets the limits at which a warning is logged", 0, 3,
	 control_quota_soft},
	{"help", "", "lists the commands", 0, 1, control_help},
};

static const struct control_commands table = {
	NULL, commands, sizeof(commands) / sizeof(commands[0])};

void control_init(struct daemon *d)
{
	d->commands = &table;
}

int control_add(struct daemon *d, const struct control_command *more, size_t n)
{
	struct control_commands *t = talloc_zero(d, struct control_commands);

	if (!t)
		return ENOMEM;
	t->more = d->commands;
	t->command = more;
	t->n = n;
	d->commands = t;
	return 0;
}

int control_run(struct control_req *req)
{
	const struct control_commands *t;
	size_t i;

	for (t = req->d->commands; t; t = t->more)
		for (i = 0; i < t->n; i++) {
			const struct control_command *c = &t->command[i];

			if (strcmp(c->name, req->arg[0]))
				continue;
			if (req->n - 1 < c->min || req->n - 1 > c->max)
				return EINVAL;
			return c->run(req);
		}
	return EINVAL;
}
