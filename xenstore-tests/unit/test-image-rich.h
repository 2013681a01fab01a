/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An image with something of everything, for tests that spoil it, and what a
 * refusal has to say.
 */
#ifndef TEST_IMAGE_RICH_H
#define TEST_IMAGE_RICH_H

#include "test-image-sample.h"

/* The image, and where its records are. */
struct rich {
	struct image_writer w;
	uint8_t *data;
	size_t len;
	struct record recs[64];
	size_t nrecs;
};

static inline struct rich *rich_new(bool big)
{
	struct rich *rich = talloc_zero(NULL, struct rich);
	struct image_reader r;
	struct err err;
	int rc;

	assert_non_null(rich);
	sample_rich(&rich->w, rich, big);
	rich->data = rich->w.buf.data;
	rich->len = rich->w.buf.len;
	rc = image_reader_init(&r, rich, rich->data, rich->len, &err);
	assert_int_equal(rc, 0);
	while (image_read(&r, &rich->recs[rich->nrecs++], &rc, &err))
		assert_true(rich->nrecs < SAMPLE_COUNT(rich->recs));
	assert_int_equal(rc, 0);
	image_reader_fini(&r);
	return rich;
}

/* err says which record, what field (unless NULL) and which byte. */
static inline void rich_says(const struct err *err, const struct record *rec,
			     const char *field)
{
	char want[80];

	assert_int_equal(err->code, EINVAL);
	snprintf(want, sizeof(want), "record %llu (%s, type 0x%x): ",
		 (unsigned long long)rec->index, rec->desc->name, rec->type);
	if (strncmp(err->text, want, strlen(want)) ||
	    !strstr(err->text, "at byte "))
		fail_msg("\"%s\" does not begin with \"%s\"", err->text, want);
	if (!field)
		return;
	snprintf(want, sizeof(want), "field %s ", field);
	if (!strstr(err->text, want))
		fail_msg("\"%s\" does not say \"%s\"", err->text, want);
}

#endif
