/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record-xen: what only the dialects of Xen releases have, "xen1" (4.15 to
 * 4.20) and "xen2" (4.21 and later).  Part of record.h, which includes it.
 */
#ifndef IMAGE_RECORD_XEN_H
#define IMAGE_RECORD_XEN_H

#include <stdint.h>

#define REC_GLOBAL_QUOTA_DATA	0x00000006u
#define REC_DOMAIN_DATA		0x00000007u
#define REC_WATCH_DATA_EXTENDED 0x00000008u

/* CONNECTION_DATA fields */
#define REC_CONN_UNIQUE_ID 0x0001u
/* WATCH_DATA_EXTENDED depth: all below */
#define REC_NO_DEPTH 0xffffu
/* flags of a permission: its domain has gone, it counts for nothing */
#define REC_PERM_STALE 0x01u

/* Quotas: those of domains first, then those of the whole daemon. */
struct rec_global_quota {
	uint16_t n_dom;
	uint16_t n_glob;
	const uint32_t *values; /* n_dom + n_glob */
	const char *names;	/* as many, each with its NUL */
};

/* A domain's own quotas and features; follows its connection. */
struct rec_domain_data {
	uint16_t domid;
	uint16_t n_quota;
	uint32_t features;
	const uint32_t *values; /* n_quota */
	const char *names;	/* as many, each with its NUL */
};

#endif
