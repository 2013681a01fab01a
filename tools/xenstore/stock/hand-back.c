/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hand-back: see hand-back.h.
 *
 * The stock daemon reads the state from a file in the format of its release,
 * uses the descriptors as they are and binds VIRQ_DOM_EXC itself; oxenstored
 * takes over that port, too, but no message that is not sent: the guard sends
 * the reply to the requesting client.  The log
 * lists what its format cannot carry.  If the exec fails, everything is undone.
 * If it succeeds and the stock daemon never serves, the host's guard brings
 * this binary back: a client's request that was sent before the exec stays
 * unanswered, and the guard makes an image of this memory, which is
 * unchanged.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "base/fault.h"
#include "domain/death.h"
#include "stock/convert.h"
#include "image/image.h"
#include "state/state.h"
#include "stock/hand-back.h"
#include "stock/losses.h"
#include "stock/ox-write.h"
#include "store/transaction.h"
#include "transport/conn-ring.h"
#include "wire/wire.h"

/* ---- arguments for oxenstored ---- */

/* Arguments are split at blanks, so a path with one cannot be passed on. */
static char *add_path(char *args, const char *option, const char *path)
{
	if (!path || strchr(path, ' '))
		return args;
	return talloc_asprintf_append(args, " %s %s", option, path);
}

char *stock_ox_args(const void *ctx, const struct config *config)
{
	char *args = talloc_strdup(ctx, config->no_fork ? "--no-fork" : "");

	args = args ? add_path(args, "--pid-file", config->pid_file) : NULL;
	return args ? add_path(args, "-T", config->trace_file) : NULL;
}

/* ---- the image in the stock format ---- */

static const struct image_format *format_of(enum host_successor kind)
{
	return kind == HOST_XEN_4_21 || kind == HOST_XEN_4_22 ? &stock_xen2
							      : &stock_xen1;
}

/* The features that the stock daemon offers: 4.15 to 4.20 none. */
static uint32_t features_of(enum host_successor kind)
{
	switch (kind) {
	case HOST_XEN_4_21:
		return FEATURE_ERROR;
	case HOST_XEN_4_22:
		return FEATURES_ALL & ~FEATURE_RECONNECTION;
	case HOST_OX:
		return FEATURE_RECONNECTION;
	default:
		return 0;
	}
}

/* A ring's indexes when it was left to the stock daemon. */
struct left {
	struct conn *c;
	uint32_t req_cons, rsp_prod;
};

struct handing {
	struct daemon *d;
	const struct stock_successor *to;
	struct wbuf spec;
	struct image_writer w; /* for oxenstored: only its buf, of text */
	uint8_t *reply;
	size_t reply_len;
	struct left *rings;
	size_t nrings;
	uint32_t no_record; /* quotas of the host that 4.21 has no record for */
};

static int put(void *arg, const struct record *rec, struct err *err)
{
	struct handing *h = arg;
	enum host_successor kind = h->to->kind;
	struct record its = *rec;

	(void)err;
	if (rec->type == REC_DOMAIN_DATA)
		stock_in(&its)->domain.features &= features_of(kind);
	if (rec->type == REC_GLOBAL_QUOTA_DATA && kind == HOST_XEN_4_21)
		h->no_record += stock_of(rec)->global_quota.n_dom;
	else if (rec->desc || !rec->body)
		image_write(&h->w, &its);
	return 0;
}

static int write_ox(struct handing *h, struct image_losses *losses,
		    struct err *err)
{
	int rc;

	wbuf_init(&h->w.buf, h);
	rc = ox_write(h, h->spec.data, h->spec.len, h->to->force, &h->w.buf,
		      losses, err);
	losses->n[LOSS_UPDATE] = 0;
	return rc;
}

static int write_xen(struct handing *h, struct image_losses *losses,
		     struct err *err)
{
	struct image_convert how = {.from = &image_format_native,
				    .to = format_of(h->to->kind),
				    .put = put,
				    .arg = h};
	int rc;

	image_writer_init_as(&h->w, h, false, how.to);
	rc = image_convert(h, h->spec.data, h->spec.len, &how, losses, err);
	if (!rc && image_writer_finish(&h->w))
		rc = err_set(err, ENOMEM, "no memory for the image");
	losses->n[LOSS_QUOTA] += h->no_record;
	return rc;
}

static int make_image(struct handing *h, struct err *err)
{
	struct state_dump_options opt = {.no_read_only = true};
	bool ox = h->to->kind == HOST_OX;
	struct image_losses losses;
	struct state_counts counts;
	int rc;

	if (ox) {
		opt.update_conn = h->to->conn->client.id;
		opt.update_len = (uint32_t)h->reply_len;
	}
	wbuf_init(&h->spec, h);
	rc = state_dump(h->d, &opt, state_into_wbuf, &h->spec, &counts, err);
	if (!rc)
		rc = ox ? write_ox(h, &losses, err)
			: write_xen(h, &losses, err);
	if (rc)
		return rc;
	stock_log_losses(h->d->log, h->to->binary, &losses);
	log_line(h->d->log, LOG_EVENT,
		 "live update to %s: %u nodes, %u connections, %u watches, %zu "
		 "bytes in dialect %s",
		 h->to->binary, counts.nodes, counts.conns, counts.watches,
		 h->w.buf.len, ox ? "ox" : format_of(h->to->kind)->name);
	rc = host_call(h->d->host, stock_file, h->w.buf.data, h->w.buf.len,
		       err);
	/* the guard keeps this memory until the stock daemon serves */
	wbuf_fini(&h->w.buf);
	wbuf_fini(&h->spec);
	return rc;
}

/* ---- offered features ---- */

/* A guest must stop using features that the next daemon does not have. */
static void offer(const struct handing *h, bool ours)
{
	uint32_t mask = features_of(h->to->kind);
	struct conn *c;

	list_for_each (c, &h->d->conns.all, all)
		if (c->ring)
			ring_offer(c->ring, c->features & (ours ? ~0u : mask));
}

/* Maps the rings that were not needed yet, and notes each ring's indexes. */
static void leave_rings(struct handing *h)
{
	struct left *left = h->rings;
	struct conn *c;

	list_for_each (c, &h->d->conns.all, all) {
		if (c->kind != CONN_RING || !conn_ring(c))
			continue;
		left->c = c;
		ring_indexes(c->ring, &left->req_cons, &left->rsp_prod);
		left++;
	}
	h->nrings = (size_t)(left - h->rings);
}

/* ---- if it never serves ---- */

static void drop_moved(const struct handing *h)
{
	const struct left *left = h->rings;
	uint32_t req_cons, rsp_prod;

	for (; left < h->rings + h->nrings; left++) {
		ring_indexes(left->c->ring, &req_cons, &rsp_prod);
		if (left->req_cons == req_cons && left->rsp_prod == rsp_prod)
			continue;
		log_line(h->d->log, LOG_EVENT,
			 "domain %u: the other daemon has moved its ring: "
			 "incomplete messages are dropped",
			 left->c->client.cred.domid);
		conn_drop_queues(left->c);
	}
}

/*
 * A socket has no indexes that show whether the other daemon read or wrote a
 * part of an incomplete message.
 */
static void close_incomplete(struct daemon *d)
{
	struct conn *c;

again:
	list_for_each (c, &d->conns.all, all) {
		if (c->kind == CONN_RING || (!c->in_len && list_empty(&c->out)))
			continue;
		log_line(d->log, LOG_EVENT,
			 "connection %u: closed, because the other daemon may "
			 "have continued an incomplete message",
			 c->client.id);
		conn_close(c);
		goto again;
	}
}

/* Runs in the guard, in this daemon's memory; see struct host_back. */
static int image_of_this(void *arg, bool began, int *ret_fd, struct err *err)
{
	struct handing *h = arg;
	struct daemon *d = h->d;
	struct err lost = {0};
	int rc;

	fault_memory(NULL);
	(void)host_call(d->host, stock_file, NULL, 0, &lost);
	offer(h, true);
	if (began)
		log_line(d->log, LOG_EVENT,
			 "live update to %s: the other daemon failed after it "
			 "had begun to serve: its changes are lost",
			 h->to->binary);
	drop_moved(h);
	if (began)
		close_incomplete(d);
	rc = host_call(d->host, update_image, ret_fd, err);
	if (!rc)
		rc = h->to->write_image(d, *ret_fd, err);
	if (rc)
		log_line(d->log, LOG_EVENT,
			 "live update to %s: it failed, and this daemon cannot "
			 "return: %s",
			 h->to->binary, err->text);
	return rc;
}

/*
 * Connects a client whose answer will show that the other daemon serves.  It
 * has waited longest, so that daemon accepts it before it serves anyone; until
 * then, nothing has changed.
 */
static int ask(struct daemon *d, struct host_back *back, struct err *err)
{
	static const char question[] = "0"; /* the domid */
	static const char answer[] = "/local/domain/0";
	const struct wire_header hdr = {.type = WIRE_GET_DOMAIN_PATH,
					.len = sizeof(question)};
	uint8_t bytes[WIRE_HEADER_SIZE + sizeof(question)];
	struct iovec iov = {bytes, sizeof(bytes)};
	size_t n = 0;
	int rc = host_call(d->host, dial, d->conns.rw_fd, &back->ask_fd, err);

	if (rc)
		return rc;
	wire_put_header(bytes, &hdr);
	memcpy(bytes + WIRE_HEADER_SIZE, question, sizeof(question));
	back->answer_len = WIRE_HEADER_SIZE + sizeof(answer);
	rc = host_call(d->host, writev, back->ask_fd, &iov, 1, &n);
	if (rc || n != sizeof(bytes))
		return err_set(err, rc ? rc : EIO,
			       "cannot write to its own socket: %s",
			       strerror(rc ? rc : EIO));
	return 0;
}

/*
 * For oxenstored: what the requesting client still gets from this daemon.  Its
 * queue stays, for the way back.
 */
static int keep_reply(struct handing *h, struct host_back *back,
		      struct err *err)
{
	const struct conn *c = h->to->conn;
	const struct out *o;
	size_t n = 0;

	h->reply = talloc_size(h, c->out_bytes);
	if (!h->reply)
		return err_set(err, ENOMEM, "no memory");
	list_for_each (o, &c->out, next) {
		memcpy(h->reply + n, o->data, o->len);
		n += o->len;
	}
	h->reply_len = n;
	back->reply = h->reply;
	back->reply_len = n;
	back->reply_fd = c->fd;
	return 0;
}

/* ---- the exec ---- */

static int leave(struct handing *h, const struct host_back *back,
		 struct err *err)
{
	bool keeps_virq = h->to->kind == HOST_OX;
	struct daemon *d = h->d;
	size_t n = 0;
	int *fds = conns_fds(d, false, &n);
	int rc;

	if (!fds)
		return err_set(err, ENOMEM, "no memory");
	leave_rings(h);
	offer(h, false);
	if (!keeps_virq)
		host_call(d->host, evtchn_unbind, d->death_port);
	rc = host_call(d->host, stock_exec, h->to->binary, h->to->args, fds, n,
		       back, err);
	talloc_free(fds);
	if (!keeps_virq &&
	    host_call(d->host, evtchn_bind_death, &d->death_port)) {
		d->death_port = 0;
		log_line(d->log, LOG_EVENT,
			 "cannot bind VIRQ_DOM_EXC again: deaths of domains go "
			 "unnoticed");
	}
	offer(h, true);
	domains_look(d); /* deaths in between */
	return rc;
}

int stock_hand_back(struct daemon *d, const struct stock_successor *to,
		    struct err *err)
{
	struct handing *h = talloc_zero(d, struct handing);
	struct host_back back = {
		.ask_fd = -1, .image = image_of_this, .arg = h};
	int *keep = conns_fds(d, true, &back.nkeep);
	struct err lost = {0};
	int rc = h && keep ? 0 : err_set(err, ENOMEM, "no memory");

	back.keep = keep;
	if (!rc) {
		h->d = d;
		h->to = to;
		h->rings = talloc_array(h, struct left, d->conns.n + 1);
		if (!h->rings)
			rc = err_set(err, ENOMEM, "no memory");
	}
	if (!rc && to->kind == HOST_OX)
		rc = keep_reply(h, &back, err);
	if (!rc)
		rc = ask(d, &back, err);
	if (!rc)
		rc = make_image(h, err);
	if (!rc)
		rc = leave(h, &back, err);
	(void)host_call(d->host, stock_file, NULL, 0, &lost);
	if (back.ask_fd >= 0)
		host_call(d->host, close, back.ask_fd);
	talloc_free(keep);
	talloc_free(h);
	return rc;
}
