// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xs-stream: appends the image of a domain's xenstore to libxl's stream and
 * takes it off again, between xl save and xl restore.  This file has the
 * command line, descriptors and files; stream.c does the rest.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stream.h"

#include "base/stdfd.h"
#include "base/version.h"

#define EXIT_BAD     1
#define EXIT_TROUBLE 2

static int read_fd(void *arg, void *to, size_t size, size_t *ret_len,
		   struct err *err)
{
	const int *fd = arg;
	ssize_t n;

	do
		n = read(*fd, to, size);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_set(err, EIO, "read: %s", strerror(errno));
	*ret_len = (size_t)n;
	return 0;
}

static int write_fd(void *arg, const void *p, size_t len, struct err *err)
{
	const int *fd = arg;
	const char *from = p;
	ssize_t n;

	for (; len; from += n, len -= (size_t)n) {
		n = write(*fd, from, len);
		if (n < 0 && errno == EINTR)
			n = 0;
		if (n < 0)
			return err_set(err, EIO, "write: %s", strerror(errno));
	}
	return 0;
}

static int write_nothing(void *arg, const void *p, size_t len, struct err *err)
{
	(void)arg;
	(void)p;
	(void)len;
	(void)err;
	return 0;
}

/* ---- the file that split makes ---- */

/* Created with the first byte, renamed when the whole image is good. */
struct file {
	const char *name;
	char temp[4096];
	int fd;
};

static int file_trouble(const struct file *f, const char *what, struct err *err)
{
	return err_set(err, EIO, "%s: %s: %s", f->name, what, strerror(errno));
}

static int write_file(void *arg, const void *p, size_t len, struct err *err)
{
	struct file *f = arg;

	if (f->fd < 0) {
		f->fd = mkostemp(f->temp, O_CLOEXEC);
		if (f->fd < 0)
			return file_trouble(f, f->temp, err);
	}
	if (write_fd(&f->fd, p, len, err))
		return err_prefix(err, "%s", f->name);
	return 0;
}

/* keep: gives the file its name, if anything was written; else removes it. */
static int file_finish(struct file *f, bool keep, struct err *err)
{
	int rc = 0;

	if (f->fd < 0)
		return 0;
	if (keep && fsync(f->fd))
		rc = file_trouble(f, "fsync", err);
	if (close(f->fd) && keep && !rc)
		rc = file_trouble(f, "close", err);
	if (keep && !rc && link(f->temp, f->name))
		rc = file_trouble(f, "link", err);
	unlink(f->temp);
	return rc;
}

static int file_init(struct file *f, const char *name, struct err *err)
{
	struct stat st;
	int n;

	f->name = name;
	f->fd = -1;
	n = snprintf(f->temp, sizeof(f->temp), "%s.XXXXXX", name);
	if (n < 0 || (size_t)n >= sizeof(f->temp))
		return err_set(err, ENAMETOOLONG, "%s: the name is too long",
			       name);
	if (!lstat(name, &st))
		return err_set(
			err, EEXIST,
			"%s is there already; remove it first, so "
			"that an old image is not taken for the stream's",
			name);
	return 0;
}

/* ---- commands ---- */

static int append(const char *name, const struct sink *copy, struct err *err)
{
	int in = STDIN_FILENO, out = STDOUT_FILENO, fd, rc;
	struct source from = {read_fd, &in}, image = {read_fd, &fd};
	struct sink to = {write_fd, &out};
	struct stat st;

	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		return err_set(err, EIO, "%s: %s", name, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, EIO,
			       "%s: not a regular file; the image's length "
			       "must be known in advance",
			       name);
	rc = stream_append(&from, &image, (uint64_t)st.st_size,
			   copy ? copy : &to, &to, err);
	close(fd);
	return rc;
}

static int run_append(const char *name, struct err *err)
{
	return append(name, NULL, err);
}

static int run_behind(const char *name, struct err *err)
{
	const struct sink nothing = {write_nothing, NULL};

	return append(name, &nothing, err);
}

static int run_split(const char *name, struct err *err)
{
	int in = STDIN_FILENO, out = STDOUT_FILENO, rc;
	struct file file;
	struct source from = {read_fd, &in};
	struct sink to = {write_fd, &out}, image = {write_file, &file};
	struct stream_found found;

	rc = file_init(&file, name, err);
	if (rc)
		return rc;
	rc = stream_split(&from, &to, &image, &found, err);
	if (rc) {
		file_finish(&file, false, NULL);
		return rc;
	}
	return file_finish(&file, true, err);
}

static int run_check(const char *name, struct err *err)
{
	int in = STDIN_FILENO, rc;
	struct source from = {read_fd, &in};
	struct sink nothing = {write_nothing, NULL};
	struct stream_found found;

	(void)name;
	rc = stream_split(&from, &nothing, &nothing, &found, err);
	if (rc)
		return rc;
	printf("stream: %" PRIu64 " bytes\n", found.stream_len);
	if (found.image)
		printf("image: %" PRIu64 " bytes\n", found.image_len);
	else
		printf("image: none\n");
	if (ferror(stdout) | fclose(stdout))
		return err_set(err, EIO, "write: %s", strerror(errno));
	return 0;
}

static const struct command {
	const char *name, *args, *redirections, *text;
	int (*run)(const char *name, struct err *err);
} commands[] = {
	{"append", "IMAGE", "<STREAM >OUT",
	 "copy a saved domain and append the file IMAGE", run_append},
	{"behind", "IMAGE", "<FILE >>FILE",
	 "write only what append adds to the saved domain", run_behind},
	{"split", "IMAGE", "<IN >STREAM",
	 "copy the saved domain and put its image, if any, into the new file "
	 "IMAGE",
	 run_split},
	{"check", "", "<IN", "check a saved domain and its image, if any",
	 run_check},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void usage(FILE *to)
{
	const struct command *c;

	fprintf(to, "Usage: xs-stream COMMAND [IMAGE] <INPUT >OUTPUT\n\n"
		    "Appends the image of a domain's xenstore to what xl save "
		    "wrote, and takes it off\nagain.\n\nCommands:\n");
	for (c = commands; c < commands + COMMANDS; c++)
		fprintf(to, "  %s %s%s%s\n      %s\n", c->name, c->args,
			*c->args ? " " : "", c->redirections, c->text);
	fprintf(to,
		"\nOptions:\n"
		"  -h, --help     show this help, and exit\n"
		"  -V, --version  show the version, and exit\n\n"
		"Exit code: 0 good, 1 the stream or the image is damaged, 2 "
		"anything else went\nwrong.\n");
}

static int run(const struct command *c, const char *image)
{
	struct err err;
	int rc = c->run(image, &err);

	if (!rc)
		return 0;
	fprintf(stderr, "xs-stream: %s\n", err.text);
	return rc == EINVAL ? EXIT_BAD : EXIT_TROUBLE;
}

static bool is_option(int argc, char **argv, const char *letter,
		      const char *name)
{
	return argc == 2 &&
	       (!strcmp(argv[1], letter) || !strcmp(argv[1], name));
}

int main(int argc, char **argv)
{
	bool help = is_option(argc, argv, "-h", "--help");
	const struct command *c;

	if (stdfd_reserve())
		return EXIT_TROUBLE;
	signal(SIGPIPE, SIG_IGN); /* a reader that is gone is an error */
	if (help || is_option(argc, argv, "-V", "--version")) {
		if (help)
			usage(stdout);
		else
			puts("xs-stream " XENSTORED_VERSION);
		return ferror(stdout) | fclose(stdout) ? EXIT_TROUBLE : 0;
	}
	for (c = commands; c < commands + COMMANDS; c++)
		if (argc == 2 + (*c->args != 0) && !strcmp(argv[1], c->name))
			return run(c, argv[2]);
	usage(stderr);
	return EXIT_TROUBLE;
}
