/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * copy: pieces and phases; see copy.h.  copy-tree.c and copy-conn.c have the
 * walk and the effects.  Called by copy-conn.c, copy-tree.c and update/beside.c.
 */
#include "state/copy.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "state/copy-internal.h"

/* A piece is given to the sink when it has this many bytes. */
#define PIECE_BYTES 49152u
/* The buffer of a larger piece is freed after it. */
#define PIECE_KEEP (1u << 20)
/* Nodes from which one step takes the flags. */
#define CLEAR_NODES 16u

/* A ring's indexes always go along: the other process maps it earlier or later. */
static const struct state_dump_options all_of_it = {.to_file = true};

static void piece_begin(struct copy *cp)
{
	struct dump *o = cp->o;

	if (o->w.buf.size > PIECE_KEEP)
		wbuf_fini(&o->w.buf);
	if (!o->w.buf.data) {
		image_writer_init(&o->w, cp, cp->big_endian);
	} else {
		o->w.buf.len = IMAGE_PREAMBLE_SIZE;
		o->w.records = 0;
	}
	cp->nfds = 0;
}

/* Gives what there is to a sink. */
static int piece_end(struct copy *cp, copy_sink sink, void *arg)
{
	struct dump *o = cp->o;

	collect_generations(o);
	if (!cp->rc && o->rc)
		cp->rc = o->rc;
	if (cp->rc || !o->w.records)
		return cp->rc;
	if (image_writer_finish(&o->w))
		return copy_no_memory(cp);
	cp->n.bytes += o->w.buf.len;
	cp->rc = sink(arg, o->w.buf.data, o->w.buf.len, cp->fds, cp->nfds,
		      &cp->err);
	if (!cp->rc)
		piece_begin(cp);
	return cp->rc;
}

int copy_no_memory(struct copy *cp)
{
	if (!cp->rc)
		cp->rc = err_set(&cp->err, ENOMEM,
				 "no memory to send the state");
	return cp->rc;
}

void copy_room(struct copy *cp)
{
	if (cp->o->w.buf.len >= PIECE_BYTES || cp->o->w.buf.failed || cp->o->rc)
		(void)piece_end(cp, cp->sink, cp->sink_arg);
}

void copy_fd(struct copy *cp, int fd)
{
	if (fd < 0)
		return;
	if (!array_room(cp, cp->fds, cp->nfds, cp->fds_size))
		(void)copy_no_memory(cp);
	else
		cp->fds[cp->nfds++] = fd;
}

void copy_effect(struct copy *cp, const struct record *rec)
{
	collect_generations(cp->o);
	dump_put(cp->o, rec);
	/* a list may change, or another one may get its address */
	cp->o->perms_of = NULL;
	cp->n.effects++;
	copy_room(cp);
}

int copy_begin(struct daemon *d, copy_sink sink, void *arg,
	       struct copy **ret_copy, struct err *err)
{
	struct copy *cp;

	if (d->store->observer)
		return err_set(err, EBUSY, "the state is being sent already");
	cp = talloc_zero(d, struct copy);
	if (cp)
		cp->o = talloc_zero(cp, struct dump);
	if (!cp || !cp->o) {
		talloc_free(cp);
		return err_set(err, ENOMEM, "no memory to send the state");
	}
	cp->d = d;
	cp->sink = sink;
	cp->sink_arg = arg;
	cp->o->d = d;
	cp->o->opt = &all_of_it;
	cp->o->counts = &cp->counts;
	cp->o->err = &cp->err;
	cp->o->whole = true;
	piece_begin(cp);
	copy_handoff(cp);
	cp->phase = d->store->tree->marked ? COPY_CLEAR : COPY_NODES;
	cp->clear = NODE_ROOT;
	d->store->tree->marked = true;
	copy_observe(cp);
	*ret_copy = cp;
	return 0;
}

/* One step of the walk.  False: everything was sent. */
static bool step(struct copy *cp)
{
	switch (cp->phase) {
	case COPY_CLEAR:
		if (!tree_unmark(cp->d->store->tree, &cp->clear, CLEAR_NODES))
			cp->phase = COPY_NODES;
		return true;
	case COPY_NODES:
		if (!copy_next_node(cp))
			cp->phase = COPY_CONNS;
		return true;
	case COPY_CONNS:
		break;
	}
	return copy_next_conn(cp);
}

int copy_step(struct copy *cp, uint64_t work, bool *ret_all, struct err *err)
{
	uint64_t done = 0;
	uint64_t before;

	cp->o->perms_of = NULL;
	do {
		before = cp->n.bytes + cp->o->w.buf.len;
		*ret_all = !step(cp);
		done += 1 + (cp->n.bytes + cp->o->w.buf.len - before) / 256;
		copy_room(cp);
	} while (!cp->rc && !*ret_all && done < work);
	cp->o->perms_of = NULL;
	return copy_flush(cp, err);
}

int copy_flush(struct copy *cp, struct err *err)
{
	int rc = piece_end(cp, cp->sink, cp->sink_arg);

	return rc ? err_set(err, rc, "%s", cp->err.text) : 0;
}

/* All that the walk leaves out. */
static void collect_last(struct copy *cp)
{
	struct dump *o = cp->o;

	collect_daemon(o);
	copy_fd(cp, cp->d->conns.rw_fd);
	copy_fd(cp, cp->d->conns.ro_fd);
	copy_conns_again(cp);
	collect_conns_rest(o);
	collect_specials(o);
	collect_txs(o);
	collect_update(o);
}

int copy_cut(struct copy *cp, const struct state_dump_options *opt,
	     copy_sink last, void *arg, struct state_counts *ret_counts,
	     struct err *err)
{
	struct state_dump_options with_indexes = *opt;
	int rc;

	jobs_finish(&cp->d->jobs);
	while (!cp->rc && step(cp))
		copy_room(cp);
	rc = copy_flush(cp, err);
	if (rc)
		return rc;
	state_count(cp->d, &cp->counts);
	with_indexes.to_file = true;
	cp->o->opt = &with_indexes;
	collect_last(cp);
	rc = piece_end(cp, last, arg);
	cp->o->opt = &all_of_it;
	cp->counts.size = cp->n.bytes;
	*ret_counts = cp->counts;
	return rc ? err_set(err, rc, "%s", cp->err.text) : 0;
}

void copy_progress(const struct copy *cp, struct copy_progress *ret)
{
	*ret = cp->n;
}

void copy_end(struct copy *cp)
{
	cp->d->store->observer = NULL;
	copy_forget_conns(cp);
	talloc_free(cp);
}
