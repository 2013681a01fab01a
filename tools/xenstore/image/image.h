/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image: a stream of records to bytes and back.
 *
 *	ident "xenstore" | version | flags          16 bytes, big-endian
 *	{ u32 type, u32 len, body, padding to 8 }*  in the order of flags bit 0
 *	END
 *
 * In the native format (record.h) unless another is given (format.h), in
 * either byte order.  The reader refuses an invalid record with its number,
 * type, field and offset.  It never reads past the bytes that it was given and
 * allocates only by lengths that it has checked.
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

/* Bytes with their padding. */
#define round8(n) (((uint64_t)(n) + 7) & ~(uint64_t)7)

struct image_format;

struct image_writer {
	struct wbuf buf;
	uint64_t records;
	const struct image_format *format;
	uint8_t pad; /* bytes that image_write_end() appends */
};

/* Begins an image in memory of talloc context ctx with its preamble. */
void image_writer_init(struct image_writer *w, void *ctx, bool big_endian);
/* The same in another format. */
void image_writer_init_as(struct image_writer *w, void *ctx, bool big_endian,
			  const struct image_format *format);
/*
 * Appends one record of rec->type; its lengths and counts say how much the
 * pointers hold.  A failure (no memory, a type without a row, a body of more
 * than 4 GB) sets w->buf.failed.  Limits are not checked: the reader does that.
 */
void image_write(struct image_writer *w, const struct record *rec);
/*
 * The same without the last `later` bytes (not 0) of the record's last field.
 * The caller appends them to w->buf, which it may empty meanwhile, then calls
 * image_write_end().
 */
void image_write_begin(struct image_writer *w, const struct record *rec,
		       uint32_t later);
void image_write_end(struct image_writer *w);
/* image_write() of a NODE_DATA, faster; in the native format only. */
void image_write_node(struct image_writer *w, const struct rec_node *node);
/*
 * Appends a record with a body of len bytes that is already in the image's
 * byte order: for tools and tests that carry unknown records.
 */
void image_write_raw(struct image_writer *w, uint32_t type, const void *body,
		     uint32_t len);
/* Appends END.  Returns 0, or ENOMEM when any write before it failed. */
int __must_check image_writer_finish(struct image_writer *w);

/*
 * Called for the next bytes of a stream: stores at most size of them at `to`,
 * and at least one except at the end.  Returns 0, or an errno with err set.
 */
typedef int (*image_source)(void *arg, void *to, size_t size, size_t *ret_len,
			    struct err *err);

/* Memory that a reader reuses. */
struct image_memory {
	void *p;
	size_t size;
};

struct image_reader {
	struct rbuf buf;
	uint64_t records; /* read so far, END included */
	bool ended;	  /* END was read */
	void *ctx;
	const struct image_format *format;
	const struct record_desc *node_desc; /* NULL: nodes by the table */
	uint32_t version;		     /* as the preamble says */
	image_source source;		     /* NULL: all bytes are in buf */
	void *source_arg;
	bool source_ended;
	uint64_t before;    /* bytes of the stream that have left the window */
	size_t keep;	    /* where in the window the current record begins */
	struct wbuf window; /* what buf points into */
	struct image_memory perms, gens, other; /* of the current record */
};

/*
 * Begins to read the len bytes at data, which must stay valid; scratch memory
 * comes from ctx.  Returns 0, or EINVAL with err for a bad preamble (ident,
 * version, flags).  Call image_reader_fini() in either case.
 */
int __must_check image_reader_init(struct image_reader *r, void *ctx,
				   const void *data, size_t len,
				   struct err *err);
/* The same in another format. */
int __must_check image_reader_init_as(struct image_reader *r, void *ctx,
				      const void *data, size_t len,
				      const struct image_format *format,
				      struct err *err);
/*
 * The same from a stream, of which only the current record is kept in memory:
 * at most twice its size.
 */
int __must_check image_reader_init_stream(struct image_reader *r, void *ctx,
					  image_source source, void *arg,
					  const struct image_format *format,
					  struct err *err);
/*
 * Reads the next record.  Returns true with the record in *ret_rec; false at
 * END, with *ret_rc 0 and the END record in *ret_rec; false on failure, with
 * *ret_rc an errno and err set.  EINVAL: the record is invalid (err names
 * record, type, field and offset), the image ends without END, or bytes follow
 * END.  ENOMEM, or what the source returned.  Called again, it returns false
 * again after END and repeats the same record after a failure.
 *
 * An unknown optional record is returned with desc NULL, to be skipped.
 * Members of *ret_rec that belong to other types are undefined.
 */
bool __must_check image_read(struct image_reader *r, struct record *ret_rec,
			     int *ret_rc, struct err *err);
/* Frees the scratch memory. */
void image_reader_fini(struct image_reader *r);

#endif
