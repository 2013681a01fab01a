/* SPDX-License-Identifier: GPL-2.0-or-later */
/* path: see path.h.  Knows no node. */
#include "store/path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool path_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '/' || c == '_' ||
	       c == '@';
}

bool path_name_valid(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (name[i] == '/' || !path_char(name[i]))
			return false;
	return len > 0;
}

bool path_valid(const char *path, size_t len)
{
	size_t i;

	if (!len || path[0] != '/' || len > PATH_ABS_MAX)
		return false;
	if (len == 1)
		return true;
	if (path[len - 1] == '/')
		return false;
	for (i = 0; i < len; i++) {
		if (!path_char(path[i]))
			return false;
		if (path[i] == '/' && path[i + 1] == '/')
			return false;
	}
	return true;
}

size_t path_home(uint32_t domid, char *buf)
{
	return (size_t)snprintf(buf, 32, "/local/domain/%u", domid);
}

int path_absolute(const char *path, uint32_t domid, char *buf, size_t *ret_len)
{
	size_t len = strlen(path), home = 0;

	if (path[0] != '/' && path[0] != '@') {
		if (len > PATH_REL_MAX)
			return EINVAL;
		home = path_home(domid, buf);
		buf[home++] = '/';
	}
	if (home + len > PATH_ABS_MAX)
		return EINVAL;
	memcpy(buf + home, path, len + 1);
	if (path[0] != '@' && !path_valid(buf, home + len))
		return EINVAL;
	*ret_len = home + len;
	return 0;
}

size_t path_quota_len(const char *path, size_t len)
{
	static const char home[] = "/local/domain/";
	size_t i = sizeof(home) - 1;
	size_t digits = 0;

	if (len < i || memcmp(path, home, i))
		return len;
	for (; i < len && path[i] >= '0' && path[i] <= '9' && digits < 5; i++)
		digits++;
	if (!digits || i >= len || path[i] != '/')
		return len;
	return len - i - 1;
}

unsigned int path_quota_depth(const char *path, size_t len)
{
	size_t n = path_quota_len(path, len);

	/* what follows a home does not begin with a slash */
	return path_depth(path + len - n, n) + (n < len);
}

size_t path_next(const char *path, size_t len, size_t at)
{
	const char *end;

	at = at == 1 ? 1 : at + 1;
	end = memchr(path + at, '/', len - at);
	return end ? (size_t)(end - path) : len;
}

size_t path_parent_len(const char *path, size_t len)
{
	if (len <= 1)
		return 0;
	while (len > 0 && path[len - 1] != '/')
		len--;
	return len > 1 ? len - 1 : 1;
}

size_t path_name_size(const char *path, size_t len)
{
	size_t up = path_parent_len(path, len);

	return len - (up == 1 ? 0 : up);
}

unsigned int path_depth(const char *path, size_t len)
{
	unsigned int n = 0;
	size_t i;

	if (len == 1)
		return 0;
	for (i = 0; i < len; i++)
		n += path[i] == '/';
	return n;
}

bool path_within(const char *path, size_t len, const char *base,
		 size_t base_len)
{
	if (base_len == 1)
		return path[0] == '/';
	if (len < base_len || memcmp(path, base, base_len))
		return false;
	return len == base_len || path[base_len] == '/';
}
