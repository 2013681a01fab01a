/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * node: the operations on one node, inside or outside a transaction.
 *
 * Every verb takes a struct node_req and an absolute, valid path, which must
 * not be special unless the verb says so.  It checks permissions and quotas.
 * One that reads returns the answer.  One that writes fills and applies
 * req->changes or, inside a transaction, changes only the overlay.
 *
 * Returns 0 or an errno (xenstore.txt): ENOENT, no such node; EACCES, no
 * permission (also for a missing node below one that the client may not read
 * or write); ENOSPC, over quota; ENOMEM; others as the verb says.
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
	struct change_list *changes; /* empty; for verbs that write */
};

/* Returns the value, which is valid until the store changes. */
int __must_check node_read(struct node_req *req, const char *path, size_t len,
			   const uint8_t **ret_value, size_t *ret_len);
/* Writes the value; creates a missing node and its missing parents. */
int __must_check node_write(struct node_req *req, const char *path, size_t len,
			    const uint8_t *value, size_t value_len);
/* The same with an empty value, but leaves an existing node unchanged. */
int __must_check node_mkdir(struct node_req *req, const char *path, size_t len);
/*
 * Removes the node and everything below it.  A missing node is no error if its
 * parent exists.  EINVAL for "/".
 */
int __must_check node_rm(struct node_req *req, const char *path, size_t len);
/* Returns permissions, valid until the store changes; special nodes, too. */
int __must_check node_get_perms(struct node_req *req, const char *path,
				size_t len, const struct perms **ret_perms);
/*
 * Sets n >= 1 permissions, also of special nodes.  EPERM: an unprivileged
 * client may not change the owner.  The caller checks the quota for n.
 */
int __must_check node_set_perms(struct node_req *req, const char *path,
				size_t len, const struct perm *p, uint32_t n);
/*
 * Writes the names of the children, each with its NUL, into out (a fixed or
 * growing buffer).  E2BIG when they take more than max bytes.
 */
int __must_check node_list(struct node_req *req, const char *path, size_t len,
			   size_t max, struct wbuf *out);
/*
 * Writes at most max bytes of the same listing, from byte offset to the end of
 * a name.  *ret_gen changes whenever the listing changes; *ret_end is set when
 * nothing follows.
 */
int __must_check node_list_part(struct node_req *req, const char *path,
				size_t len, size_t offset, size_t max,
				struct wbuf *out, uint64_t *ret_gen,
				bool *ret_end);

#endif
