/* SPDX-License-Identifier: GPL-2.0-or-later */
/* migrate: see migrate.h.  Called by main.c. */
#include "migrate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "help.h"
#include "link.h"
#include "update.h"

#define WORDS_MAX 48
#define FOLDER	  "/var/lib/xen/xenstore"
#define COPY_SIZE 65536

struct words {
	const char *w[WORDS_MAX];
	int n;
};

bool migrate_is(const char *command)
{
	return !strncmp(command, "migrate-", 8) ||
	       !strcmp(command, "save-image");
}

static int usage(const char *command)
{
	help_usage(command);
	return EXIT_USAGE;
}

static bool takes_argument(const char *option)
{
	return !strcmp(option, "--add") || !strcmp(option, "--leave-out") ||
	       !strcmp(option, "--evtchn");
}

/*
 * Puts the options first, as the daemon expects them; up to two other arguments
 * go to rest, their number to *ret_rest.  Returns -1 if there are more.
 */
static int sort_words(int argc, char **argv, struct words *words,
		      const char **rest, int *ret_rest)
{
	int i, n = 0;

	words->w[words->n++] = argv[0];
	for (i = 1; i < argc; i++) {
		bool option = !strncmp(argv[i], "--", 2);

		if (words->n + 3 > WORDS_MAX)
			return -1;
		if (!option && n < 2)
			rest[n++] = argv[i];
		else if (!option)
			return -1;
		else
			words->w[words->n++] = argv[i];
		if (option && takes_argument(argv[i])) {
			if (++i == argc)
				return -1;
			words->w[words->n++] = argv[i];
		}
	}
	*ret_rest = n;
	return 0;
}

/* Sends the command and prints the reply unless it is OK. */
static int ask(const struct words *words, uint64_t wait_ms)
{
	struct reply reply;
	struct link link;
	int rc;

	if (link_open_or_print(&link))
		return EXIT_LOCAL;
	rc = link_command(&link, words->w, words->n, wait_ms, NULL, &reply);
	link_close(&link);
	if (rc) {
		fprintf(stderr, "%s.\n", link_strerror(rc));
		return EXIT_DAEMON;
	}
	if (!reply.error && !strcmp(reply.text, "OK"))
		return 0;
	if (reply.error == EINVAL)
		fprintf(stderr,
			"%s: not understood by this xenstored (unknown, "
			"or wrong arguments).\n",
			words->w[0]);
	else if (reply.error)
		fprintf(stderr, "%s: %s.\n", words->w[0],
			reply.error == ENOENT ? "that domain is not introduced"
					      : strerror(reply.error));
	else
		fprintf(stderr, "%s: %s; nothing changed.\n", words->w[0],
			reply.text);
	return EXIT_DAEMON;
}

/* ---- files ---- */

static int copy(int from, int to)
{
	static char buf[COPY_SIZE];
	ssize_t n, done, put;

	while ((n = read(from, buf, sizeof(buf))) > 0)
		for (done = 0; done < n; done += put) {
			put = write(to, buf + done, (size_t)(n - done));
			if (put <= 0)
				return errno ? errno : EIO;
		}
	return n < 0 ? errno : 0;
}

/* Creates a file in a directory where only root can write. */
static int temporary(char *path, size_t size)
{
	int fd;

	snprintf(path, size, FOLDER "/image.XXXXXX");
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0) {
		snprintf(path, size, "/run/xenstore-image.XXXXXX");
		fd = mkostemp(path, O_CLOEXEC);
	}
	if (fd < 0) {
		fprintf(stderr, "Cannot create the temporary file %s: %s\n",
			path, strerror(errno));
		*path = '\0';
	}
	return fd;
}

static int save_to_stdout(struct words *words, uint64_t wait_ms)
{
	char path[64];
	int fd = temporary(path, sizeof(path)), rc;

	if (fd < 0)
		return EXIT_LOCAL;
	close(fd);
	words->w[words->n++] = path;
	rc = ask(words, wait_ms);
	fd = rc ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (!rc && (fd < 0 || copy(fd, STDOUT_FILENO))) {
		perror("Cannot write the image");
		rc = EXIT_LOCAL;
	}
	if (fd >= 0)
		close(fd);
	unlink(path);
	return rc;
}

static int restore_from_stdin(struct words *words, uint64_t wait_ms)
{
	char path[64];
	int fd = temporary(path, sizeof(path)), rc;

	if (fd < 0)
		return EXIT_LOCAL;
	rc = copy(STDIN_FILENO, fd);
	if (close(fd) && !rc)
		rc = errno;
	if (rc)
		fprintf(stderr, "Cannot read the image: %s\n", strerror(rc));
	words->w[words->n++] = path;
	rc = rc ? EXIT_LOCAL : ask(words, wait_ms);
	unlink(path);
	return rc;
}

/* Makes the path absolute: the daemon has another working directory. */
static int with_file(struct words *words, const char *file, uint64_t wait_ms)
{
	char *here = NULL, *path = NULL;
	int rc;

	if (file[0] != '/') {
		here = getcwd(NULL, 0);
		if (!here || asprintf(&path, "%s/%s", here, file) < 0) {
			perror(file);
			free(here);
			return EXIT_LOCAL;
		}
	}
	words->w[words->n++] = path ? path : file;
	rc = ask(words, wait_ms);
	free(path);
	free(here);
	return rc;
}

int migrate_run(int argc, char **argv, uint64_t wait_ms)
{
	bool save = !strcmp(argv[0], "migrate-save");
	bool restore = !strcmp(argv[0], "migrate-restore");
	struct words words = {.n = 0};
	const char *rest[2], *file = "-";
	int n;

	if (sort_words(argc, argv, &words, rest, &n))
		return usage(argv[0]);
	if (!strcmp(argv[0], "save-image"))
		return n == 1 ? with_file(&words, rest[0], wait_ms)
			      : usage(argv[0]);
	if (restore ? n > 1 : n < 1 || n > 1 + save)
		return usage(argv[0]);
	if (!restore)
		words.w[words.n++] = rest[0];
	if (!save && !restore)
		return ask(&words, wait_ms);
	if (n == 1 + save)
		file = rest[save];
	if (strcmp(file, "-"))
		return with_file(&words, file, wait_ms);
	return save ? save_to_stdout(&words, wait_ms)
		    : restore_from_stdin(&words, wait_ms);
}
