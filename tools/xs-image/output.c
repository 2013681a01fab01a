// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * output: see xs-image.h.  Writes the image in pieces of 1 MiB.  A file is
 * written under a temporary name and renamed when closing it succeeded, so that
 * it can replace the image being read.  A device or pipe is written to directly
 * and never removed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "xs-image.h"

#define PIECE (1u << 20)

static int trouble(struct output *out)
{
	fprintf(stderr, "xs-image: %s: %s\n", out->name, strerror(errno));
	return EXIT_TROUBLE;
}

/* Creates the temporary file, with the mode of a new file. */
static FILE *open_temp(struct tool *t, struct output *out)
{
	mode_t mask = umask(0);
	FILE *f;
	int fd;

	umask(mask);
	out->temp = talloc_asprintf(t->ctx, "%s.XXXXXX", out->name);
	if (!out->temp) {
		errno = ENOMEM;
		return NULL;
	}
	fd = mkostemp(out->temp, O_CLOEXEC);
	if (fd < 0) {
		out->temp = NULL;
		return NULL;
	}
	f = fchmod(fd, 0666 & ~mask) ? NULL : fdopen(fd, "w");
	if (f)
		return f;
	close(fd);
	unlink(out->temp);
	return NULL;
}

/*
 * Neither creates nor truncates: if a regular file has taken the path
 * meanwhile, it stays as it is.
 */
static FILE *open_device(const struct output *out)
{
	int fd = open(out->name, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd >= 0 && !fstat(fd, &st) && !S_ISREG(st.st_mode))
		return fdopen(fd, "w");
	if (fd >= 0) {
		close(fd);
		errno = EEXIST;
	}
	return NULL;
}

int output_open(struct tool *t, struct output *out, bool big,
		const struct image_format *format)
{
	struct stat st;

	out->name = t->opt.out ? t->opt.out : "standard output";
	out->temp = NULL;
	if (!t->opt.out)
		out->f = stdout;
	else if (!stat(out->name, &st) && !S_ISREG(st.st_mode))
		out->f = open_device(out);
	else
		out->f = open_temp(t, out);
	if (!out->f)
		return trouble(out);
	if (isatty(fileno(out->f))) {
		fprintf(stderr, "xs-image: not writing an image to a terminal; "
				"use --output\n");
		return EXIT_TROUBLE;
	}
	image_writer_init_as(&out->w, t->ctx, big, format);
	return 0;
}

static int drain(struct output *out, struct err *err)
{
	struct wbuf *b = &out->w.buf;

	if (b->failed)
		return err_set(err, ENOMEM, "out of memory");
	if (fwrite(b->data, 1, b->len, out->f) != b->len)
		return err_set(err, EIO, "%s: %s", out->name, strerror(errno));
	b->len = 0;
	return 0;
}

int output_put(struct output *out, const struct record *rec, struct err *err)
{
	if (!rec->desc && rec->body)
		image_write_raw(&out->w, rec->type, rec->body, rec->len);
	else
		image_write(&out->w, rec);
	if (out->w.buf.len < PIECE && !out->w.buf.failed)
		return 0;
	return drain(out, err);
}

int output_finish(struct output *out)
{
	struct err err;
	int rc = image_writer_finish(&out->w);

	if (rc)
		err_set(&err, rc, "out of memory");
	else
		rc = drain(out, &err);
	wbuf_fini(&out->w.buf);
	if (rc) {
		fprintf(stderr, "xs-image: %s\n", err.text);
		output_drop(out);
		return EXIT_TROUBLE;
	}
	if (out->f == stdout)
		return fflush(stdout) ? trouble(out) : 0;
	if (!fclose(out->f) && (!out->temp || !rename(out->temp, out->name)))
		return 0;
	rc = trouble(out);
	if (out->temp)
		unlink(out->temp);
	return rc;
}

void output_drop(struct output *out)
{
	if (out->f != stdout)
		fclose(out->f);
	if (out->temp)
		unlink(out->temp);
}
