/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows: macros for the rows of the tables of records; table.h describes what
 * they fill in.  For record*.c and for rooms with another format (format.h).
 */
#ifndef IMAGE_ROWS_H
#define IMAGE_ROWS_H

#include "image/table.h"

#define PATH_SIZE_MAX  3073 /* 3072 and the NUL */
#define TOKEN_SIZE_MAX 4096 /* what a message can carry */
#define FD_MAX	       INT32_MAX

#define MEMBER_SIZE(st, m) sizeof(((struct st *)0)->m)
/* n, and an error of the compiler when the member has another size */
#define SIZE_IS(st, m, n)                                                      \
	((uint8_t)sizeof(char[MEMBER_SIZE(st, m) == (n) ? (n) : -1]))

#define FIXED(k, n, st, m, off, label, lo, hi, text)                           \
	.name = (label), .meaning = (text), .kind = (k),                       \
	.size = SIZE_IS(st, m, n), .offset = (off),                            \
	.member = offsetof(struct st, m), .min = (lo), .max = (hi)
#define U8(st, m, off, label, lo, hi, text)                                    \
	FIXED(FIELD_U8, 1, st, m, off, label, lo, hi, text)
#define U16(st, m, off, label, lo, hi, text)                                   \
	FIXED(FIELD_U16, 2, st, m, off, label, lo, hi, text)
#define U32(st, m, off, label, lo, hi, text)                                   \
	FIXED(FIELD_U32, 4, st, m, off, label, lo, hi, text)
#define U64(st, m, off, label, text)                                           \
	FIXED(FIELD_U64, 8, st, m, off, label, INT64_MIN, INT64_MAX, text)
#define I32(st, m, off, label, lo, hi, text)                                   \
	FIXED(FIELD_I32, 4, st, m, off, label, lo, hi, text)
#define PAD(n, off)                                                            \
	.name = "pad", .meaning = "zero", .kind = FIELD_PAD, .size = (n),      \
	.offset = (off)
#define VARIABLE(k, n, st, m, len, label, text)                                \
	.name = (label), .meaning = (text), .kind = (k), .size = (n),          \
	.member = offsetof(struct st, m),                                      \
	.len_member = offsetof(struct st, len),                                \
	.len_size = MEMBER_SIZE(st, len)
#define BYTES(st, m, len, label, text)                                         \
	VARIABLE(FIELD_BYTES, 1, st, m, len, label, text)
#define STRING(st, m, len, label, text)                                        \
	VARIABLE(FIELD_STRING, 1, st, m, len, label, text)
#define PATH(st, m, len, label, text)                                          \
	VARIABLE(FIELD_PATH, 1, st, m, len, label, text)
#define PERMS(st, m, len, text)                                                \
	VARIABLE(FIELD_PERMS, 4, st, m, len, "perms", text)

#define WHEN(o, st, m, v)                                                      \
	.when = {.op = (o),                                                    \
		 .size = MEMBER_SIZE(st, m),                                   \
		 .member = offsetof(struct st, m),                             \
		 .value = (v)}
#define LIMIT(st, m, lo, hi, text)                                             \
	.meaning = (text), .member = offsetof(struct st, m),                   \
	.size = MEMBER_SIZE(st, m), .min = (lo), .max = (hi)

/* The two ids that most records begin with. */
#define CONN_ID(st)                                                            \
	U32(st, conn_id, 0, "conn-id", 1, UINT32_MAX, "which connection"),     \
		.names_conn = true
#define TX_ID(st)                                                              \
	U32(st, tx_id, 4, "tx-id", 1, UINT32_MAX, "which transaction of it")

/* Fields of CONNECTION_DATA and of watches that other formats share. */
#define WHEN_RING   WHEN(COND_EQ, rec_conn, type, REC_CONN_RING)
#define WHEN_SOCKET WHEN(COND_EQ, rec_conn, type, REC_CONN_SOCKET)
#define CONN_NAME                                                              \
	U32(rec_conn, conn_id, 0, "conn-id", 1, UINT32_MAX,                    \
	    "the connection's id in later records"),                           \
		.names_conn = true
#define CONN_TYPE                                                              \
	U16(rec_conn, type, 4, "conn-type", 0, 1, "0: shared ring, 1: socket")
#define CONN_DOMID                                                             \
	U16(rec_conn, domid, 8, "domid", 0, UINT16_MAX,                        \
	    "owner of the ring's page"),                                       \
		WHEN_RING
#define CONN_TDOMID                                                            \
	U16(rec_conn, tdomid, 10, "tdomid", 0, UINT16_MAX,                     \
	    "domain set by SET_TARGET; 0x7ff4: none"),                         \
		WHEN_RING
#define CONN_FD                                                                \
	I32(rec_conn, fd, 8, "socket-fd", 0, FD_MAX,                           \
	    "descriptor of the connected socket"),                             \
		WHEN_SOCKET
#define CONN_FD_PAD PAD(4, 12), WHEN_SOCKET
#define WPATH_LEN                                                              \
	U16(rec_watch, wpath_len, 4, "wpath-len", 2, PATH_SIZE_MAX,            \
	    "length of wpath with its NUL")
#define TOKEN_LEN                                                              \
	U16(rec_watch, token_len, 6, "token-len", 1, TOKEN_SIZE_MAX,           \
	    "length of token with its NUL")
#define WPATH                                                                  \
	STRING(rec_watch, wpath, wpath_len, "wpath",                           \
	       "watched path as the client gave it")
#define TOKEN STRING(rec_watch, token, token_len, "token", "the client's token")

#define COUNT(a)  ((uint8_t)(sizeof(a) / sizeof((a)[0])))
#define LIVE	  (1u << REC_SCOPE_LIVE)
#define MIGRATION (1u << REC_SCOPE_MIGRATION)

/* Record t: nvar of its fields, the last ones, are variable parts. */
#define RECORD(t, sc, fx, nvar, table, text)                                   \
	.type = REC_##t, .name = #t, .meaning = (text), .scopes = (sc),        \
	.fixed = (fx), .fields = (table), .nfields = COUNT(table),             \
	.nfixed = COUNT(table) - (nvar)
#define REFERS(...) .refers = {__VA_ARGS__}
#define RULES(r)    .rules = (r), .nrules = COUNT(r)

#endif
