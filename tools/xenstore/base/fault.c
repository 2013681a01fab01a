/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fault: see fault.h. */
#include "base/fault.h"

#ifdef XENSTORED_FAULTS

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/parse.h"

#define WORDS_SIZE 512
#define COUNTED	   8

/* static data: this file is only in builds for tests */
static const char *only = "";
static struct {
	char words[WORDS_SIZE]; /* to which the counts belong */
	const char *at[COUNTED];
	uint32_t seen[COUNTED];
} counts;

void fault_only(const char *prefix)
{
	only = prefix;
}

/* The folder, or NULL if XENSTORED_FAULT holds the words themselves. */
static const char *folder(void)
{
	const char *dir = getenv("XENSTORED_FAULT");

	return dir && *dir == '/' ? dir : NULL;
}

static void read_words(char *words)
{
	const char *text = getenv("XENSTORED_FAULT"), *dir = folder();
	char name[4096];
	ssize_t n = 0;
	int fd;

	*words = '\0';
	if (!dir) {
		snprintf(words, WORDS_SIZE, "%s", text ? text : "");
		return;
	}
	snprintf(name, sizeof(name), "%s/fault", dir);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, words, WORDS_SIZE - 1);
		close(fd);
	}
	words[n > 0 ? n : 0] = '\0';
}

/* The end of the name in words, where "=", " " or a NUL follows; or NULL. */
static const char *find(const char *words, const char *name)
{
	size_t len = strlen(name), word;

	for (; *words; words += word) {
		words += strspn(words, " \n");
		word = strcspn(words, " \n");
		if (!strncmp(words, name, len) &&
		    (word == len || words[len] == '='))
			return words + len;
	}
	return NULL;
}

/* Not NULL if the word is set; *ret_n is its number, UINT32_MAX without one. */
static const char *due(const char *name, uint32_t *ret_n)
{
	static char words[WORDS_SIZE];
	char number[16];
	const char *at;

	if (strncmp(name, only, strlen(only)) != 0)
		return NULL;
	read_words(words);
	if (strcmp(words, counts.words) != 0) {
		memset(&counts, 0, sizeof(counts));
		memcpy(counts.words, words, sizeof(words));
	}
	at = find(counts.words, name);
	*ret_n = UINT32_MAX;
	if (at && *at == '=') {
		snprintf(number, sizeof(number), "%.*s",
			 (int)strcspn(at + 1, " \n"), at + 1);
		if (parse_u32(number, UINT32_MAX, ret_n))
			return NULL;
	}
	return at;
}

bool fault(const char *name)
{
	uint32_t n;
	const char *at = due(name, &n);
	size_t i = 0;

	if (!at || n == UINT32_MAX)
		return at;
	while (i < COUNTED - 1 && counts.at[i] && counts.at[i] != at)
		i++;
	counts.at[i] = at;
	return counts.seen[i]++ == n;
}

static uint32_t *volatile nowhere;

/* Recurses until the stack overflows. */
static uint32_t deeper(volatile uint32_t *above)
{
	volatile uint32_t here[256];

	here[0] = *above + 1;
	return here[0] ? deeper(here) + here[0] : 0;
}

/* Hangs with all signals blocked. */
static void deaf(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	for (;;)
		pause();
}

static void crash(const char *how)
{
	volatile uint32_t one = 1;

	if (!strcmp(how, "segv"))
		*nowhere = 1;
	else if (!strcmp(how, "stack"))
		one = deeper(&one);
	else if (!strcmp(how, "bus"))
		raise(SIGBUS);
	else if (!strcmp(how, "fpe"))
		raise(SIGFPE);
	else if (!strcmp(how, "ill"))
		raise(SIGILL);
	else if (!strcmp(how, "abort"))
		abort();
	else if (!strcmp(how, "exit"))
		exit(7);
	else if (!strcmp(how, "vanish"))
		_exit(7);
	else if (!strcmp(how, "kill"))
		raise(SIGKILL);
	else if (!strcmp(how, "deaf"))
		deaf();
	else
		for (;;)
			pause();
}

void fault_crash(const char *name)
{
	static const char *const how[] = {"segv", "stack",  "bus",  "fpe",
					  "ill",  "abort",  "exit", "hang",
					  "kill", "vanish", "deaf"};
	char text[64];
	size_t i;

	for (i = 0; i < sizeof(how) / sizeof(how[0]); i++) {
		snprintf(text, sizeof(text), "%s-%s", name, how[i]);
		if (fault(text))
			crash(how[i]);
	}
}

void fault_pause(const char *name)
{
	char text[4096];
	int fd;

	snprintf(text, sizeof(text), "%s-pause", name);
	if (!folder() || !fault(text))
		return;
	snprintf(text, sizeof(text), "%s/at-%s", folder(), name);
	fd = open(text, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	snprintf(text, sizeof(text), "%s/go", folder());
	do
		fd = open(text, O_RDONLY | O_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	while (fd >= 0 && read(fd, text, sizeof(text)) > 0)
		;
	if (fd >= 0)
		close(fd);
}

/* Faults of a successor before main(), as of its loader or a library. */
static __attribute__((constructor)) void before_main(void)
{
	if ((getenv("XENSTORED_HANDOFF") && !getenv("XENSTORED_RETURNED")) ||
	    getenv("XENSTORED_BESIDE"))
		fault_crash("loader");
}

/* ---- memory ---- */

#ifndef __SANITIZE_ADDRESS__ /* which brings its own allocator */

/* How many allocations succeed until one fails; -1: none fails. */
static int64_t left = -1;

void fault_memory(const char *name)
{
	char text[64];
	uint32_t n;

	left = -1;
	if (!name)
		return;
	snprintf(text, sizeof(text), "%s-memory", name);
	if (due(text, &n) && n != UINT32_MAX)
		left = n;
}

static bool fails(void)
{
	if (left < 0 || left--)
		return false;
	errno = ENOMEM;
	return true;
}

/* The C library's own, which the functions below replace. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	return fails() ? NULL : __libc_realloc(p, size);
}

#else
void fault_memory(const char *name)
{
	(void)name;
}
#endif

#else

/* C wants at least one declaration in a file. */
extern int fault_not_built;

#endif
