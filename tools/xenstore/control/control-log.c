/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control-log: log, logfile, print and memreport. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "control/commands.h"
#include "control/control.h"
#include "transport/conn.h"

#define XENSTORE_DIR "/var/lib/xen/xenstore"

static int log_list(struct control_req *req)
{
	const struct log_switch *sw;
	struct wbuf out;
	unsigned int n, i;

	sw = log_switches(&n);
	wbuf_init(&out, req->ctx);
	for (i = 0; i < n; i++)
		wbuf_printf(&out, "%s %s\n",
			    log_on(req->d->log, sw[i].sort) ? "on " : "off",
			    sw[i].name);
	wbuf_u8(&out, 0);
	if (out.failed)
		return ENOMEM;
	control_reply_text(req, (const char *)out.data);
	return 0;
}

/* on, off (all that can be switched), +name, -name */
int control_log(struct control_req *req)
{
	int rc;

	if (req->n == 1)
		return log_list(req);
	rc = log_switch(&req->d->log->on, req->arg[1]);
	if (!rc)
		conn_reply_ok(req->conn);
	return rc;
}

/* A relative name is one below XENSTORE_DIR, as in the stock daemon. */
static const char *file_path(struct control_req *req, const char *name)
{
	if (name[0] == '/')
		return name;
	return talloc_asprintf(req->ctx, XENSTORE_DIR "/%s", name);
}

int control_logfile(struct control_req *req)
{
	const char *path = file_path(req, req->arg[1]);
	struct log *log = req->d->log;
	int rc;

	if (!log->set_file)
		return ENOSYS;
	if (!path)
		return ENOMEM;
	rc = log->set_file(log->arg, path);
	if (rc)
		return rc;
	conn_reply_ok(req->conn);
	return 0;
}

int control_print(struct control_req *req)
{
	log_line(req->d->log, LOG_EVENT, "control: %s", req->arg[1]);
	conn_reply_ok(req->conn);
	return 0;
}

/* ---- memory ---- */

static void report_line(FILE *f, const char *what, uint64_t n, size_t bytes)
{
	fprintf(f, "%-14s %10llu  %12zu bytes\n", what, (unsigned long long)n,
		bytes);
}

/* To the file; without one to the end of the trace file. */
int control_memreport(struct control_req *req)
{
	const struct daemon *d = req->d;
	const char *path = d->log->path;
	FILE *f;
	int rc;

	if (req->n > 1)
		path = file_path(req, req->arg[1]);
	else if (!path)
		return EBADF;
	f = path ? fopen(path, req->n > 1 ? "we" : "ae") : NULL;
	if (!f)
		return EIO;
	report_line(f, "all", talloc_total_blocks(d), talloc_total_size(d));
	report_line(f, "connections", d->nconns,
		    d->nconns * sizeof(struct conn));
	talloc_report_full(d, f);
	rc = ferror(f) ? EIO : 0;
	if (fclose(f))
		rc = EIO;
	if (!rc)
		conn_reply_ok(req->conn);
	return rc;
}
