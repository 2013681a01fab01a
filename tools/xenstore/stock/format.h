/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * format: the image formats of the stock daemons, "xen1" (Xen 4.15 to 4.20)
 * and "xen2" (4.21 and later), as struct image_format.
 *
 * Both have the same records; xen2 has another version in the preamble.  END,
 * WATCH_DATA, TRANSACTION_DATA and NODE_DATA are as in the native format, and
 * are decoded into the structs of image/record.h.  The others are decoded into
 * union stock_record.
 *
 * Used by the other files of this room, by xs-image and by the tests.
 */
#ifndef STOCK_FORMAT_H
#define STOCK_FORMAT_H

#include "image/format.h"

#define IMAGE_VERSION_XEN2 2u

extern const struct image_format stock_xen1, stock_xen2;

#define REC_GLOBAL_QUOTA_DATA	0x00000006u
#define REC_DOMAIN_DATA		0x00000007u
#define REC_WATCH_DATA_EXTENDED 0x00000008u

/* CONNECTION_DATA fields */
#define REC_CONN_UNIQUE_ID 0x0001u
/* WATCH_DATA_EXTENDED depth: unlimited */
#define REC_NO_DEPTH 0xffffu
/* flags of a permission: its domain is gone, the entry is ignored */
#define REC_PERM_STALE 0x01u

struct stock_global {
	int32_t rw_fd;	   /* the listening socket; -1: none */
	int32_t evtchn_fd; /* the event channel device; -1: none */
};

struct stock_conn {
	struct rec_conn conn; /* without flags; evtchn: the daemon's port */
	uint16_t fields;      /* REC_CONN_UNIQUE_ID */
	uint16_t in_len;      /* bytes read and not yet processed */
	uint16_t resp_len;    /* bytes of conn.data that complete a reply */
	const uint8_t *in;
	uint64_t unique_id; /* of the domain */
};

struct stock_watch {
	struct rec_watch watch;
	uint16_t depth; /* REC_NO_DEPTH: unlimited */
};

/* Quotas: first n_dom per domain, then n_glob of the whole daemon. */
struct stock_global_quota {
	uint16_t n_dom;
	uint16_t n_glob;
	const uint32_t *values; /* n_dom + n_glob */
	const char *names;	/* as many, each with its NUL */
};

/* A domain's own quotas and features; follows its connection. */
struct stock_domain {
	uint16_t domid;
	uint16_t n_quota;
	uint32_t features;
	const uint32_t *values; /* n_quota */
	const char *names;	/* as many, each with its NUL */
};

/* GLOBAL_DATA, CONNECTION_DATA and records 6 to 8, in rec->other. */
union stock_record {
	struct stock_global global;
	struct stock_conn conn;
	struct stock_watch watch;
	struct stock_global_quota global_quota;
	struct stock_domain domain;
};

_Static_assert(sizeof(union stock_record) <=
		       sizeof(((struct record *)0)->other),
	       "a stock record has no room in struct record");

static inline const union stock_record *stock_of(const struct record *rec)
{
	return (const union stock_record *)rec->other;
}

/* To fill one in. */
static inline union stock_record *stock_in(struct record *rec)
{
	return (union stock_record *)rec->other;
}

/* format-rows.c: all rows that only these formats have, by ascending type. */
const struct record_desc *stock_table(size_t *ret_count);
/* format-watch.c: image_format's read_odd. */
int stock_read_odd(struct walk *w, uint64_t *ret_end);
/* format-fields.c: the kinds of fields that only these formats have. */
extern const struct field_ops stock_all_values, stock_all_names,
	stock_domain_values, stock_domain_names, stock_unique_id;

#endif
