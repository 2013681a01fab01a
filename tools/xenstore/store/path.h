/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * path: the syntax of paths.
 *
 * Rules of the protocol (xenstore.txt, "Valid paths"): characters from
 * [A-Za-z0-9-/_@], no empty component, no slash at the end except in "/".  An
 * absolute path has at most 3072 bytes, a relative one 2048; a relative path
 * starts from /local/domain/<domid>.
 *
 * A length never includes the NUL.  The functions after path_home() take
 * valid absolute paths.
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

/* True for a valid absolute path of len bytes. */
bool path_valid(const char *path, size_t len);
/* True for a valid component, which has no slash. */
bool path_name_valid(const char *name, size_t len);
/* True for "@...", the path of a special node. */
static inline bool path_special(const char *path)
{
	return path[0] == '@';
}

/*
 * Makes a path from a client of domid absolute: path itself if it starts with
 * '/' or '@', else /local/domain/<domid>/path.  buf has PATH_SIZE bytes.
 * Returns 0 and the length, or EINVAL if the path is invalid or too long.  Of a
 * special path only the length is checked.
 */
int __must_check path_absolute(const char *path, uint32_t domid, char *buf,
			       size_t *ret_len);
/* Writes "/local/domain/<domid>" and returns its length. */
size_t path_home(uint32_t domid, char *buf);
/*
 * The bytes of a path that count for the path-max quota: those after
 * /local/domain/<n>/, or all of them.
 */
size_t path_quota_len(const char *path, size_t len);
/* The names in that part, which count for the path-depth quota. */
unsigned int path_quota_depth(const char *path, size_t len);

/*
 * One step down a path: returns the length of the prefix that has one name more
 * than the prefix of `at` bytes (1 for "/"); `at` is less than len.
 */
size_t path_next(const char *path, size_t len, size_t at);
/* The length of the parent's path ("/a" -> 1 for "/"); 0 for "/" itself. */
size_t path_parent_len(const char *path, size_t len);
/* The size of the last name, with its NUL; 1 for "/". */
size_t path_name_size(const char *path, size_t len);
/* The number of components: 0 for "/". */
unsigned int path_depth(const char *path, size_t len);
/* True when path is below, or is, the path base. */
bool path_within(const char *path, size_t len, const char *base,
		 size_t base_len);

#endif
