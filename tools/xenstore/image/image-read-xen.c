/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image-read-xen: what the stock daemons write otherwise than they mean to.
 *
 * WATCH_DATA_EXTENDED of Xen 4.21 and 4.22 has a len that counts 12 bytes of
 * fixed part, but only the first 8 of them are written: wpath begins at 8 and
 * the depth is not there at all.  The record may then be 8 bytes shorter than
 * its len says.  Such a record is known by its strings, and the next one is
 * looked for where it really begins.
 */
#include "image/image-internal.h"

#include "base/bytes.h"

#define SHORT_FIXED 8u
/* No record that a stock daemon writes behind a watch is larger. */
#define NEXT_LEN_MAX (1u << 20)

/* Whether two strings of these lengths stand at byte `at` of the body. */
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

bool image_watch_is_short(const struct walk *w, const struct record_desc *d)
{
	bool big = w->r->buf.big_endian;
	uint16_t wpath_len, token_len;

	if (w->rec->len < d->fixed)
		return false;
	wpath_len = bytes_get_u16(w->body + 4, big);
	token_len = bytes_get_u16(w->body + 6, big);
	return !strings_at(w, d->fixed, wpath_len, token_len) &&
	       strings_at(w, SHORT_FIXED, wpath_len, token_len);
}

/* Whether a record may begin at p, in the last 8 bytes that len counts. */
static bool may_begin(const struct walk *w, const uint8_t *p)
{
	bool big = w->r->buf.big_endian;
	uint32_t type = bytes_get_u32(p, big);
	uint32_t len = bytes_get_u32(p + 4, big);

	/* zeros: END if nothing is behind them, else they are padding */
	if (type == REC_END)
		return !len && !rbuf_left(&w->r->buf);
	return type <= REC_WATCH_DATA_EXTENDED && len < NEXT_LEN_MAX;
}

/*
 * Reads such a record.  The reader stands behind it as its len has it, which
 * the caller knows to be there; *ret_end is how many bytes it really has from
 * the start of its body.
 */
int image_read_short_watch(struct walk *w, uint64_t *ret_end)
{
	struct rec_watch *rec = &w->rec->watch;
	bool big = w->r->buf.big_endian;
	uint64_t claimed = round8(w->rec->len), end;

	rec->conn_id = bytes_get_u32(w->body, big);
	rec->wpath_len = bytes_get_u16(w->body + 4, big);
	rec->token_len = bytes_get_u16(w->body + 6, big);
	rec->depth = REC_NO_DEPTH;
	rec->wpath = (const char *)w->body + SHORT_FIXED;
	rec->token = rec->wpath + rec->wpath_len;
	w->rec->suspect = true;
	if (!rec->conn_id)
		return image_refuse(w, "conn-id", IMAGE_HEAD_SIZE,
				    "found 0, allowed 1 or more");
	end = round8(SHORT_FIXED + rec->wpath_len + rec->token_len);
	if (end + 8 != claimed || !may_begin(w, w->body + end))
		end = claimed;
	*ret_end = end;
	return 0;
}
