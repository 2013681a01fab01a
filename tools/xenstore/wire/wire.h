/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire: the bytes of the xenstore protocol.
 *
 * A message is a header of four native-endian words and up to 4096 bytes of
 * payload (Xen's public/io/xs_wire.h and docs/misc/xenstore.txt).  Requests,
 * replies and watch events all have this form.  This room knows only bytes:
 * no store and no connection.
 */
#ifndef WIRE_WIRE_H
#define WIRE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define WIRE_HEADER_SIZE 16u
#define WIRE_PAYLOAD_MAX 4096u

/* The protocol defines these numbers. */
enum wire_type {
	WIRE_CONTROL = 0,
	WIRE_DIRECTORY = 1,
	WIRE_READ = 2,
	WIRE_GET_PERMS = 3,
	WIRE_WATCH = 4,
	WIRE_UNWATCH = 5,
	WIRE_TRANSACTION_START = 6,
	WIRE_TRANSACTION_END = 7,
	WIRE_INTRODUCE = 8,
	WIRE_RELEASE = 9,
	WIRE_GET_DOMAIN_PATH = 10,
	WIRE_WRITE = 11,
	WIRE_MKDIR = 12,
	WIRE_RM = 13,
	WIRE_SET_PERMS = 14,
	WIRE_WATCH_EVENT = 15,
	WIRE_ERROR = 16,
	WIRE_IS_DOMAIN_INTRODUCED = 17,
	WIRE_RESUME = 18,
	WIRE_SET_TARGET = 19,
	/* 20 was RESTRICT */
	WIRE_RESET_WATCHES = 21,
	WIRE_DIRECTORY_PART = 22,
	WIRE_GET_FEATURE = 23,
	WIRE_SET_FEATURE = 24,
	WIRE_GET_QUOTA = 25,
	WIRE_SET_QUOTA = 26,
	WIRE_TYPE_COUNT = 27,
};

struct wire_header {
	uint32_t type;
	uint32_t req_id;
	uint32_t tx_id;
	uint32_t len;
};

/* Each reads or writes WIRE_HEADER_SIZE bytes; a header is not checked. */
void wire_get_header(const uint8_t *bytes, struct wire_header *ret_hdr);
void wire_put_header(uint8_t *bytes, const struct wire_header *hdr);

/* The name of a message type, or NULL for an unknown one. */
const char *wire_type_name(uint32_t type);

/* The name of an errno in an ERROR reply; "EINVAL" if it has none there. */
const char *wire_error_name(int code);
/* The errno of a name, for clients; EINVAL for an unknown name. */
int wire_error_code(const char *name);

/*
 * Splits a payload of len bytes into NUL-terminated strings, which stay where
 * they are.  Returns how many there are, of which at most max are stored, or
 * -1 when the last one has no NUL.
 */
int wire_strings(const uint8_t *payload, size_t len, const char **strings,
		 int max);

#endif
