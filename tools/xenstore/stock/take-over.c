/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * take-over: see take-over.h.  Called by successor.c, successor-ox.c and the
 * tests.
 */
#include "stock/take-over.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "domain/domain.h"
#include "stock/convert.h"
#include "stock/dialect.h"
#include "stock/losses.h"
#include "stock/ox-dump.h"
#include "image/image.h"
#include "store/path.h"
#include "store/store.h"
#include "transport/conn.h"

struct taking {
	struct daemon *d;
	struct image_writer w;
	uint8_t told[8192]; /* bits: domids whose features are in the image */
};

/* Without the header: the stock daemon computed no digest. */
static int put(void *arg, const struct record *rec, struct err *err)
{
	struct taking *t = arg;
	uint16_t domid = rec->features.domid;

	(void)err;
	if (rec->type == REC_DOM_FEATURES)
		t->told[domid / 8] |= (uint8_t)(1u << domid % 8);
	if (rec->type != REC_HEADER && (rec->desc || !rec->body))
		image_write(&t->w, rec);
	return 0;
}

static uint32_t far_port(void *arg, uint16_t domid, uint32_t local_port)
{
	struct taking *t = arg;
	uint32_t remote;

	(void)domid;
	if (host_call(t->d->host, evtchn_far, local_port, &remote))
		return 0;
	return remote;
}

/* Makes them non-blocking and close-on-exec. */
static void own_descriptors(const struct daemon *d)
{
	const struct conn *c;

	if (d->conns.rw_fd >= 0)
		host_call(d->host, own_fd, d->conns.rw_fd);
	list_for_each (c, &d->conns.all, all)
		if (c->fd >= 0)
			host_call(d->host, own_fd, c->fd);
}

/*
 * Features that are not in the image are read from the ring's page.  A
 * toolstack is told these, and no others are used until the domain is
 * introduced again.
 */
static void learn_features(const struct taking *t)
{
	struct domain *dom;

	list_for_each (dom, &t->d->domains->all, all) {
		if (t->told[dom->domid / 8] & 1u << dom->domid % 8)
			continue;
		if (dom->conn && dom->conn->ring)
			domain_offer(dom, ring_features(dom->conn->ring) &
						  FEATURES_ALL);
	}
}

/* ---- from the C daemon's image, from oxenstored's dump ---- */

static int read_image(struct taking *t, const void *data, size_t len,
		      struct image_losses *losses, struct err *err)
{
	struct image_convert how = {.to = &image_format_native,
				    .put = put,
				    .far_port = far_port,
				    .arg = t};
	struct image_guess guess;
	int rc = image_dialect_detect(data, len, &guess, err);

	if (rc)
		return rc;
	log_line(t->d->log, LOG_EVENT,
		 "taking over from a stock daemon: %zu bytes, dialect %s by %s",
		 len, guess.format->name, image_evidence_text(guess.evidence));
	how.from = guess.format;
	return image_convert(t, data, len, &how, losses, err);
}

/* The paths that a client could use here. */
static bool fits(void *arg, const char *path, bool watch, uint16_t domid)
{
	struct taking *t = arg;
	char abs[PATH_SIZE];
	size_t len;

	if (!watch)
		return path_valid(path, strlen(path));
	if (path_special(path))
		return special_find(t->d->store, path);
	return !path_absolute(path, domid, abs, &len);
}

static int read_dump(struct taking *t, const void *data, size_t len,
		     struct image_losses *losses, struct err *err)
{
	struct ox_dump how = {
		.data = data, .len = len, .put = put, .fits = fits, .arg = t};

	log_line(t->d->log, LOG_EVENT,
		 "taking over from oxenstored: a dump of %zu bytes", len);
	return ox_dump_read(t, &how, losses, err);
}

int stock_take_over(struct daemon *d, const void *data, size_t len,
		    struct state_restored *ret, struct err *err)
{
	struct taking *t = talloc_zero(d, struct taking);
	struct image_losses losses;
	int rc;

	if (!t)
		return err_set(err, ENOMEM, "no memory");
	t->d = d;
	image_writer_init(&t->w, t, false);
	rc = ox_dump_begins(data, len) ? read_dump(t, data, len, &losses, err)
				       : read_image(t, data, len, &losses, err);
	if (!rc && image_writer_finish(&t->w))
		rc = err_set(err, ENOMEM, "no memory");
	if (!rc)
		rc = state_restore(d, t->w.buf.data, t->w.buf.len, ret, err);
	if (rc)
		goto out;
	stock_log_losses(d->log, NULL, &losses);
	own_descriptors(d);
	domains_learn(d);
	learn_features(t);
	accounts_share(d->store->accounts, &d->store->limits);
out:
	talloc_free(t);
	return rc;
}
