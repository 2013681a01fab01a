/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xs-image: what its commands share.  The tool looks at images offline: it
 * knows the rooms base and image, and neither a daemon nor a store.
 */
#ifndef XS_IMAGE_H
#define XS_IMAGE_H

#include <stdio.h>

#include "stock/convert.h"
#include "stock/dialect.h"
#include "image/image.h"
#include "image/table.h"

/* Exit codes. */
#define EXIT_GOOD    0
#define EXIT_BAD     1 /* an image is refused, a rule broken, a difference */
#define EXIT_TROUBLE 2 /* usage, files, memory */

struct options {
	int print; /* h: --help, V: --version, and nothing else */
	bool json;
	bool strict;
	bool have_dialect; /* --dialect: how to read */
	unsigned int dialect;
	bool have_to;
	unsigned int to;
	bool big, little;
	const char *out; /* -o; NULL: standard output */
};

struct tool {
	void *ctx;
	struct options opt;
	const char *argv[3]; /* what is not an option */
	int argc;
};

/* ---- input.c: images from files, pipes and standard input ---- */

struct input {
	const char *name;    /* for messages */
	const uint8_t *data; /* NULL: a stream */
	size_t len;
	struct image_guess guess;
	bool forced; /* guess.dialect is what the user said */
	int fd;
	uint8_t head[32]; /* of a stream: bytes read before it was one */
	size_t head_len, head_pos;
};

/*
 * Opens the image `name` ("-" or NULL: standard input) and finds its dialect.
 * whole: its bytes are wanted at in->data; a pipe is then put into an unlinked
 * temporary file, as it is if its dialect cannot be told from its beginning.
 * Returns 0 or an exit code, having said why.
 */
int input_open(struct tool *t, const char *name, bool whole, struct input *in);
/* A reader of it, in its dialect.  Returns 0 or an errno with err. */
int input_reader(struct tool *t, struct input *in, struct image_reader *r,
		 struct err *err);
void input_close(struct input *in);
/* Says what is wrong with the image; returns the exit code for rc. */
int input_complain(const struct input *in, int rc, const struct err *err);

/* ---- output.c: images written in pieces ---- */

struct output {
	struct image_writer w;
	FILE *f;
	const char *name;
	char *beside; /* written to until it is whole; NULL: nothing is */
};

/* Begins an image at t->opt.out.  Returns 0 or an exit code. */
int output_open(struct tool *t, struct output *out, bool big,
		unsigned int dialect);
/* An image_put: appends the record. */
int output_put(struct output *out, const struct record *rec, struct err *err);
/* END, and all on its way.  Returns 0 or an exit code. */
int output_finish(struct output *out);
/* Nothing is left of it. */
void output_drop(struct output *out);

/* ---- seen.c: a set of things that there may be once ---- */

struct seen;

struct seen *seen_new(const void *ctx);
/* What is remembered: a kind, two numbers, two pieces of bytes. */
struct thing {
	uint32_t kind, a, b;
	const void *p, *q;
	size_t p_len, q_len;
};
/* Returns 0, EEXIST if it was there, ENOMEM. */
int seen_add(struct seen *s, const struct thing *thing);
bool seen_has(const struct seen *s, const struct thing *thing);
/* Its hash alone, the same within this process. */
struct digest {
	uint64_t a, b;
};
struct digest thing_digest(const struct seen *s, const struct thing *thing);

/* ---- json.c ---- */

/* Appends the record as one line of JSON. */
void json_record(struct wbuf *out, const struct record *rec);

/* ---- the commands, one file each ---- */

int cmd_show(struct tool *t);
int cmd_verify(struct tool *t);
int cmd_diff(struct tool *t);
int cmd_convert(struct tool *t);
int cmd_extract(struct tool *t);
int cmd_stat(struct tool *t);

#endif
