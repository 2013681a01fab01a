/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ops: one table of requests, and the way through it.
 *
 * A handler gets a request whose sender may make it and whose transaction, if
 * it names one, exists; it either sends the answer and returns 0, or returns
 * the errno that becomes the ERROR reply.
 */
#ifndef OPS_OPS_H
#define OPS_OPS_H

#include "daemon.h"
#include "store/node.h"
#include "transport/conn.h"
#include "wire/wire.h"

/* Who may, and in which transaction. */
#define OP_PRIV	   0x01u /* privileged connections only (else EACCES) */
#define OP_CHANGE  0x02u /* changes something: not on a read-only socket */
#define OP_TX	   0x04u /* works inside the transaction that it names */
#define OP_NO_TX   0x08u /* does not even look at the transaction id */
#define OP_COMPAT  0x10u /* not in the specification, but clients send it */
#define OP_SHALLOW 0x20u /* path-depth also holds for a node that is there */

struct op_req {
	struct daemon *d;
	struct conn *conn;
	const struct wire_header *hdr;
	const uint8_t *payload;
	struct tx *tx;
	void *ctx; /* talloc: for this request only */
};

struct op {
	int (*handle)(struct op_req *req);
	unsigned int flags;
	/* for documentation: docs/misc/xenstore.md is made from it */
	const char *args;
	const char *reply;
	const char *errors; /* besides those that all requests have */
	const char *meaning;
};

/* By wire type; entries without a handler are not served. */
extern const struct op op_table[WIRE_TYPE_COUNT];

/* d->request */
void ops_request(struct daemon *d, struct conn *c,
		 const struct wire_header *hdr, const uint8_t *payload);

/* ---- for handlers ---- */

/*
 * Exactly n strings.  Returns 0, or EINVAL for another number or for bytes
 * that do not end in a NUL.
 */
int __must_check op_strings(const struct op_req *req, const char **strings,
			    int n);
/* At most max strings; returns how many, or -1 as op_strings' EINVAL. */
int op_some_strings(const struct op_req *req, const char **strings, int max);
/* A domid in text: a decimal number below the reserved ones, or EINVAL. */
int __must_check op_domid(const char *text, uint16_t *ret_domid);
/*
 * The absolute form of a node's path into buf (PATH_SIZE).  EINVAL for one
 * that is not valid, too long for the client, or, unless special is allowed,
 * not in the tree; ENOSPC for one that is too deep for it.
 */
int __must_check op_path(const struct op_req *req, const char *path,
			 bool special, char *buf, size_t *ret_len);
/* Prepares a call of a node.h verb; ENOMEM. */
int __must_check op_node_req(const struct op_req *req, struct node_req *ret);
/* Tells the watchers of what a verb changed. */
void op_fire(const struct op_req *req, const struct node_req *done);

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
