/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dump: writes the whole state as an image; see state.h. */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/version.h"
#include "store/store.h"
#include "store/tree.h"
#include "state/collect.h"
#include "store/watch.h"
#include "transport/conn.h"

/* small enough to stay in the processor's cache until it is written */
#define PIECE (1u << 16)

int state_into_wbuf(void *arg, const void *data, size_t len, struct err *err)
{
	struct wbuf *out = arg;

	wbuf_bytes(out, data, len);
	return out->failed ? err_set(err, ENOMEM, "no memory for the image")
			   : 0;
}

static void drain(struct dump *o)
{
	if (o->w.buf.failed && !o->rc)
		o->rc = err_set(o->err, ENOMEM, "no memory for the image");
	if (o->rc || !o->w.buf.len || o->whole)
		return;
	o->rc = o->sink(o->arg, o->w.buf.data, o->w.buf.len, o->err);
	o->counts->size += o->w.buf.len;
	o->w.buf.len = 0;
}

void dump_put(struct dump *o, const struct record *rec)
{
	if (o->rc)
		return;
	if (rec->type >= REC_MANDATORY && o->opt->no_extensions)
		return;
	image_write(&o->w, rec);
	if (o->w.buf.len >= PIECE || o->w.buf.failed)
		drain(o);
}

void dump_put_begin(struct dump *o, const struct record *rec, uint32_t later)
{
	if (!o->rc)
		image_write_begin(&o->w, rec, later);
}

void dump_put_bytes(struct dump *o, const void *data, size_t len)
{
	if (o->rc)
		return;
	wbuf_bytes(&o->w.buf, data, len);
	if (o->w.buf.len >= PIECE || o->w.buf.failed)
		drain(o);
}

void dump_put_end(struct dump *o)
{
	if (!o->rc)
		image_write_end(&o->w);
}

void dump_put_node(struct dump *o, const struct rec_node *node)
{
	if (o->rc)
		return;
	image_write_node(&o->w, node);
	if (o->w.buf.len >= PIECE || o->w.buf.failed)
		drain(o);
}

const struct rec_perm *dump_perms(struct dump *o, const struct perms *p)
{
	uint32_t i;

	if (p == o->perms_of)
		return o->perms;
	o->perms_of = NULL;
	if (p->n > o->perms_size) {
		talloc_free(o->perms);
		o->perms = talloc_array(o, struct rec_perm, p->n);
		o->perms_size = o->perms ? p->n : 0;
		if (!o->perms) {
			o->rc = err_set(o->err, ENOMEM,
					"no memory for the image");
			return NULL;
		}
	}
	for (i = 0; i < p->n; i++) {
		o->perms[i].perm = (uint8_t)perm_letter(p->p[i].bits);
		o->perms[i].flags = 0;
		o->perms[i].domid = p->p[i].domid;
	}
	o->perms_of = p;
	return o->perms;
}

static void collect_header(struct dump *o)
{
	static const char writer[] = XENSTORED_NAME;
	struct record rec = {.type = REC_HEADER};

	rec.header = (struct rec_header){
		.writer_len = sizeof(writer),
		.nodes = o->counts->nodes,
		.conns = o->counts->conns,
		.watches = o->counts->watches,
		.txs = o->counts->txs,
		.digest = state_digest(o->d),
		.writer = writer,
	};
	dump_put(o, &rec);
	rec = (struct record){.type = REC_STORE_STATE};
	rec.store.generation = o->d->store->generation;
	rec.store.next_conn_id = o->d->conns.next_id;
	dump_put(o, &rec);
	rec = (struct record){.type = REC_ROLES};
	rec.roles.priv_domid = o->d->config.priv_domid;
	rec.roles.store_domid = o->d->config.store_domid;
	if (rec.roles.priv_domid || rec.roles.store_domid)
		dump_put(o, &rec);
}

static void collect_global(struct dump *o)
{
	const struct daemon *d = o->d;
	struct record rec = {.type = REC_GLOBAL_DATA};

	rec.global.rw_fd = d->conns.rw_fd;
	rec.global.ro_fd = d->conns.ro_fd;
	dump_put(o, &rec);
	rec = (struct record){.type = REC_HANDOFF};
	if (o->opt->no_ports) {
		rec.handoff.evtchn_fd = rec.handoff.epoll_fd = -1;
	} else {
		host_call(d->host, update_handoff, &rec.handoff.evtchn_fd,
			  &rec.handoff.epoll_fd);
		rec.handoff.virq_port = d->death_port;
	}
	dump_put(o, &rec);
}

static void collect_log(struct dump *o)
{
	const struct log *log = o->d->log;
	struct record rec = {.type = REC_LOG};

	if (!log)
		return;
	rec.log.switches = log->wanted;
	rec.log.path = log->path ? log->path : "";
	rec.log.path_len = (uint16_t)(strlen(rec.log.path) + 1);
	dump_put(o, &rec);
}

void collect_daemon(struct dump *o)
{
	collect_header(o);
	collect_global(o);
	collect_log(o);
	collect_quotas(o);
}

void collect_update(struct dump *o)
{
	struct record rec = {.type = REC_UPDATE};

	rec.update.conn_id = o->opt->update_conn;
	rec.update.reply_len = o->opt->update_len;
	if (rec.update.conn_id)
		dump_put(o, &rec);
	if (!o->opt->update_binary)
		return;
	rec = (struct record){.type = REC_UPDATE_RUN};
	rec.update_run.stopped_us = o->opt->stopped_us;
	rec.update_run.rehearsal_ms = o->opt->rehearsal_ms;
	rec.update_run.binary = o->opt->update_binary;
	rec.update_run.binary_len =
		(uint16_t)(strlen(o->opt->update_binary) + 1);
	dump_put(o, &rec);
}

void state_count(const struct daemon *d, struct state_counts *counts)
{
	const struct conn *c;

	counts->nodes = d->store->tree->count;
	counts->conns = d->conns.n;
	counts->watches = d->store->watches->count;
	counts->txs = 0;
	list_for_each (c, &d->conns.all, all)
		counts->txs += c->client.ntxs;
}

int state_dump(struct daemon *d, const struct state_dump_options *opt,
	       state_sink sink, void *arg, struct state_counts *ret_counts,
	       struct err *err)
{
	struct dump *o = talloc_zero(d, struct dump);
	int rc;

	if (!o)
		return err_set(err, ENOMEM, "no memory for the image");
	jobs_finish(&d->jobs);
	o->d = d;
	o->opt = opt;
	o->sink = sink;
	o->arg = arg;
	o->counts = ret_counts;
	o->err = err;
	image_writer_init(&o->w, o, opt->big_endian);
	ret_counts->size = 0;
	state_count(d, ret_counts);
	collect_daemon(o);
	collect_conns(o);
	collect_nodes(o);
	collect_specials(o);
	collect_txs(o);
	collect_update(o);
	if (!o->rc && image_writer_finish(&o->w))
		o->rc = err_set(err, ENOMEM, "no memory for the image");
	drain(o);
	rc = o->rc;
	talloc_free(o);
	return rc;
}
