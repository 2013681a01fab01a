/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verify: the rules of the format that one record alone does not show.  What a
 * record's own bytes must be is checked by the reader (image/).
 */
#ifndef XS_IMAGE_VERIFY_H
#define XS_IMAGE_VERIFY_H

#include "xs-image.h"

#include "base/hash.h"

/* A connection seen, and what must agree with it. */
struct vconn {
	struct hlink link;
	uint32_t conn_id;
	uint16_t type, domid;
	uint32_t data_len, nwatches;
};

struct verify {
	const char *name; /* of the image */
	bool stock;	  /* a dialect of Xen */
	const struct record *rec;
	const void *ctx;
	struct htab *conns;
	struct seen *seen;
	uint32_t last_conn; /* whose watches may come; 0: none */
	bool have_header;
	struct rec_header header;
	struct rec_header counted;
	uint64_t recent; /* nodes since the last generations */
	/* TX_ENTRY records of the transaction that had the last one */
	uint32_t entries_conn, entries_tx;
	uint32_t entries;
	uint64_t errors, warnings;
	int rc; /* ENOMEM */
};

/* Says that a rule is broken, in this field (NULL: none) of v->rec. */
void verify_bad(struct verify *v, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same for what readers put up with. */
void verify_warn(struct verify *v, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Remembers a thing; false (and said to be bad in that field) if it was. */
bool verify_once(struct verify *v, const struct thing *thing,
		 const char *field);
/* The connection of that id; NULL, and said, if none came before. */
struct vconn *verify_conn(struct verify *v, uint32_t conn_id);
/* Whether that transaction came before; said if not. */
bool verify_tx(struct verify *v, uint32_t conn_id, uint32_t tx_id);

/* Kinds of things, beside the types of records. */
#define THING_RING    0xf001u /* a domain's ring */
#define THING_MISSING 0xf002u /* a parent that is not in the image */
#define THING_SPECIAL 0xf003u

/* The rules for one record, in these parts. */
void verify_conns(struct verify *v);
void verify_nodes(struct verify *v);
void verify_stock(struct verify *v);
/* What only the whole image shows. */
void verify_stock_end(struct verify *v);

#endif
