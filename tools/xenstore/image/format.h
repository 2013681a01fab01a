/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * format: what tells one format of xenstore images from another.
 *
 * All formats share the framing: preamble, heads of records, padding, END.
 * This room has one format, image_format_native: the specification's
 * records and our extension records.  A room that reads or writes the images
 * of another daemon defines a struct image_format of its own and passes it to
 * image_reader_init_as() and image_writer_init_as(); its records are decoded
 * into struct record's member `other`.
 */
#ifndef IMAGE_FORMAT_H
#define IMAGE_FORMAT_H

#include "base/err.h"
#include "image/table.h"

struct image_reader;
struct walk;
struct wbuf;

struct image_format {
	const char *name;
	uint32_t version;   /* in the preamble */
	uint8_t perm_flags; /* bits kept of a permission's second byte */
	bool special_paths; /* a path may also begin with '@' */
	bool padded;	    /* len counts the padding after the fields */
	const struct record_desc *(*find)(uint32_t type); /* NULL: unknown */
	/*
	 * May be NULL.  Reads a record that a known writer gets wrong: sets
	 * *ret_end to the number of bytes that it takes from the start of its
	 * body, and rec->suspect.  *ret_end 0: the record is read by its row.
	 * All len bytes of the body are in memory.  Returns 0 or an errno.
	 */
	int (*read_odd)(struct walk *w, uint64_t *ret_end);
};

extern const struct image_format image_format_native;

/*
 * A variable part of a kind that only another format has (FIELD_OTHER).  st is
 * the record's struct, `at` the byte of the body where the part begins.
 */
struct field_ops {
	const char *type, *limits; /* for the documents */
	bool is_number;		   /* its member is the value, no pointer */
	uint64_t (*count)(const void *st); /* items */
	uint64_t (*len)(const void *st, const struct field *f, uint64_t at);
	void (*write)(const void *st, const struct field *f, uint8_t *to,
		      uint64_t len, bool big_endian);
	/*
	 * Checks the part at w->pos, sets its member and moves w->pos.  Unless
	 * is_number, count() items of f->size bytes are known to be there.
	 */
	int (*read)(struct walk *w, const struct field *f);
	void (*text)(struct wbuf *out, bool json, const void *st,
		     const struct field *f);
};

/* A record's body while it is read. */
struct walk {
	struct image_reader *r;
	struct record *rec;
	uint8_t *st;	     /* the record's struct */
	const uint8_t *body; /* rec->len bytes */
	uint32_t pos;	     /* in the body: the next variable part */
	struct err *err;
};

/*
 * Refuses the record: `at` is the offending byte, counted from the record's
 * head, field may be NULL, fmt says why.  Returns EINVAL.
 */
int image_refuse(const struct walk *w, const char *field, uint64_t at,
		 const char *fmt, ...)
	__attribute__((cold, format(printf, 4, 5)));
/*
 * Memory for one field of FIELD_OTHER in a record, valid until the next record
 * is read.  Returns NULL, with w->err set, when there is none.
 */
void *image_scratch(struct walk *w, uint64_t size);

#endif
