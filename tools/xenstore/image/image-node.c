/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image-node: NODE_DATA of the native format, without a walk over the table;
 * see image.h and image-internal.h.
 *
 * Clients wait while a live update writes and reads its nodes, up to a million
 * of them.  This file repeats the layout of node_fields in record.c as
 * constants.  Nodes that are not plain or not valid are left to the table.
 */
#include "image/image-internal.h"

#include <string.h>

#include "base/bytes.h"
#include "image/rows.h"

/* The fixed part. */
enum {
	AT_CONN_ID = 0,
	AT_TX_ID = 4,
	AT_PATH_LEN = 8,
	AT_VALUE_LEN = 10,
	AT_ACCESS = 12,
	AT_PERM_COUNT = 14,
	FIXED = 16
};
#define PERM_SIZE 4u

void image_write_node(struct image_writer *w, const struct rec_node *node)
{
	uint64_t perms_len = (uint64_t)node->perm_count * PERM_SIZE;
	uint64_t len = FIXED + perms_len + node->path_len + node->value_len;
	const struct rec_perm *perm = node->perms, *end;
	bool big = w->buf.big_endian;
	uint8_t *p = image_write_head(w, REC_NODE_DATA, len);

	if (!p)
		return;
	bytes_put_u32(p + AT_CONN_ID, node->conn_id, big);
	bytes_put_u32(p + AT_TX_ID, node->tx_id, big);
	bytes_put_u16(p + AT_PATH_LEN, node->path_len, big);
	bytes_put_u16(p + AT_VALUE_LEN, node->value_len, big);
	bytes_put_u16(p + AT_ACCESS, node->access, big);
	bytes_put_u16(p + AT_PERM_COUNT, node->perm_count, big);
	p += FIXED;
	for (end = perm + node->perm_count; perm < end; perm++) {
		p[0] = perm->perm;
		p[1] = 0;
		bytes_put_u16(p + 2, perm->domid, big);
		p += PERM_SIZE;
	}
	if (node->path_len)
		memcpy(p, node->path, node->path_len);
	if (node->value_len)
		memcpy(p + node->path_len, node->value, node->value_len);
}

/* The permissions, if the scratch memory is large enough already. */
static bool read_perms(struct image_reader *r, const uint8_t *from, size_t n)
{
	struct rec_perm *perm = r->perms.p;
	bool big = r->buf.big_endian;

	if (n > r->perms.size / sizeof(*perm))
		return false;
	for (; n; n--, perm++, from += PERM_SIZE) {
		uint8_t c = from[0];

		if (c != 'n' && c != 'r' && c != 'b' && c != 'w')
			return false;
		perm->perm = c;
		perm->flags = 0;
		perm->domid = bytes_get_u16(from + 2, big);
	}
	return true;
}

/* The fields of a body of len bytes; false: not plain. */
static bool read_fields(struct image_reader *r, const uint8_t *body,
			uint32_t len, struct rec_node *node)
{
	bool big = r->buf.big_endian;
	const uint8_t *path;

	node->conn_id = bytes_get_u32(body + AT_CONN_ID, big);
	node->tx_id = bytes_get_u32(body + AT_TX_ID, big);
	node->path_len = bytes_get_u16(body + AT_PATH_LEN, big);
	node->value_len = bytes_get_u16(body + AT_VALUE_LEN, big);
	node->access = bytes_get_u16(body + AT_ACCESS, big);
	node->perm_count = bytes_get_u16(body + AT_PERM_COUNT, big);
	if (node->conn_id || !node->perm_count || node->path_len < 2 ||
	    node->path_len > PATH_SIZE_MAX ||
	    len != FIXED + node->perm_count * PERM_SIZE + node->path_len +
			    node->value_len)
		return false;
	path = body + FIXED + node->perm_count * PERM_SIZE;
	if (*path != '/' ||
	    memchr(path, 0, node->path_len) != path + node->path_len - 1)
		return false;
	node->perms = r->perms.p;
	node->path = (const char *)path;
	node->value = path + node->path_len;
	return read_perms(r, body + FIXED, node->perm_count);
}

bool image_read_node(struct image_reader *r, struct record *ret_rec)
{
	const uint8_t *head = r->buf.base + r->buf.pos;
	bool big = r->buf.big_endian;
	size_t left = rbuf_left(&r->buf);
	uint32_t len;

	if (left < IMAGE_HEAD_SIZE + FIXED ||
	    bytes_get_u32(head, big) != REC_NODE_DATA)
		return false;
	len = bytes_get_u32(head + 4, big);
	if (len < FIXED || round8(len) > left - IMAGE_HEAD_SIZE ||
	    !read_fields(r, head + IMAGE_HEAD_SIZE, len, &ret_rec->node))
		return false;
	ret_rec->type = REC_NODE_DATA;
	ret_rec->len = len;
	ret_rec->index = r->records++;
	ret_rec->offset = r->before + r->buf.pos;
	ret_rec->desc = r->node_desc;
	ret_rec->body = head + IMAGE_HEAD_SIZE;
	ret_rec->suspect = NULL;
	r->buf.pos += IMAGE_HEAD_SIZE + (size_t)round8(len);
	return true;
}
