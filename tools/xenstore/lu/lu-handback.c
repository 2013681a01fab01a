/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lu-handback: leaving the host to a stock xenstored.
 *
 * Such a daemon is told of the state by a file, in the dialect of its
 * release; it starts with the descriptors as they are and binds the death
 * VIRQ itself.  What it cannot carry is said in the log.  All is undone if the
 * exec comes back; after it there is no way back, as that daemon knows none.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "domain/domain.h"
#include "image/convert.h"
#include "image/dialect.h"
#include "image/image.h"
#include "lu/lu-image.h"
#include "lu/lu.h"
#include "store/transaction.h"
#include "transport/conn.h"

/* ---- transactions ---- */

unsigned int lu_transactions(const struct daemon *d, char *text, size_t size)
{
	uint64_t now = host_call(d->host, now_ms);
	unsigned int n = 0;
	const struct conn *c;
	const struct tx *tx;
	size_t at = 0;
	int len =
		snprintf(text, size, "Domains with long running transactions:");

	list_for_each (c, &d->conns, all) {
		tx = list_first(&c->client.txs, struct tx, of_client);
		if (!tx)
			continue;
		n++;
		at += (size_t)len;
		if (at >= size)
			continue;
		len = snprintf(text + at, size - at, "\nDomain %u: %llu s",
			       c->client.cred.domid,
			       (unsigned long long)(now - tx->started_ms) /
				       1000);
	}
	return n;
}

void lu_end_transactions(struct daemon *d)
{
	struct conn *c;

	list_for_each (c, &d->conns, all)
		while (!list_empty(&c->client.txs))
			tx_free(list_first(&c->client.txs, struct tx,
					   of_client));
}

/* ---- the image in another dialect ---- */

struct handing {
	struct daemon *d;
	struct wbuf spec;
	struct image_writer w;
};

static int put(void *arg, const struct record *rec, struct err *err)
{
	struct handing *h = arg;

	(void)err;
	if (rec->desc || !rec->body)
		image_write(&h->w, rec);
	return 0;
}

static void log_losses(const struct daemon *d, const struct image_losses *l)
{
	unsigned int i;

	for (i = 0; i < LOSS_COUNT; i++)
		if (l->n[i])
			log_line(d->log, LOG_EVENT,
				 "live update to %s: it cannot carry %llu %s",
				 d->lu->binary, (unsigned long long)l->n[i],
				 image_loss_text(i));
}

static int make_image(struct handing *h, struct err *err)
{
	struct lu_dump_options opt = {.no_read_only = true};
	struct image_convert how = {.from = REC_DIALECT_SPEC,
				    .to = h->d->lu->kind == HOST_XEN1
						  ? REC_DIALECT_XEN1
						  : REC_DIALECT_XEN2,
				    .put = put,
				    .arg = h};
	struct image_losses losses;
	struct lu_counts counts;
	int rc;

	wbuf_init(&h->spec, h);
	rc = lu_dump(h->d, &opt, lu_into_wbuf, &h->spec, &counts, err);
	if (rc)
		return rc;
	image_writer_init_as(&h->w, h, false, how.to);
	rc = image_convert(h, h->spec.data, h->spec.len, &how, &losses, err);
	if (!rc && image_writer_finish(&h->w))
		rc = err_set(err, ENOMEM, "no memory for the image");
	if (rc)
		return rc;
	log_losses(h->d, &losses);
	log_line(h->d->log, LOG_EVENT,
		 "live update to %s: %u nodes, %u connections, %u watches, %zu "
		 "bytes in dialect %s",
		 h->d->lu->binary, counts.nodes, counts.conns, counts.watches,
		 h->w.buf.len, image_dialect_name(how.to));
	return host_call(h->d->host, lu_stock_file, h->w.buf.data, h->w.buf.len,
			 err);
}

/* ---- what the other daemon offers, or ours again ---- */

/*
 * A guest must not go on using what the next daemon does not have: 4.15 to
 * 4.20 offer nothing.
 */
static void offer(struct daemon *d, bool ours)
{
	uint32_t mask = d->lu->kind == HOST_XEN1
				? 0
				: FEATURES_ALL & ~FEATURE_RECONNECTION;
	struct conn *c;

	list_for_each (c, &d->conns, all)
		if (c->kind == CONN_RING && d->ring_map(c))
			ring_offer(c->ring,
				   c->domain->features & (ours ? ~0u : mask));
}

static int *descriptors(struct daemon *d, size_t *ret_n)
{
	int *fds = talloc_array(d, int, d->nconns + 1);
	const struct conn *c;
	size_t n = 0;

	if (!fds)
		return NULL;
	if (d->rw_fd >= 0)
		fds[n++] = d->rw_fd;
	list_for_each (c, &d->conns, all)
		if (c->fd >= 0 && !c->read_only)
			fds[n++] = c->fd;
	*ret_n = n;
	return fds;
}

int lu_hand_back(struct daemon *d, struct err *err)
{
	struct handing *h = talloc_zero(d, struct handing);
	struct err lost = {0};
	size_t n = 0;
	int *fds = descriptors(d, &n);
	int rc = h && fds ? 0 : err_set(err, ENOMEM, "no memory");

	if (!rc) {
		h->d = d;
		rc = make_image(h, err);
	}
	if (!rc) {
		offer(d, false);
		host_call(d->host, evtchn_unbind, d->death_port);
		rc = host_call(d->host, lu_exec_stock, d->lu->binary,
			       d->lu->args, fds, n, err);
		if (host_call(d->host, evtchn_bind_death, &d->death_port)) {
			d->death_port = 0;
			log_line(d->log, LOG_EVENT,
				 "the death of domains cannot be heard any "
				 "more");
		}
		offer(d, true);
		domains_look(d); /* who has died meanwhile? */
	}
	(void)host_call(d->host, lu_stock_file, NULL, 0, &lost);
	talloc_free(fds);
	talloc_free(h);
	return rc;
}
