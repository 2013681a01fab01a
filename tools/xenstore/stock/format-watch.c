/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * format-watch: a record that stock daemons write wrong; see read_odd in
 * image/format.h.
 *
 * WATCH_DATA_EXTENDED of Xen 4.21 and 4.22 has a len that counts 12 bytes of
 * fixed part, but they write only the first 8: wpath begins at byte 8 and the
 * depth is missing.  The record may then be 8 bytes shorter than its len says.
 * It is recognised by its strings, and the next record is read where it really
 * begins.
 */
#include "stock/format.h"

#include <string.h>

#include "base/bytes.h"
#include "image/image.h"
#include "image/rows.h"

#define FULL_FIXED  12u /* of the row */
#define SHORT_FIXED 8u
/* No record that a stock daemon writes after a watch is larger. */
#define NEXT_LEN_MAX (1u << 20)

/* Whether two strings of these lengths are at byte `at` of the body. */
static bool strings_at(const struct walk *w, uint64_t at, uint16_t wpath_len,
		       uint16_t token_len)
{
	const uint8_t *p = w->body + at;

	if (!wpath_len || !token_len)
		return false;
	if (at + wpath_len + token_len > w->rec->len)
		return false;
	return memchr(p, 0, wpath_len) == p + wpath_len - 1 &&
	       memchr(p + wpath_len, 0, token_len) ==
		       p + wpath_len + token_len - 1;
}

static bool is_short(const struct walk *w)
{
	bool big = w->r->buf.big_endian;
	uint16_t wpath_len, token_len;

	if (w->rec->type != REC_WATCH_DATA_EXTENDED || w->rec->len < FULL_FIXED)
		return false;
	wpath_len = bytes_get_u16(w->body + 4, big);
	token_len = bytes_get_u16(w->body + 6, big);
	return !strings_at(w, FULL_FIXED, wpath_len, token_len) &&
	       strings_at(w, SHORT_FIXED, wpath_len, token_len);
}

/* Whether a record may begin at p, in the last 8 bytes that len counts. */
static bool may_begin(const struct walk *w, const uint8_t *p)
{
	bool big = w->r->buf.big_endian;
	uint32_t type = bytes_get_u32(p, big);
	uint32_t len = bytes_get_u32(p + 4, big);

	/* zeros: END if nothing follows, else padding */
	if (type == REC_END)
		return !len && !rbuf_left(&w->r->buf);
	return type <= REC_WATCH_DATA_EXTENDED && len < NEXT_LEN_MAX;
}

int stock_read_odd(struct walk *w, uint64_t *ret_end)
{
	struct stock_watch *rec = &stock_in(w->rec)->watch;
	uint64_t claimed = round8(w->rec->len), end;
	bool big = w->r->buf.big_endian;

	*ret_end = 0;
	if (!is_short(w))
		return 0;
	rec->watch.conn_id = bytes_get_u32(w->body, big);
	rec->watch.wpath_len = bytes_get_u16(w->body + 4, big);
	rec->watch.token_len = bytes_get_u16(w->body + 6, big);
	rec->watch.wpath = (const char *)w->body + SHORT_FIXED;
	rec->watch.token = rec->watch.wpath + rec->watch.wpath_len;
	rec->depth = REC_NO_DEPTH;
	w->rec->suspect = "depth lost by its writer";
	if (!rec->watch.conn_id)
		return image_refuse(w, "conn-id", IMAGE_HEAD_SIZE,
				    "found 0, allowed 1 or more");
	/* as the row allows */
	if (rec->watch.wpath_len < 2 || rec->watch.wpath_len > PATH_SIZE_MAX)
		return image_refuse(w, "wpath-len", IMAGE_HEAD_SIZE + 4,
				    "found %u, allowed 2 to %u",
				    rec->watch.wpath_len, PATH_SIZE_MAX);
	if (rec->watch.token_len > TOKEN_SIZE_MAX)
		return image_refuse(w, "token-len", IMAGE_HEAD_SIZE + 6,
				    "found %u, allowed 1 to %u",
				    rec->watch.token_len, TOKEN_SIZE_MAX);
	end = round8(SHORT_FIXED + rec->watch.wpath_len + rec->watch.token_len);
	/* the reader has skipped len bytes and their padding */
	if (end + 8 != claimed || !may_begin(w, w->body + end))
		end = claimed;
	*ret_end = end;
	return 0;
}
