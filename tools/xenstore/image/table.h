/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table: the shape of record.c's table, the only statement of what bytes a
 * record is made of; but for image-node.c, which has one record's again, and
 * test-image-node.c sees to it that they agree.
 *
 * A record's body is a fixed part (fields at offsets) and then its variable
 * parts, one behind the other without gaps, each as long as a field of the
 * fixed part says.  Bytes of the fixed part that no field names are padding.
 * Read by image-write.c, image-read.c, text.c, the tests and what makes the
 * documentation; nobody else looks inside a record_desc.
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
	FIELD_PATH,    /* a string that starts with '/' (xen: or '@') */
	FIELD_SPECIAL, /* a string that starts with '@' */
	FIELD_NAMES,   /* strings of at least one byte, each with its NUL */
	FIELD_PERMS,   /* u8 letter, u8 pad (xen: flags), u16 domid */
	FIELD_GENS,    /* u64 value, u64 children: 16 bytes each */
	/* in the dialects of Xen releases only */
	FIELD_VALUES,  /* u32 each */
	FIELD_COUNTED, /* so many strings of at least one byte, with NULs */
	FIELD_TAIL,    /* one u64 at the next multiple of 8 */
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
	uint8_t size;	      /* bytes in the image; variable: of one item */
	uint8_t len_size;     /* variable: size of the member with its length */
	uint16_t offset;      /* in the body; variable: unused */
	uint16_t member;      /* the value, or the pointer to it */
	uint16_t len_member;  /* variable: how many items */
	uint8_t more_size;    /* the size of a second member, to be added; 0: */
	uint16_t more_member; /* there is none */
	int64_t min, max;     /* of the value */
	struct field_cond when; /* the field exists */
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
	uint8_t dialects;   /* bit: 1 << REC_DIALECT_... */
	uint8_t scopes;	    /* bit: 1 << REC_SCOPE_... */
	uint16_t fixed;	    /* length of the fixed part */
	uint32_t refers[2]; /* records that it names by id or place; 0: none */
	const struct field *fields; /* fixed ones first, then in body order */
	const struct field_rule *rules;
	uint8_t nfields;
	uint8_t nfixed; /* how many of them are in the fixed part */
	uint8_t nrules;
};

/* The record's description in that dialect; NULL: it has no such record. */
const struct record_desc *record_find(uint32_t type, unsigned int dialect);
/* Those that a reader must know, in order of the types: *ret_count records. */
const struct record_desc *record_table(size_t *ret_count);
/* The extension records that it may skip, in the same way. */
const struct record_desc *record_table_optional(size_t *ret_count);
/* The rows that only the dialects of Xen releases have, in the same way. */
const struct record_desc *record_table_xen(size_t *ret_count);

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

/* How many items a variable part has. */
static inline uint64_t field_count(const void *base, const struct field *f)
{
	uint64_t n;

	if (f->kind == FIELD_TAIL)
		return 1;
	n = field_member(base, f->len_member, f->len_size);
	if (f->kind >= FIELD_VALUES && f->more_size)
		n += field_member(base, f->more_member, f->more_size);
	return n;
}

/* The bytes of count strings with their NULs, at p. */
static inline uint64_t field_strings_len(const char *p, uint64_t count)
{
	const char *from = p;

	for (; count; count--)
		p += strlen(p) + 1;
	return (uint64_t)(p - from);
}

/* Bytes of a variable part that begins at byte `at` of the body. */
static inline uint64_t field_len(const void *base, const struct field *f,
				 uint64_t at)
{
	const void *p = field_pointer(base, f);

	if (f->kind == FIELD_COUNTED)
		return field_strings_len(p, field_count(base, f));
	if (f->kind == FIELD_TAIL)
		return (8 - at % 8) % 8 + f->size;
	return field_count(base, f) * f->size;
}

static inline bool field_cond_holds(const void *base,
				    const struct field_cond *c)
{
	if (c->op == COND_ALWAYS)
		return true;
	return (field_member(base, c->member, c->size) == c->value) ==
	       (c->op == COND_EQ);
}

#endif
