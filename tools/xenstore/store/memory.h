/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memory: what a domain's memory quota is charged.
 *
 * The charge follows a formula, not the allocator, so that the same requests
 * always meet the same limit.  Each string counts with its NUL:
 *
 *	node			64 + name + value, charged to its owner
 *	watch			384 + twice its path as given + token
 *				+ 128 for each name in the path
 *	transaction		512
 *	node touched in one	272 + name + value, + names if listed
 *	node on the way to one	272 + name
 *	unsent message		192 + its bytes, charged to its reader
 *
 * Watches and messages never take more memory than they are charged.
 *
 * Knows accounts only.  Called by whatever charges or checks: the store,
 * transport/ (messages), ops/, and a restore.
 */
#ifndef STORE_MEMORY_H
#define STORE_MEMORY_H

#include <string.h>

#include "store/quota.h"

/* A transaction, without the nodes that it touches. */
#define MEMORY_TX 512u

/* A committed node; name_size includes the NUL (1 for "/"). */
static inline size_t memory_node(size_t name_size, size_t value_len)
{
	return 64 + name_size + value_len;
}

/* A watch; wpath is the path as the client gave it. */
static inline size_t memory_watch(const char *wpath, const char *token)
{
	size_t wlen = strlen(wpath), names = 1, i;

	for (i = 1; i < wlen; i++)
		names += wpath[i] == '/';
	return 384 + 128 * names + 2 * (wlen + 1) + strlen(token) + 1;
}

/*
 * A node in a transaction; name_size includes the NUL.  content: the bytes of
 * the value and of the listing that the transaction keeps.
 */
static inline size_t memory_tx_node(size_t name_size, size_t content)
{
	return 272 + name_size + content;
}

/* n messages, len bytes in all. */
static inline uint64_t memory_messages(uint64_t n, uint64_t len)
{
	return 192 * n + len;
}

/*
 * The owner's account gets a committed node, or loses one.  NULL, which is an
 * owner without an account: not counted.
 */
static inline void account_add_node(struct account *a, size_t name_size,
				    size_t value_len)
{
	if (!a)
		return;
	a->nodes++;
	a->node_memory += memory_node(name_size, value_len);
}

static inline void account_remove_node(struct account *a, size_t name_size,
				       size_t value_len)
{
	if (!a || !a->nodes)
		return;
	a->nodes--;
	a->node_memory -= memory_node(name_size, value_len);
}

#endif
