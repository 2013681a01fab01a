/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ox-internal: shared by ox-dump.c and ox-node.c; see ox-dump.h. */
#ifndef STOCK_OX_INTERNAL_H
#define STOCK_OX_INTERNAL_H

#include "base/hash.h"
#include "image/rows.h"
#include "stock/ox-dump.h"
#include "stock/ox-line.h"

#define OX_SPECIALS 2u
extern const char *const ox_specials[OX_SPECIALS]; /* "@releaseDomain", ... */

/* A line of a node. */
struct ox_node {
	const char *at, *hex; /* its begin, its path */
	size_t len;	      /* of hex */
	uint64_t number;
};

struct ox_reading {
	void *ctx;
	const struct ox_dump *d;
	struct image_losses *losses;
	struct err *err;
	struct ox_line line; /* the present one */
	struct htab *conns;  /* of what is in the lines before */
	struct ox_node *nodes;
	size_t nnodes, nodes_size;
	uint32_t nconns;
	struct rec_header header; /* counts of the records given */
	bool counting;		  /* the first of two runs */
	/* line numbers; 0: none */
	uint64_t global, evtchn, special[OX_SPECIALS];
	struct wbuf text, value; /* of the present line */
	struct rec_perm *perms;
	size_t perms_size;
};

/* Counts the record and gives it on. */
int __must_check ox_put(struct ox_reading *r, const struct record *rec);
/* Sets r->err; returns EEXIST. */
int ox_twice(struct ox_reading *r, uint64_t first, const char *what);
/* Sets r->err; returns ENOMEM. */
int ox_no_memory(struct ox_reading *r);
/* ox-node.c, each returns 0 or an errno with r->err. */
/* Keeps the present line, a node's. */
int __must_check ox_keep_node(struct ox_reading *r);
/* Puts the nodes of all kept lines. */
int __must_check ox_put_nodes(struct ox_reading *r);
/* Counts fields behind the known ones. */
void ox_no_more(struct ox_reading *r, unsigned int known);

#endif
