/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire: see wire.h.  Called by transport/, ops/, state/, stock/, update/ and
 * the control client.
 */
#include "wire/wire.h"

#include <errno.h>
#include <string.h>

_Static_assert(sizeof(struct wire_header) == WIRE_HEADER_SIZE, "header");

void wire_get_header(const uint8_t *bytes, struct wire_header *ret_hdr)
{
	memcpy(ret_hdr, bytes, sizeof(*ret_hdr));
}

void wire_put_header(uint8_t *bytes, const struct wire_header *hdr)
{
	memcpy(bytes, hdr, sizeof(*hdr));
}

static const char *const type_names[WIRE_TYPE_COUNT] = {
	[WIRE_CONTROL] = "CONTROL",
	[WIRE_DIRECTORY] = "DIRECTORY",
	[WIRE_READ] = "READ",
	[WIRE_GET_PERMS] = "GET_PERMS",
	[WIRE_WATCH] = "WATCH",
	[WIRE_UNWATCH] = "UNWATCH",
	[WIRE_TRANSACTION_START] = "TRANSACTION_START",
	[WIRE_TRANSACTION_END] = "TRANSACTION_END",
	[WIRE_INTRODUCE] = "INTRODUCE",
	[WIRE_RELEASE] = "RELEASE",
	[WIRE_GET_DOMAIN_PATH] = "GET_DOMAIN_PATH",
	[WIRE_WRITE] = "WRITE",
	[WIRE_MKDIR] = "MKDIR",
	[WIRE_RM] = "RM",
	[WIRE_SET_PERMS] = "SET_PERMS",
	[WIRE_WATCH_EVENT] = "WATCH_EVENT",
	[WIRE_ERROR] = "ERROR",
	[WIRE_IS_DOMAIN_INTRODUCED] = "IS_DOMAIN_INTRODUCED",
	[WIRE_RESUME] = "RESUME",
	[WIRE_SET_TARGET] = "SET_TARGET",
	[WIRE_RESET_WATCHES] = "RESET_WATCHES",
	[WIRE_DIRECTORY_PART] = "DIRECTORY_PART",
	[WIRE_GET_FEATURE] = "GET_FEATURE",
	[WIRE_SET_FEATURE] = "SET_FEATURE",
	[WIRE_GET_QUOTA] = "GET_QUOTA",
	[WIRE_SET_QUOTA] = "SET_QUOTA",
};

const char *wire_type_name(uint32_t type)
{
	return type < WIRE_TYPE_COUNT ? type_names[type] : NULL;
}

static const struct {
	int code;
	const char *name;
} errors[] = {
	{EINVAL, "EINVAL"}, {EACCES, "EACCES"},	  {EEXIST, "EEXIST"},
	{EISDIR, "EISDIR"}, {ENOENT, "ENOENT"},	  {ENOMEM, "ENOMEM"},
	{ENOSPC, "ENOSPC"}, {EIO, "EIO"},	  {ENOTEMPTY, "ENOTEMPTY"},
	{ENOSYS, "ENOSYS"}, {EROFS, "EROFS"},	  {EBUSY, "EBUSY"},
	{EAGAIN, "EAGAIN"}, {EISCONN, "EISCONN"}, {E2BIG, "E2BIG"},
	{EPERM, "EPERM"},
};

const char *wire_error_name(int code)
{
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].code == code)
			return errors[i].name;
	return "EINVAL";
}

int wire_error_code(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (!strcmp(errors[i].name, name))
			return errors[i].code;
	return EINVAL;
}

int wire_strings(const uint8_t *payload, size_t len, const char **strings,
		 int max)
{
	size_t pos = 0;
	int n = 0;

	if (len && payload[len - 1])
		return -1;
	while (pos < len) {
		const char *s = (const char *)payload + pos;

		if (n < max)
			strings[n] = s;
		n++;
		pos += strlen(s) + 1;
	}
	return n;
}
