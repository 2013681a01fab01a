/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * path: the names of nodes.
 *
 * Rules of the protocol (xenstore.txt, "Valid paths"): components of
 * [A-Za-z0-9-/_@], no empty component, no slash at the end but for "/"; an
 * absolute path is at most 3072 bytes, a relative one 2048, and a relative
 * one starts from /local/domain/<domid>.
 */
#ifndef STORE_PATH_H
#define STORE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define PATH_ABS_MAX 3072u
#define PATH_REL_MAX 2048u
/* room for the longest absolute path and its NUL */
#define PATH_SIZE (PATH_ABS_MAX + 1)

/* True for a syntactically valid absolute path of len bytes. */
bool path_valid(const char *path, size_t len);
/* The same for one component, without a slash. */
bool path_name_valid(const char *name, size_t len);
/* True for "@..." */
static inline bool path_special(const char *path)
{
	return path[0] == '@';
}

/*
 * The absolute form of what a client of domid gave: path itself when it
 * starts with '/' or '@', else /local/domain/<domid>/path.  buf has PATH_SIZE
 * bytes.  Returns 0 and the length, or EINVAL when it is not a valid path or
 * too long.  Special paths are not checked beyond their length.
 */
int __must_check path_absolute(const char *path, uint32_t domid, char *buf,
			       size_t *ret_len);
/* Writes "/local/domain/<domid>" and returns its length. */
size_t path_home(uint32_t domid, char *buf);
/*
 * How much of an absolute path counts against a path length quota: what
 * follows /local/domain/<n>/, or all of it.
 */
size_t path_quota_len(const char *path, size_t len);
/* The number of names in that part: what counts against a depth quota. */
unsigned int path_quota_depth(const char *path, size_t len);

/*
 * The length of the beginning of path that has one name more than that of
 * `at` bytes (1 for "/"), which is less than len.
 */
size_t path_next(const char *path, size_t len, size_t at);
/* The length of the parent's path ("/a" -> 1 for "/"); 0 for "/" itself. */
size_t path_parent_len(const char *path, size_t len);
/* The name at the end of a path, with a NUL; 1 for "/". */
size_t path_name_size(const char *path, size_t len);
/* The number of components: 0 for "/". */
unsigned int path_depth(const char *path, size_t len);
/* True when path is below, or is, the path base. */
bool path_within(const char *path, size_t len, const char *base,
		 size_t base_len);

#endif
