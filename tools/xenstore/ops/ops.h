/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ops: the table of requests and their handlers.
 *
 * ops_request() checks that the sender may make the request and that its
 * transaction exists, then calls the handler.  A handler either replies and
 * returns 0, or returns an errno, which becomes the ERROR reply.
 */
#ifndef OPS_OPS_H
#define OPS_OPS_H

#include "daemon.h"
#include "store/node.h"
#include "transport/conn.h"
#include "wire/wire.h"

/* Who may make the request, and how it treats a transaction id. */
#define OP_PRIV	   0x01u /* privileged connections only (else EACCES) */
#define OP_CHANGE  0x02u /* changes something (EROFS on a read-only socket) */
#define OP_TX	   0x04u /* works inside the transaction that it names */
#define OP_NO_TX   0x08u /* ignores the transaction id */
#define OP_COMPAT  0x10u /* not in the specification, but clients send it */
#define OP_SHALLOW 0x20u /* path-depth holds for existing nodes too */

struct op_req {
	struct daemon *d;
	struct conn *conn;
	const struct wire_header *hdr;
	const uint8_t *payload; /* hdr->len bytes */
	struct tx *tx;		/* NULL: outside a transaction */
	void *ctx;		/* talloc: for this request only */
};

struct op {
	int (*handle)(struct op_req *req);
	unsigned int flags;
	/* for docs/misc/xenstore.md, whose table is generated from these */
	const char *args;
	const char *reply;
	const char *errors; /* besides those common to all requests */
	const char *meaning;
};

/* By wire type; ENOSYS for entries without a handler. */
extern const struct op op_table[WIRE_TYPE_COUNT];

/* d->request: handles one whole message and replies, also to errors. */
void ops_request(struct daemon *d, struct conn *c,
		 const struct wire_header *hdr, const uint8_t *payload);

/* ---- for handlers ---- */

/*
 * Splits the payload into exactly n strings.  Returns 0, or EINVAL for another
 * number of strings or a last one without a NUL.
 */
int __must_check op_strings(const struct op_req *req, const char **strings,
			    int n);
/*
 * Splits the payload into at most max strings.  Returns how many there are, or
 * -1 where op_strings() returns EINVAL.
 */
int op_some_strings(const struct op_req *req, const char **strings, int max);
/* Parses a domid, a decimal number below Xen's reserved ones.  0 or EINVAL. */
int __must_check op_domid(const char *text, uint16_t *ret_domid);
/*
 * Writes the absolute form of a node's path into buf (PATH_SIZE bytes).
 * special: the path may be that of a special node.  Returns 0; EINVAL for an
 * invalid path, one longer than the client may use, or a special one where
 * none is allowed; ENOSPC for one deeper than the client may use.
 */
int __must_check op_path(const struct op_req *req, const char *path,
			 bool special, char *buf, size_t *ret_len);
/* Prepares a call of a node.h verb.  Returns 0 or ENOMEM. */
int __must_check op_node_req(const struct op_req *req, struct node_req *ret);
/* Fires the watches on what a verb changed. */
void op_fire(const struct op_req *req, const struct node_req *done);
/* Replies OK, unless rc is an error.  Returns rc. */
int op_reply_ok(const struct op_req *req, int rc);
/* Replies with a decimal number.  Returns 0. */
int op_reply_number(const struct op_req *req, uint32_t n);

int op_directory(struct op_req *req);
int op_directory_part(struct op_req *req);
int op_read(struct op_req *req);
int op_get_perms(struct op_req *req);
int op_set_perms(struct op_req *req);
int op_write(struct op_req *req);
int op_mkdir(struct op_req *req);
int op_rm(struct op_req *req);
int op_watch(struct op_req *req);
int op_unwatch(struct op_req *req);
int op_reset_watches(struct op_req *req);
int op_transaction_start(struct op_req *req);
int op_transaction_end(struct op_req *req);
int op_introduce(struct op_req *req);
int op_release(struct op_req *req);
int op_resume(struct op_req *req);
int op_set_target(struct op_req *req);
int op_get_domain_path(struct op_req *req);
int op_is_domain_introduced(struct op_req *req);
int op_get_feature(struct op_req *req);
int op_set_feature(struct op_req *req);
int op_get_quota(struct op_req *req);
int op_set_quota(struct op_req *req);
int op_control(struct op_req *req);

#endif
