/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xs-image: what the commands share.  The tool works on images offline and
 * links what the daemon knows of images, and nothing else of it.
 */
#ifndef XS_IMAGE_H
#define XS_IMAGE_H

#include <stdio.h>

#include "stock/convert.h"
#include "stock/dialect.h"
#include "stock/ox-dump.h"
#include "image/image.h"
#include "image/table.h"

/* Exit codes. */
#define EXIT_GOOD    0
#define EXIT_BAD     1 /* the image is refused or bad, or images differ */
#define EXIT_TROUBLE 2 /* command line, files, memory */

struct options {
	int print; /* h: --help, V: --version, and nothing else */
	bool json;
	bool strict;
	const struct image_format *dialect; /* --dialect; NULL: detect it */
	const struct image_format *to;	    /* --to; NULL: keep it */
	bool big, little;
	const char *out; /* -o; NULL: standard output */
};

struct tool {
	void *ctx;
	struct options opt;
	const char *argv[3]; /* arguments that are not options */
	int argc;
};

/* ---- input.c: images from files, pipes and standard input ---- */

struct input {
	const char *name;    /* for messages */
	const uint8_t *data; /* the whole image; NULL: read from fd */
	size_t len;
	struct image_guess guess;
	bool forced; /* guess.format is from --dialect */
	bool ox;     /* data was made from a dump of oxenstored */
	struct image_writer made;
	void *mapped; /* the file; NULL: none */
	size_t mapped_len;
	int fd;
	uint8_t head[32]; /* of a stream: its first bytes, already read */
	size_t head_len, head_pos;
};

/*
 * Opens the image name ("-" or NULL: standard input) and detects its dialect.
 * whole: sets in->data.  A pipe is then copied to an unlinked temporary file;
 * also without whole, if its first bytes do not tell its dialect.  A dump of
 * oxenstored becomes an image in memory.  Returns 0, or an exit code after
 * printing why.
 */
int input_open(struct tool *t, const char *name, bool whole, struct input *in);
/* Sets up a reader in the image's dialect.  Returns 0 or an errno with err. */
int input_reader(struct tool *t, struct input *in, struct image_reader *r,
		 struct err *err);
void input_close(struct input *in);
/* The dialect's name, and how it was found. */
const char *input_dialect(const struct input *in);
const char *input_evidence(const struct input *in);
/* Prints err; returns the exit code for rc. */
int input_complain(const struct input *in, int rc, const struct err *err);

/* ---- output.c: images written in pieces ---- */

struct output {
	struct image_writer w;
	FILE *f;
	const char *name;
	char *temp; /* the temporary file; NULL: none */
};

/*
 * Begins an image at t->opt.out.  Returns 0, or an exit code after printing
 * why.
 */
int output_open(struct tool *t, struct output *out, bool big,
		const struct image_format *format);
/* An image_put: appends the record. */
int output_put(struct output *out, const struct record *rec, struct err *err);
/*
 * Appends END and puts the file in its place.  Returns 0, or an exit code after
 * printing why.
 */
int output_finish(struct output *out);
/* Gives up the image; leaves no file. */
void output_drop(struct output *out);

/* cmd-convert.c: a line on standard error for each kind of loss. */
void losses_print(const struct image_losses *losses);

/* ---- seen.c: a set of things that may occur once ---- */

struct seen;

/* Returns NULL without memory. */
struct seen *seen_new(const void *ctx);
/* A thing: a kind, two numbers and two byte strings, which may be NULL. */
struct thing {
	uint32_t kind, a, b;
	const void *p, *q;
	size_t p_len, q_len;
};
/* Adds the thing.  Returns 0, EEXIST if it was there, or ENOMEM. */
int seen_add(struct seen *s, const struct thing *thing);
bool seen_has(const struct seen *s, const struct thing *thing);
/* The hash of a thing.  It differs from process to process. */
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
