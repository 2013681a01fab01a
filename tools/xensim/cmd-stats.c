/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `xensim stats` and `xensim wait`: let scripts wait for guests and daemons
 * instead of sleeping for a guessed time.  Knows guest-stats.h, no hypervisor.
 * Used by main.c.
 */
#include "cmd.h"
#include "guest-stats.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define POLL_MS 10

#define FIELD(name) #name, offsetof(struct guest_stats, name)

static const struct field {
	const char *name;
	size_t offset;
} fields[] = {
	{FIELD(state)},		 {FIELD(sent)},		  {FIELD(answered)},
	{FIELD(lost)},		 {FIELD(duplicated)},	  {FIELD(wrong)},
	{FIELD(tx_committed)},	 {FIELD(tx_again)},	  {FIELD(tx_lost)},
	{FIELD(tx_open)},	 {FIELD(events)},	  {FIELD(events_lost)},
	{FIELD(events_surplus)}, {FIELD(events_refired)}, {FIELD(reconnects)},
	{FIELD(refused)},	 {FIELD(gap_max_us)},	  {FIELD(outstanding)},
	{FIELD(latency_max_us)},
};

#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))

static void nap(void)
{
	struct timespec ts = {.tv_nsec = POLL_MS * 1000000l};

	(void)nanosleep(&ts, NULL);
}

/* Map a guest's numbers.  NULL: no such file, or not yet initialised. */
static struct guest_stats *map_stats(const char *file)
{
	struct guest_stats *stats;
	struct stat st;
	int fd = open(file, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) || st.st_size < (off_t)sizeof(*stats)) {
		close(fd);
		return NULL;
	}
	stats = mmap(NULL, sizeof(*stats), PROT_READ | PROT_WRITE, MAP_SHARED,
		     fd, 0);
	close(fd);
	if (stats == MAP_FAILED)
		return NULL;
	if (__atomic_load_n(&stats->magic, __ATOMIC_ACQUIRE) ==
	    GUEST_STATS_MAGIC)
		return stats;
	munmap(stats, sizeof(*stats));
	return NULL;
}

static uint64_t field_of(struct guest_stats *stats, const struct field *field)
{
	const char *base = (const char *)stats;

	return __atomic_load_n(
		(const uint64_t *)(const void *)(base + field->offset),
		__ATOMIC_RELAXED);
}

static const struct field *field_named(const char *name)
{
	size_t i;

	for (i = 0; i < FIELD_COUNT; i++)
		if (!strcmp(fields[i].name, name))
			return &fields[i];
	return NULL;
}

/* Whether the total is the largest number, not the sum. */
static bool is_maximum(const char *name)
{
	return strstr(name, "_max_") || !strcmp(name, "state");
}

static int print_stats(int count, char **files)
{
	uint64_t total[FIELD_COUNT] = {0};
	struct guest_stats *stats;
	int i, ret = 0;
	size_t f;

	for (i = 0; i < count; i++) {
		stats = map_stats(files[i]);
		if (!stats) {
			fprintf(stderr, "xensim: %s: not a guest's numbers\n",
				files[i]);
			ret = 1;
			continue;
		}
		for (f = 0; f < FIELD_COUNT; f++) {
			uint64_t value = field_of(stats, &fields[f]);

			if (!is_maximum(fields[f].name))
				total[f] += value;
			else if (value > total[f])
				total[f] = value;
		}
		if (stats->text[0])
			printf("text domid %" PRIu64 ": %.255s\n", stats->domid,
			       stats->text);
		munmap(stats, sizeof(*stats));
	}
	for (f = 0; f < FIELD_COUNT; f++)
		printf("%s %" PRIu64 "\n", fields[f].name, total[f]);
	return ret;
}

/* Reset the longest gaps. */
static int reset_gaps(int count, char **files)
{
	struct guest_stats *stats;
	int i;

	for (i = 0; i < count; i++) {
		stats = map_stats(files[i]);
		if (!stats)
			continue;
		__atomic_exchange_n(&stats->gap_max_us, 0, __ATOMIC_SEQ_CST);
		munmap(stats, sizeof(*stats));
	}
	return 0;
}

/*
 * Wait until @field of every file has grown by @more: at most a minute for
 * each, and not for a guest that has ended.
 */
static int wait_grow(const struct field *field, uint32_t more, int count,
		     char **files)
{
	int i, tries;

	for (i = 0; i < count; i++) {
		struct guest_stats *stats = NULL;
		uint64_t goal = UINT64_MAX;

		for (tries = 0; tries < 60000 / POLL_MS; tries++) {
			if (!stats)
				stats = map_stats(files[i]);
			if (stats && goal == UINT64_MAX)
				goal = field_of(stats, field) + more;
			if (stats && field_of(stats, field) >= goal)
				break;
			if (stats && field_of(stats, &fields[0]) >= GUEST_DONE)
				tries = 60000;
			nap();
		}
		if (stats)
			munmap(stats, sizeof(*stats));
		if (tries >= 60000 / POLL_MS) {
			fprintf(stderr, "xensim: %s: %s did not grow by %u\n",
				files[i], field->name, more);
			return 1;
		}
	}
	return 0;
}

int cmd_stats(int argc, char **argv)
{
	const struct field *field;
	uint32_t more;

	if (!strcmp(argv[1], "--reset-gap"))
		return reset_gaps(argc - 2, argv + 2);
	if (strcmp(argv[1], "--wait") != 0)
		return print_stats(argc - 1, argv + 1);
	field = argc > 4 ? field_named(argv[2]) : NULL;
	if (!field || sim_parse_u32(argv[3], UINT32_MAX, &more)) {
		fprintf(stderr,
			"Usage: xensim stats --wait FIELD N FILES...\n");
		return 2;
	}
	return wait_grow(field, more, argc - 4, argv + 4);
}

static bool answers(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok;

	if (fd < 0)
		return false;
	ok = (size_t)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s",
			      path) < sizeof(addr.sun_path) &&
	     !connect(fd, (const struct sockaddr *)&addr, sizeof(addr));
	close(fd);
	return ok;
}

/* Wait until a daemon listens on the Unix socket PATH. */
int cmd_wait(int argc, char **argv)
{
	uint32_t seconds = 30, tries;

	if (argc > 2 && sim_parse_u32(argv[2], 86400, &seconds)) {
		fprintf(stderr, "xensim: %s: not a number of seconds\n",
			argv[2]);
		return 2;
	}
	for (tries = 0; tries <= seconds * 1000 / POLL_MS; tries++) {
		if (answers(argv[1]))
			return 0;
		nap();
	}
	fprintf(stderr, "xensim: nobody listens on %s after %u s\n", argv[1],
		seconds);
	return 1;
}
