/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table: the form of a row in the tables of records (record*.c).
 *
 * These tables are the only statement of a record's layout, except that
 * image-node.c repeats NODE_DATA's for speed; test-image-node.c compares the
 * two.  A record's body is a fixed part (fields at offsets), followed by
 * variable parts without gaps, whose lengths are fields of the fixed part.
 * Bytes of the fixed part that belong to no field are padding.
 *
 * Read by the writer, the reader, text.c, the generated documents, xs-image
 * and the tests.
 */
#ifndef IMAGE_TABLE_H
#define IMAGE_TABLE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "image/record.h"

/* Where in struct record the struct of its type begins. */
#define RECORD_MEMBERS offsetof(struct record, global)

enum field_kind {
	/* the fixed part */
	FIELD_U8,
	FIELD_U16,
	FIELD_U32,
	FIELD_U64,
	FIELD_I32,
	FIELD_PAD, /* written as zero, ignored when read */
	/* variable parts */
	FIELD_BYTES,
	FIELD_STRING,  /* one NUL, at its end */
	FIELD_PATH,    /* a string that starts with '/' (or '@': format.h) */
	FIELD_SPECIAL, /* a string that starts with '@' */
	FIELD_NAMES,   /* strings of at least one byte, each with its NUL */
	FIELD_PERMS,   /* u8 letter, u8 pad (or flags: format.h), u16 domid */
	FIELD_GENS,    /* u64 value, u64 children: 16 bytes each */
	FIELD_OTHER,   /* of another format, by its field_ops: format.h */
};

static inline bool field_is_variable(enum field_kind kind)
{
	return kind >= FIELD_BYTES;
}

enum cond_op {
	COND_ALWAYS,
	COND_EQ,
	COND_NE,
};

/* Holds when the member of the record's struct is (not) value. */
struct field_cond {
	uint8_t op;
	uint8_t size; /* of the member */
	uint16_t member;
	uint32_t value;
};

/* Members are offsets in the record's struct. */
struct field {
	const char *name;
	const char *meaning;
	uint8_t kind;
	uint8_t size;	     /* bytes in the image; variable: of one item */
	uint8_t len_size;    /* variable: size of the member with its length */
	bool names_conn;     /* the connection that the record belongs to */
	uint16_t offset;     /* in the body; variable: unused */
	uint16_t member;     /* the value, or the pointer to it */
	uint16_t len_member; /* variable: number of items */
	int64_t min, max;    /* of the value */
	struct field_cond when;	     /* the field exists */
	const struct field_ops *ops; /* FIELD_OTHER */
};

/* A limit of a field that holds only under a condition. */
struct field_rule {
	const char *meaning;
	uint16_t member;
	uint8_t size;
	struct field_cond when;
	int64_t min, max;
};

struct record_desc {
	uint32_t type;
	const char *name;
	const char *meaning;
	uint8_t scopes;	    /* bit: 1 << REC_SCOPE_... */
	uint16_t fixed;	    /* length of the fixed part */
	uint32_t refers[2]; /* records that it names by id or place; 0: none */
	const struct field *fields; /* fixed ones first, then in body order */
	const struct field_rule *rules;
	uint8_t nfields;
	uint8_t nfixed; /* how many of them are in the fixed part */
	uint8_t nrules;
};

/* The row of a type of the native format; NULL: it has no such record. */
const struct record_desc *record_find(uint32_t type);
/* The row of a record that was read or made. */
static inline const struct record_desc *record_row(const struct record *rec)
{
	return rec->desc ? rec->desc : record_find(rec->type);
}
/* The rows that a reader must know, *ret_count of them by ascending type. */
const struct record_desc *record_table(size_t *ret_count);
/* The rows of optional extension records, likewise. */
const struct record_desc *record_table_optional(size_t *ret_count);

/*
 * The connection that a record belongs to: 0 if to none, as a committed node.
 * The record's type has a row.
 */
uint32_t record_conn_id(const struct record *rec);
/* Changes it.  A record that belongs to none stays as it is. */
void record_set_conn_id(struct record *rec, uint32_t conn_id);

/* The unsigned member of `size` bytes of the struct at base. */
static inline uint64_t field_member(const void *base, size_t member,
				    size_t size)
{
	const uint8_t *p = (const uint8_t *)base + member;
	uint64_t v64;
	uint32_t v32;
	uint16_t v16;

	switch (size) {
	case 1:
		return *p;
	case 2:
		memcpy(&v16, p, sizeof(v16));
		return v16;
	case 4:
		memcpy(&v32, p, sizeof(v32));
		return v32;
	default:
		memcpy(&v64, p, sizeof(v64));
		return v64;
	}
}

/* The pointer of a variable part. */
static inline const void *field_pointer(const void *base, const struct field *f)
{
	const void *p;

	memcpy(&p, (const uint8_t *)base + f->member, sizeof(p));
	return p;
}

/* Items of a variable part, and its bytes when it begins at body byte `at`. */
uint64_t field_count(const void *base, const struct field *f);
uint64_t field_len(const void *base, const struct field *f, uint64_t at);

static inline bool field_cond_holds(const void *base,
				    const struct field_cond *c)
{
	if (c->op == COND_ALWAYS)
		return true;
	return (field_member(base, c->member, c->size) == c->value) ==
	       (c->op == COND_EQ);
}

#endif
