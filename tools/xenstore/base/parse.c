/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parse: see parse.h. */
#include "base/parse.h"

#include <errno.h>

int parse_u64(const char *s, uint64_t max, uint64_t *ret_val)
{
	uint64_t v = 0;

	if (!*s)
		return EINVAL;
	for (; *s; s++) {
		unsigned int digit = (unsigned int)(*s - '0');

		if (*s < '0' || *s > '9')
			return EINVAL;
		if (v > (max - digit) / 10 || digit > max)
			return ERANGE;
		v = v * 10 + digit;
	}
	*ret_val = v;
	return 0;
}

int parse_u32(const char *s, uint32_t max, uint32_t *ret_val)
{
	uint64_t v;
	int rc = parse_u64(s, max, &v);

	if (!rc)
		*ret_val = (uint32_t)v;
	return rc;
}
