/* SPDX-License-Identifier: GPL-2.0-or-later */
/* convert-internal: shared by the files of the conversion; see convert.h. */
#ifndef STOCK_CONVERT_INTERNAL_H
#define STOCK_CONVERT_INTERNAL_H

#include "base/hash.h"
#include "image/image.h"
#include "stock/convert.h"

struct known_watch {
	struct known_watch *next;
	struct rec_watch rec;
};

/* A connection, with what other records say about it. */
struct known_conn {
	struct hlink link;
	struct known_conn *next; /* in the order of the image */
	struct rec_conn rec;	 /* its pointers are into the image */
	struct known_watch *watches, **last;
	uint32_t nwatches;
	uint32_t partial;
	const uint8_t *in;
	uint32_t in_len;
	uint32_t local_port;
	uint32_t features;
	bool have_features;
	uint64_t unique_id; /* of its domain; 0: not known */
};

struct convert {
	const struct image_convert *c;
	const void *data;
	size_t len;
	struct image_losses *losses;
	struct err *err;
	struct htab *by_id;
	struct known_conn *conns, **last;
	struct stock_global global; /* for the result */
	struct rec_header header;   /* counts of what was read */
	struct rec_quota *quotas;
	size_t nquotas, quotas_size, nplaced;
	uint16_t specials;   /* bits: special nodes found */
	uint8_t known[8192]; /* bits: domids that have a record */
};

typedef int (*convert_each)(struct convert *v, const struct record *rec);

/* Calls each for every record but END; returns its error or the reader's. */
int __must_check convert_read(struct convert *v, convert_each each);
/* Adds a connection.  Returns 0, ENOMEM, EEXIST (its id is in use). */
int __must_check convert_conn(struct convert *v, const struct record *rec);
/* The connection that rec names; NULL, with err set, if none came before. */
struct known_conn *convert_find(struct convert *v, const struct record *rec,
				uint32_t conn_id);
int convert_put(struct convert *v, const struct record *rec);
int convert_no_memory(struct convert *v);

/* convert-quota.c: quotas are collected, then put before and after the nodes. */
int __must_check convert_learn_quota(struct convert *v,
				     const struct rec_quota *q);
int __must_check convert_put_quotas(struct convert *v);
int __must_check convert_put_domains(struct convert *v);

/* convert-xen.c and convert-spec.c */
int __must_check convert_to_xen(struct convert *v);
int __must_check convert_to_spec(struct convert *v);

#endif
