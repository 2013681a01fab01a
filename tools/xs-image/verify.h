/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verify: checks the rules that concern more than one record.  The reader in
 * image/ checks each record by itself.
 */
#ifndef XS_IMAGE_VERIFY_H
#define XS_IMAGE_VERIFY_H

#include "xs-image.h"

#include "base/hash.h"

/* A connection, with what later records must agree with. */
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
	uint32_t last_conn; /* its watches may follow; 0: none */
	bool have_header;
	struct rec_header header;
	struct rec_header counted;
	uint64_t recent; /* nodes since the last NODE_GENERATIONS */
	/* number of TX_ENTRY records of the last such transaction */
	uint32_t entries_conn, entries_tx;
	uint32_t entries;
	uint64_t errors, warnings;
	int rc; /* ENOMEM */
};

/* Reports a broken rule, in this field (NULL: none) of v->rec. */
void verify_bad(struct verify *v, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Reports what readers accept all the same. */
void verify_warn(struct verify *v, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Remembers the thing.  Returns false, and reports the field, if it is known.
 */
bool verify_once(struct verify *v, const struct thing *thing,
		 const char *field);
/* Finds the connection.  Returns NULL, and reports it, if there is none. */
struct vconn *verify_conn(struct verify *v, uint32_t conn_id);
/* Whether there was that transaction; reports it if not. */
bool verify_tx(struct verify *v, uint32_t conn_id, uint32_t tx_id);

/* Kinds of things, besides record types. */
#define THING_RING    0xf001u /* a domain's ring */
#define THING_MISSING 0xf002u /* a parent that is not in the image */
#define THING_SPECIAL 0xf003u

/* Check v->rec. */
void verify_conns(struct verify *v);
void verify_nodes(struct verify *v);
void verify_stock(struct verify *v);
/* Checks what is known only at the end of the image. */
void verify_stock_end(struct verify *v);

#endif
