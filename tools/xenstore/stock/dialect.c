/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dialect: see dialect.h.  Reads the framing and the few fields that decide;
 * the rest of a record may be invalid.  Called before an image is read.
 */
#include "stock/dialect.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "image/image.h"

struct seen {
	bool ours;	/* one of our extension records */
	bool xen;	/* something that only stock daemons write */
	bool spec_conn; /* a connection that fits only spec */
	bool xen_conn;
};

static bool conn_fits_spec(struct rbuf b, uint32_t len)
{
	uint64_t n;

	rbuf_skip(&b, 16);
	n = rbuf_u32(&b);
	return !b.failed && round8(20 + n) == round8(len);
}

static bool conn_fits_xen(struct rbuf b, uint32_t len)
{
	uint16_t fields;
	uint64_t n;

	rbuf_skip(&b, 6);
	fields = rbuf_u16(&b);
	rbuf_skip(&b, 8);
	n = 24u + rbuf_u16(&b);
	rbuf_skip(&b, 2);
	n += rbuf_u32(&b);
	n = round8(n) + (fields & REC_CONN_UNIQUE_ID ? 8 : 0);
	return !b.failed && n == round8(len);
}

static bool node_is_special(struct rbuf b)
{
	uint16_t perm_count;

	rbuf_skip(&b, 14);
	perm_count = rbuf_u16(&b);
	rbuf_skip(&b, (size_t)perm_count * 4);
	return rbuf_u8(&b) == '@';
}

static void look_at(struct seen *seen, uint32_t type, struct rbuf body)
{
	uint32_t len = (uint32_t)body.len;
	bool spec, xen;

	switch (type) {
	case REC_CONNECTION_DATA:
		spec = conn_fits_spec(body, len);
		xen = conn_fits_xen(body, len);
		seen->spec_conn |= spec && !xen;
		seen->xen_conn |= xen && !spec;
		break;
	case REC_NODE_DATA:
		seen->xen |= node_is_special(body);
		break;
	case REC_GLOBAL_QUOTA_DATA:
	case REC_DOMAIN_DATA:
	case REC_WATCH_DATA_EXTENDED:
		seen->xen = true;
		break;
	default:
		seen->ours |= type >= REC_MANDATORY;
	}
}

/* Rule 2 needs only the first record of its kind. */
static void look_at_all(struct seen *seen, struct rbuf *b)
{
	struct rbuf body;
	uint32_t type, len;
	const void *p;

	while (!seen->ours) {
		type = rbuf_u32(b);
		len = rbuf_u32(b);
		p = rbuf_bytes(b, len);
		if (b->failed || type == REC_END)
			return;
		rbuf_init(&body, p, len);
		body.big_endian = b->big_endian;
		look_at(seen, type, body);
		rbuf_skip(b, (size_t)(round8(len) - len));
	}
}

static int read_preamble(struct rbuf *b, uint32_t *ret_version, struct err *err)
{
	const void *id;
	uint32_t flags;

	b->big_endian = true;
	id = rbuf_bytes(b, 8);
	*ret_version = rbuf_u32(b);
	flags = rbuf_u32(b);
	b->big_endian = flags & IMAGE_FLAG_BIG;
	if (!b->failed && !memcmp(id, IMAGE_IDENT, 8) &&
	    (*ret_version == IMAGE_VERSION ||
	     *ret_version == IMAGE_VERSION_XEN2) &&
	    !(flags & ~IMAGE_FLAG_BIG))
		return 0;
	if (!id || memcmp(id, IMAGE_IDENT, 8))
		return err_set(err, EINVAL,
			       "preamble: field ident at byte 0: not a "
			       "xenstore image");
	return err_set(err, EINVAL,
		       "preamble at byte 8: version %" PRIu32
		       ", flags 0x%" PRIx32
		       "; allowed are versions 1 and 2, flags 0 and 1",
		       *ret_version, flags);
}

int image_dialect_detect(const void *data, size_t len, struct image_guess *ret,
			 struct err *err)
{
	struct seen seen = {0};
	uint32_t version;
	struct rbuf b;
	int rc;

	ret->format = &image_format_native;
	ret->evidence = IMAGE_BY_NOTHING;
	rbuf_init(&b, data, len);
	rc = read_preamble(&b, &version, err);
	if (rc)
		return rc;
	if (version == IMAGE_VERSION_XEN2) {
		ret->format = &stock_xen2;
		ret->evidence = IMAGE_BY_VERSION;
		return 0;
	}
	look_at_all(&seen, &b);
	if (seen.ours) {
		ret->evidence = IMAGE_BY_OUR_RECORD;
	} else if (seen.xen) {
		ret->format = &stock_xen1;
		ret->evidence = IMAGE_BY_XEN_RECORD;
	} else if (seen.xen_conn && !seen.spec_conn) {
		ret->format = &stock_xen1;
		ret->evidence = IMAGE_BY_CONNECTION;
	} else if (seen.spec_conn && !seen.xen_conn) {
		ret->evidence = IMAGE_BY_CONNECTION;
	}
	return 0;
}

const struct image_format *const image_formats[IMAGE_FORMATS] = {
	&image_format_native, &stock_xen1, &stock_xen2};

const struct image_format *image_dialect_by_name(const char *name)
{
	unsigned int i;

	for (i = 0; i < IMAGE_FORMATS; i++)
		if (!strcmp(name, image_formats[i]->name))
			return image_formats[i];
	return NULL;
}

const char *image_evidence_text(enum image_evidence evidence)
{
	static const char *const text[] = {
		[IMAGE_BY_VERSION] = "its version",
		[IMAGE_BY_OUR_RECORD] = "an extension record",
		[IMAGE_BY_XEN_RECORD] = "a record of Xen's daemons",
		[IMAGE_BY_CONNECTION] = "the length of a connection",
		[IMAGE_BY_NOTHING] = "nothing that says otherwise",
	};

	return text[evidence];
}
