// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * input: see xs-image.h.  Maps a file.  Reads a pipe as a stream if once is
 * enough, else copies it to a temporary file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xs-image.h"

#include "base/bytes.h"

static int trouble(const struct input *in, const char *what)
{
	fprintf(stderr, "xs-image: %s: %s: %s\n", in->name, what,
		strerror(errno));
	return EXIT_TROUBLE;
}

int input_complain(const struct input *in, int rc, const struct err *err)
{
	fflush(stdout);
	fprintf(stderr, "xs-image: %s: %s\n", in->name, err->text);
	return rc == EINVAL || rc == EEXIST ? EXIT_BAD : EXIT_TROUBLE;
}

/* ---- the bytes ---- */

static int map(struct input *in, int fd, size_t len)
{
	void *p;

	in->data = (const uint8_t *)"";
	in->len = len;
	if (!len)
		return 0;
	p = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return trouble(in, "cannot map it");
	in->data = p;
	in->mapped = p;
	in->mapped_len = len;
	return 0;
}

static int write_all(int fd, const uint8_t *p, size_t len)
{
	ssize_t n;

	for (; len; p += n, len -= (size_t)n) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			n = 0;
		if (n < 0)
			return errno;
	}
	return 0;
}

/* Copies the whole pipe to an unlinked file. */
static int spool(struct input *in)
{
	const char *dir = getenv("TMPDIR");
	static uint8_t buf[65536];
	struct stat st;
	char *path;
	ssize_t n;
	int fd, rc;

	if (asprintf(&path, "%s/xs-image.XXXXXX", dir ? dir : "/tmp") < 0)
		return trouble(in, "cannot make a temporary file");
	fd = mkostemp(path, O_CLOEXEC);
	rc = fd < 0 ? trouble(in, path) : 0;
	if (!rc)
		unlink(path);
	free(path);
	if (rc)
		return rc;
	errno = write_all(fd, in->head, in->head_len);
	while (!errno && (n = read(in->fd, buf, sizeof(buf)))) {
		if (n < 0 && errno == EINTR)
			errno = 0;
		else if (n > 0)
			errno = write_all(fd, buf, (size_t)n);
	}
	if (errno || fstat(fd, &st)) {
		rc = trouble(in, "cannot copy it to a temporary file");
		close(fd);
		return rc;
	}
	rc = map(in, fd, (size_t)st.st_size);
	close(fd);
	return rc;
}

/* An image_source: first the bytes in in->head, then the rest. */
static int read_stream(void *arg, void *to, size_t size, size_t *ret_len,
		       struct err *err)
{
	struct input *in = arg;
	size_t left = in->head_len - in->head_pos;
	ssize_t n;

	if (left) {
		*ret_len = left < size ? left : size;
		memcpy(to, in->head + in->head_pos, *ret_len);
		in->head_pos += *ret_len;
		return 0;
	}
	do
		n = read(in->fd, to, size);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_set(err, errno == EINVAL ? EIO : errno, "read: %s",
			       strerror(errno));
	*ret_len = (size_t)n;
	return 0;
}

/* ---- the dialect ---- */

static int read_head(struct input *in)
{
	ssize_t n;

	while (in->head_len < 24) {
		n = read(in->fd, in->head + in->head_len, 24 - in->head_len);
		if (n < 0 && errno != EINTR)
			return trouble(in, "read");
		if (!n)
			break;
		in->head_len += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* Whether the first bytes settle the dialect, or are not of an image at all. */
static bool head_tells(struct input *in)
{
	bool big = in->head[15] & 1;
	struct err err;

	if (ox_dump_begins(in->head, in->head_len))
		return false;
	if (image_dialect_detect(in->head, in->head_len, &in->guess, &err))
		return true;
	if (in->guess.evidence == IMAGE_BY_VERSION)
		return true;
	if (in->head_len < 20 ||
	    bytes_get_u32(in->head + 16, big) != REC_HEADER)
		return false;
	in->guess.evidence = IMAGE_BY_OUR_RECORD;
	return true;
}

static int put(void *arg, const struct record *rec, struct err *err)
{
	struct image_writer *w = arg;

	image_write(w, rec);
	return w->buf.failed ? err_set(err, ENOMEM, "out of memory") : 0;
}

/* As an image in memory, of which the other commands know no difference. */
static int from_ox(struct tool *t, struct input *in)
{
	struct image_losses losses;
	struct err err = {0};
	struct ox_dump d = {.data = in->data,
			    .len = in->len,
			    .header = true,
			    .put = put,
			    .arg = &in->made};
	int rc;

	image_writer_init(&in->made, t->ctx, false);
	rc = ox_dump_read(t->ctx, &d, &losses, &err);
	if (!rc && image_writer_finish(&in->made))
		rc = err_set(&err, ENOMEM, "out of memory");
	if (rc)
		return input_complain(in, rc, &err);
	losses_print(&losses);
	in->ox = true;
	in->data = in->made.buf.data;
	in->len = in->made.buf.len;
	return 0;
}

static int find_dialect(struct tool *t, struct input *in)
{
	struct err err;

	if (in->data && ox_dump_begins(in->data, in->len)) {
		int rc = from_ox(t, in);

		if (rc)
			return rc;
	}

	in->forced = t->opt.dialect && !in->ox;
	if (in->forced)
		in->guess.format = t->opt.dialect;
	else if (in->data)
		/* not an image: the reader reports that */
		(void)!image_dialect_detect(in->data, in->len, &in->guess,
					    &err);
	return 0;
}

int input_open(struct tool *t, const char *name, bool whole, struct input *in)
{
	bool is_stdin = !name || !strcmp(name, "-");
	struct stat st;
	int rc;

	memset(in, 0, sizeof(*in));
	in->name = is_stdin ? "standard input" : name;
	in->fd = is_stdin ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
	if (in->fd < 0 || fstat(in->fd, &st))
		return trouble(in, "open");
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return trouble(in, "open");
	}
	if (S_ISREG(st.st_mode) && !lseek(in->fd, 0, SEEK_CUR)) {
		rc = map(in, in->fd, (size_t)st.st_size);
	} else {
		rc = read_head(in);
		if (!rc && (whole || (!t->opt.dialect && !head_tells(in))))
			rc = spool(in);
		if (!rc && !in->data && !t->opt.dialect)
			return 0;
	}
	return rc ? rc : find_dialect(t, in);
}

int input_reader(struct tool *t, struct input *in, struct image_reader *r,
		 struct err *err)
{
	if (in->data)
		return image_reader_init_as(r, t->ctx, in->data, in->len,
					    in->guess.format, err);
	return image_reader_init_stream(r, t->ctx, read_stream, in,
					in->guess.format, err);
}

const char *input_dialect(const struct input *in)
{
	return in->ox ? "ox" : in->guess.format->name;
}

const char *input_evidence(const struct input *in)
{
	if (in->ox)
		return "its first line";
	return in->forced ? "option --dialect"
			  : image_evidence_text(in->guess.evidence);
}

void input_close(struct input *in)
{
	if (in->mapped)
		munmap(in->mapped, in->mapped_len);
	if (in->fd > STDERR_FILENO)
		close(in->fd);
}
