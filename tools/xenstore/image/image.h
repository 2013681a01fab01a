/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image: a stream of records to bytes and back.
 *
 *	ident "xenstore" | version | flags          16 bytes, big-endian
 *	{ u32 type, u32 len, body, padding to 8 }*  in the order of flags bit 0
 *	END
 *
 * Written and read in one of three dialects (record.h), spec unless another
 * is named; dialect.h tells which one an image has.  Either in the byte order
 * of this machine or the other.  The reader refuses what does not fit with the
 * record's number, type, field and offset, and never reads past the bytes it
 * was given or allocates by a length it has not checked.
 */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include "base/buf.h"
#include "image/record.h"

#define IMAGE_IDENT	    "xenstore" /* 8 bytes without the NUL */
#define IMAGE_PREAMBLE_SIZE 16
#define IMAGE_HEAD_SIZE	    8u		/* type and len of a record */
#define IMAGE_FLAG_BIG	    0x00000001u /* the records are big-endian */
#define IMAGE_VERSION	    1u
#define IMAGE_VERSION_XEN2  2u

struct image_writer {
	struct wbuf buf;
	uint64_t records;
	unsigned int dialect; /* REC_DIALECT_... */
	uint8_t pad;	      /* behind the record that was begun last */
};

/* Begins an image in memory of talloc context ctx with its preamble. */
void image_writer_init(struct image_writer *w, void *ctx, bool big_endian);
void image_writer_init_as(struct image_writer *w, void *ctx, bool big_endian,
			  unsigned int dialect);
/*
 * Appends one record of rec->type; lengths and counts in the struct say how
 * much the pointers hold.  What cannot be written (no memory, a type without
 * a description, a body of more than 4 GB) is remembered in w->buf.failed.
 * Limits are the reader's business: they are not checked here.
 */
void image_write(struct image_writer *w, const struct record *rec);
/*
 * The same without the last `later` bytes (not 0), all of the record's last
 * field.  The caller appends them to w->buf, which it may empty meanwhile, and
 * then ends the record.
 */
void image_write_begin(struct image_writer *w, const struct record *rec,
		       uint32_t later);
void image_write_end(struct image_writer *w);
/* The same for a NODE_DATA, faster; in dialect spec only. */
void image_write_node(struct image_writer *w, const struct rec_node *node);
/*
 * Appends a record whose body is given as it is to be, in the image's byte
 * order: for tools and tests that carry records they do not know.
 */
void image_write_raw(struct image_writer *w, uint32_t type, const void *body,
		     uint32_t len);
/* Appends END.  Returns 0, or ENOMEM when any write before it failed. */
int __must_check image_writer_finish(struct image_writer *w);

/*
 * Gives the next bytes of a stream, at most size of them, at least one but at
 * its end.  Returns 0 or an errno with err filled in.
 */
typedef int (*image_source)(void *arg, void *to, size_t size, size_t *ret_len,
			    struct err *err);

struct image_reader {
	struct rbuf buf;
	uint64_t records; /* how many were read, END among them */
	bool ended;	  /* END was seen */
	void *ctx;
	unsigned int dialect;
	const struct record_desc *node_desc; /* NULL: nodes by the table */
	uint32_t version;		     /* as the preamble says */
	image_source source;		     /* NULL: all is in buf */
	void *source_arg;
	bool source_ended;
	uint64_t before; /* bytes of the stream that have left the window */
	size_t keep;	 /* where in the window the record being read begins */
	struct wbuf window;	/* what buf points into */
	struct rec_perm *perms; /* scratch of the record last read */
	size_t perms_size;
	struct rec_generation *gens;
	size_t gens_size;
	uint32_t *values;
	size_t values_size;
};

/*
 * Begins to read the len bytes at data, which must stay; scratch memory comes
 * from ctx.  Returns 0 or EINVAL with the reason (ident, version, flags).
 */
int __must_check image_reader_init(struct image_reader *r, void *ctx,
				   const void *data, size_t len,
				   struct err *err);
/* The same in a dialect that is not spec. */
int __must_check image_reader_init_as(struct image_reader *r, void *ctx,
				      const void *data, size_t len,
				      unsigned int dialect, struct err *err);
/*
 * The same from a stream, of which never more than the record read last is
 * kept.  Its memory is at most twice that of the record.
 */
int __must_check image_reader_init_stream(struct image_reader *r, void *ctx,
					  image_source source, void *arg,
					  unsigned int dialect,
					  struct err *err);
/*
 * Reads the next record.  Returns 0; ENOENT for END, and ever after; EINVAL
 * for anything that does not fit, err naming record, type, field and offset;
 * ENOMEM.  After an error the same record is read again.  *ret_rec is set with
 * 0 and ENOENT only.  An unknown optional record is returned with desc NULL,
 * to be skipped.  An image without END, or with bytes behind it, is refused.
 * Of the members of other types in *ret_rec nothing may be expected.
 */
int __must_check image_read(struct image_reader *r, struct record *ret_rec,
			    struct err *err);
/* Frees the scratch memory. */
void image_reader_fini(struct image_reader *r);

#endif
