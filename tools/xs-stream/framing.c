// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * framing: see framing.h.  The layouts are those of the Xen project's
 * documents libxl-migration-stream and libxc-migration-stream, and the 48
 * bytes that xl puts before them.
 */
#include "framing.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"

#define XL_IDENT      "Xen saved domain, xl format\n \0 \r"
#define XL_IDENT_SIZE 32
#define XL_SIZE	      48
#define XL_BYTEORDER  0x01020304u
#define XL_STREAM_V2  0x2u

#define LIBXL_IDENT   "LibxlFmt"
#define LIBXL_SIZE    16
#define LIBXL_VERSION 2

#define LIBXC_SIZE  40 /* 24 and 16 */
#define LIBXC_IDENT 0x58454e46u
#define LIBXC_MIN   2 /* versions */
#define LIBXC_MAX   3

#define RECORD_SIZE 8
#define PAGES_MAX   (256u << 20) /* more than libxc takes in one record */

enum {
	LIBXL_END = 0,
	LIBXL_LIBXC_CONTEXT = 1,
	LIBXL_CHECKPOINT_END = 4,
	LIBXL_CHECKPOINT_STATE = 5,
};

enum {
	LIBXC_END = 0,
	LIBXC_CHECKPOINT = 0xe,
	LIBXC_DIRTY_LIST = 0xf,
};

static void expect(struct framing *f, enum framing_state state, size_t need)
{
	f->state = state;
	f->have = 0;
	f->need = need;
}

void framing_init(struct framing *f)
{
	memset(f, 0, sizeof(*f));
	expect(f, FRAMING_IDENT, 8);
}

static int bad(const struct framing *f, struct err *err, const char *what)
{
	return err_set(err, EINVAL, "%s at byte %" PRIu64, what, f->begin);
}

static int checkpoints(const struct framing *f, struct err *err)
{
	return bad(f, err,
		   "a stream with checkpoints (Remus, COLO), which cannot have "
		   "an image,");
}

/* Chooses the header by the first 8 bytes. */
static int take_ident(struct framing *f, struct err *err)
{
	if (!memcmp(f->head, XL_IDENT, 8)) {
		f->state = FRAMING_XL;
		f->need = XL_SIZE;
	} else if (!memcmp(f->head, LIBXL_IDENT, 8)) {
		f->state = FRAMING_LIBXL;
		f->need = LIBXL_SIZE;
	} else {
		return bad(f, err,
			   "neither a file of xl save nor a stream of libxl");
	}
	return 0;
}

static int take_xl(struct framing *f, struct err *err)
{
	bool big = bytes_get_u32(f->head + 32, true) == XL_BYTEORDER;

	if (memcmp(f->head, XL_IDENT, XL_IDENT_SIZE))
		return bad(f, err, "not the header of a file of xl save");
	if (!big && bytes_get_u32(f->head + 32, false) != XL_BYTEORDER)
		return bad(f, err, "unknown byte order in xl's header");
	if (!(bytes_get_u32(f->head + 36, big) & XL_STREAM_V2))
		return bad(f, err,
			   "a file of xl from before Xen 4.6 (restore it and "
			   "save it again)");
	f->skip = bytes_get_u32(f->head + 44, big);
	expect(f, FRAMING_LIBXL, LIBXL_SIZE);
	return 0;
}

static int take_libxl(struct framing *f, struct err *err)
{
	if (memcmp(f->head, LIBXL_IDENT, 8))
		return bad(f, err, "not a stream of libxl");
	if (bytes_get_u32(f->head + 8, true) != LIBXL_VERSION)
		return bad(f, err, "a stream of libxl of an unknown version");
	f->big = bytes_get_u32(f->head + 12, true) & 1;
	expect(f, FRAMING_RECORD, RECORD_SIZE);
	return 0;
}

static int take_libxc(struct framing *f, struct err *err)
{
	static const uint8_t marker[8] = {255, 255, 255, 255,
					  255, 255, 255, 255};
	uint32_t version = bytes_get_u32(f->head + 12, true);

	if (memcmp(f->head, marker, 8) ||
	    bytes_get_u32(f->head + 8, true) != LIBXC_IDENT)
		return bad(f, err, "no stream of libxc where one must begin");
	if (version < LIBXC_MIN || version > LIBXC_MAX)
		return bad(f, err, "a stream of libxc of an unknown version");
	f->cbig = bytes_get_u16(f->head + 16, true) & 1;
	expect(f, FRAMING_CRECORD, RECORD_SIZE);
	return 0;
}

/* Skips a record's body and padding; then expects next. */
static void pass(struct framing *f, uint32_t len, enum framing_state next,
		 size_t need)
{
	f->skip = ((uint64_t)len + 7) & ~7ull;
	expect(f, next, need);
}

static int take_record(struct framing *f, struct err *err)
{
	uint32_t type = bytes_get_u32(f->head, f->big);
	uint32_t len = bytes_get_u32(f->head + 4, f->big);

	f->record++;
	if (type == LIBXL_CHECKPOINT_END || type == LIBXL_CHECKPOINT_STATE)
		return checkpoints(f, err);
	if (type == LIBXL_END || type == LIBXL_LIBXC_CONTEXT) {
		if (len)
			return bad(f, err, "a marker of libxl with a body");
	}
	if (type == LIBXL_END)
		pass(f, 0, FRAMING_END, 0);
	else if (type == LIBXL_LIBXC_CONTEXT)
		pass(f, 0, FRAMING_LIBXC, LIBXC_SIZE);
	else
		pass(f, len, FRAMING_RECORD, RECORD_SIZE);
	return 0;
}

static int take_crecord(struct framing *f, struct err *err)
{
	uint32_t type = bytes_get_u32(f->head, f->cbig);
	uint32_t len = bytes_get_u32(f->head + 4, f->cbig);

	if (type == LIBXC_CHECKPOINT || type == LIBXC_DIRTY_LIST)
		return checkpoints(f, err);
	if (len > PAGES_MAX || (type == LIBXC_END && len))
		return bad(f, err, "a record of libxc of an impossible length");
	if (type == LIBXC_END)
		pass(f, 0, FRAMING_RECORD, RECORD_SIZE);
	else
		pass(f, len, FRAMING_CRECORD, RECORD_SIZE);
	return 0;
}

static int take_head(struct framing *f, struct err *err)
{
	switch (f->state) {
	case FRAMING_IDENT:
		return take_ident(f, err);
	case FRAMING_XL:
		return take_xl(f, err);
	case FRAMING_LIBXL:
		return take_libxl(f, err);
	case FRAMING_RECORD:
		return take_record(f, err);
	case FRAMING_LIBXC:
		return take_libxc(f, err);
	case FRAMING_CRECORD:
		return take_crecord(f, err);
	case FRAMING_END:
		break;
	}
	return 0;
}

bool framing_done(const struct framing *f)
{
	return f->state == FRAMING_END;
}

int framing_take(struct framing *f, const void *p, size_t len, size_t *ret_used,
		 struct err *err)
{
	const uint8_t *from = p;
	size_t left = len, n;
	int rc;

	*ret_used = 0;
	while (left && !framing_done(f)) {
		if (f->skip) {
			n = left < f->skip ? left : (size_t)f->skip;
			f->skip -= n;
		} else {
			if (!f->have)
				f->begin = f->at;
			n = f->need - f->have;
			n = left < n ? left : n;
			memcpy(f->head + f->have, from, n);
			f->have += n;
		}
		f->at += n;
		from += n;
		left -= n;
		if (f->have == f->need) {
			rc = take_head(f, err);
			if (rc)
				return rc;
		}
	}
	*ret_used = len - left;
	return 0;
}

int framing_finish(const struct framing *f, struct err *err)
{
	if (framing_done(f))
		return 0;
	return err_set(err, EINVAL,
		       "the stream is cut off at byte %" PRIu64
		       ", after %" PRIu64 " records of libxl and before END",
		       f->at, f->record);
}
