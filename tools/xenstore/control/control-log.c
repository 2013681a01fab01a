/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control-log: the commands log, logfile, print and memreport. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "base/escape.h"
#include "control/commands.h"
#include "control/control.h"
#include "store/store.h"
#include "store/tree.h"
#include "store/watch.h"
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
			    req->d->log->wanted & sw[i].sort ? "on " : "off",
			    sw[i].name);
	return control_reply_buf(req, &out);
}

/* log on | off | +NAME | -NAME; on and off are for all switches. */
int control_log(struct control_req *req)
{
	unsigned int wanted = req->d->log->wanted;
	int rc;

	if (req->n == 1)
		return log_list(req);
	rc = log_switch(&wanted, req->arg[1]);
	if (rc)
		return rc;
	conn_reply_ok(req->conn);
	log_want(req->d->log, wanted);
	return 0;
}

/*
 * A relative name is below XENSTORE_DIR, as in the stock C daemon.  NULL
 * without memory.
 */
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
	rc = log_set_file(log, path);
	if (rc)
		return rc;
	conn_reply_ok(req->conn);
	return 0;
}

int control_print(struct control_req *req)
{
	struct escaped e;

	log_line(req->d->log, LOG_EVENT, "control: %s",
		 escape_str(&e, req->arg[1], ESCAPE_QUOTED));
	conn_reply_ok(req->conn);
	return 0;
}

/* ---- memory ---- */

static void summary_line(struct wbuf *out, const char *what, uint64_t n,
			 size_t bytes)
{
	wbuf_printf(out, "%-14s %10llu", what, (unsigned long long)n);
	if (bytes)
		wbuf_printf(out, "  %12zu bytes", bytes);
	wbuf_u8(out, '\n');
}

static void summary(const struct daemon *d, struct wbuf *out)
{
	summary_line(out, "all", talloc_total_blocks(d), talloc_total_size(d));
	summary_line(out, "connections", d->conns.n,
		     d->conns.n * sizeof(struct conn));
	summary_line(out, "nodes", d->store->tree->count, 0);
	summary_line(out, "watches", d->store->watches->count, 0);
}

/* talloc names a chunk of text by its text, which may be a guest's. */
static void report_piece(const void *ptr, int depth, int max_depth, int is_ref,
			 void *f)
{
	struct escaped e;

	(void)max_depth;
	(void)is_ref;
	if (!depth)
		fprintf(f, "full talloc report\n");
	fprintf(f, "%*s%-30s contains %6zu bytes in %3zu blocks\n", depth * 4,
		"", escape_str(&e, talloc_get_name(ptr), ESCAPE_QUOTED),
		talloc_total_size(ptr), talloc_total_blocks(ptr));
}

/* The caller frees *ret_text with free().  Returns 0 or ENOMEM. */
static int report_text(const struct daemon *d, const struct wbuf *text,
		       char **ret_text, size_t *ret_len)
{
	FILE *f = open_memstream(ret_text, ret_len);
	int rc;

	if (!f)
		return ENOMEM;
	fwrite(text->data, 1, text->len, f);
	talloc_report_depth_cb(d, 0, -1, report_piece, f);
	rc = ferror(f) ? ENOMEM : 0;
	return fclose(f) ? ENOMEM : rc;
}

/* Writes to path, or appends to the trace file (NULL).  0 or EIO. */
static int report_to(const struct daemon *d, const struct wbuf *text,
		     const char *path)
{
	struct err err = {0};
	char *report = NULL;
	size_t len = 0;
	int rc = report_text(d, text, &report, &len);

	if (!rc)
		rc = path ? host_call(d->host, file_write, path, report, len,
				      &err)
			  : host_call(d->host, file_append, d->log->path,
				      report, len, &err);
	free(report);
	if (!rc)
		return 0;
	log_line(d->log, LOG_EVENT, "memreport: %s",
		 *err.text ? err.text : "no memory");
	return EIO;
}

/* memreport [FILE]; without FILE and a trace file it replies with a summary. */
int control_memreport(struct control_req *req)
{
	const struct daemon *d = req->d;
	const char *path = NULL;
	struct wbuf out;
	int rc;

	if (req->n > 1)
		path = file_path(req, req->arg[1]);
	if (req->n > 1 && !path)
		return ENOMEM;
	wbuf_init(&out, req->ctx);
	summary(d, &out);
	if (!path && !d->log->path) {
		wbuf_printf(&out, "There is no trace file; name a file for the "
				  "full report.");
		return control_reply_buf(req, &out);
	}
	rc = out.failed ? ENOMEM : report_to(d, &out, path);
	if (!rc)
		conn_reply_ok(req->conn);
	return rc;
}
