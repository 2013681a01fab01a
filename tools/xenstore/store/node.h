/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * node: what a client can ask of one node, in a transaction or outside.
 *
 * Every verb takes a struct node_req and an absolute, valid path (not a
 * special one, unless it says so).  It checks permissions and quotas, answers
 * or, outside a transaction, fills and applies req->changes; inside, only the
 * transaction knows.  Errors (xenstore.txt): ENOENT not there, EACCES not
 * allowed (also for a node that is not there below one that may not be read
 * or written), ENOSPC quota, ENOMEM; others at the verb.
 */
#ifndef STORE_NODE_H
#define STORE_NODE_H

#include "base/buf.h"
#include "store/change.h"
#include "store/store.h"
#include "store/transaction.h"

struct node_req {
	struct store *store;
	struct client *client;
	struct tx *tx;		     /* NULL: outside a transaction */
	struct change_list *changes; /* empty; filled by verbs that change */
};

/* The value, good until the store changes. */
int __must_check node_read(struct node_req *req, const char *path, size_t len,
			   const uint8_t **ret_value, size_t *ret_len);
/* Writes the value; a missing node is created with its missing parents. */
int __must_check node_write(struct node_req *req, const char *path, size_t len,
			    const uint8_t *value, size_t value_len);
/* The same with an empty value; an existing node is left as it is. */
int __must_check node_mkdir(struct node_req *req, const char *path, size_t len);
/*
 * Removes the node and all below it; a missing one is no error if its parent
 * is there.  EINVAL for "/".
 */
int __must_check node_rm(struct node_req *req, const char *path, size_t len);
/* The permissions, also of special nodes; good until the store changes. */
int __must_check node_get_perms(struct node_req *req, const char *path,
				size_t len, const struct perms **ret_perms);
/*
 * Sets n >= 1 permissions, also of special nodes.  EPERM: an unprivileged
 * client may not name another owner.  How many it may is the caller's.
 */
int __must_check node_set_perms(struct node_req *req, const char *path,
				size_t len, const struct perm *p, uint32_t n);
/*
 * The children's names, each with its NUL, into out (a fixed or growing
 * buffer).  E2BIG when they are more than max bytes.
 */
int __must_check node_list(struct node_req *req, const char *path, size_t len,
			   size_t max, struct wbuf *out);
/*
 * Part of the same listing from byte offset, at most max bytes; it ends with a
 * whole name.  ret_gen changes whenever the listing does; ret_end is set when
 * nothing follows.
 */
int __must_check node_list_part(struct node_req *req, const char *path,
				size_t len, size_t offset, size_t max,
				struct wbuf *out, uint64_t *ret_gen,
				bool *ret_end);

#endif
