/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gen-req: a random request under construction; shared by gen-req.c (which
 * request), gen-words.c (its paths and values) and gen-admin.c (CONTROL,
 * domains, quotas, features).
 */
#ifndef GEN_REQ_H
#define GEN_REQ_H

#include "model.h"
#include "wire/wire.h"

struct req {
	struct gen *g;
	struct conn *c; /* NULL: not served now */
	struct wire_header hdr;
	uint8_t body[2 * WIRE_PAYLOAD_MAX];
	size_t len;
};

static inline uint32_t pick(struct req *r, uint32_t n)
{
	return below(&r->g->x, n);
}

/* gen-words.c: each appends to the body; strings with their NUL */
void put(struct req *r, const void *p, size_t n);
void put_string(struct req *r, const char *s);
void put_number(struct req *r, uint32_t n);
void put_fill(struct req *r, char c, size_t n);
void put_home(struct req *r, uint32_t domid);
void put_path(struct req *r);
void put_value(struct req *r);
void put_perms_path(struct req *r);
void put_perms(struct req *r);
void put_watch(struct req *r);
void put_unwatch(struct req *r);
/* Usually one that may exist. */
uint32_t a_domid(struct req *r);

/* gen-admin.c */
void put_control(struct req *r);
/* One of the steps 0 to 3 of moving a domain to another host. */
void put_move(struct req *r, unsigned int step, unsigned int domid);
void put_introduce(struct req *r, uint32_t domid);
/* The arguments of a request about domains, features or quotas. */
void put_admin_args(struct req *r);

#endif
