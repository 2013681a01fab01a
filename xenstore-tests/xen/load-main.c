/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * load-main: the first and only program of a test guest and, in dom0, the same
 * load from there. Starts the workers of load.c, watches over them, and reports
 * to dom0 through the store:
 *
 *   load                as a guest's init
 *   load PATH PREFIX    in dom0: PATH is /dev/xen/xenbus or a socket
 *
 * A word written to data/PREFIX/ping comes back in data/PREFIX/pong, followed
 * by the counts, once every busy worker has completed another round. Under the
 * name poweroff it powers the machine off, since the kernel runs that on
 * request.
 */
#include "load.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS	 1u	 /* of each worker before a ping is answered */
#define STUCK_MS 200000u /* a later reply counts as lost */
#define TICK_US	 20000
#define PAUSE_US 100000

static struct shared *shared;
static struct tally *tallies; /* its */
static const char *prefix = "load", *path = LINK_DEVICE;

static void start_worker(int i)
{
	struct worker w = {
		.shared = shared, .tally = &tallies[i], .pause_us = PAUSE_US};
	const struct worker_kind *kind = &worker_kinds[i];

	snprintf(w.tally->name, sizeof(w.tally->name), "%s", kind->name);
	fflush(stdout);
	if (fork())
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(w.base, sizeof(w.base), "data/%s/%s", prefix, kind->name);
	link_open(&w.link, path, w.tally);
	kind->run(&w);
	_exit(0);
}

/* NULL, or what is wrong with the load. */
static const char *look(void)
{
	static bool ended;
	uint64_t since;
	int i;

	ended = ended || waitpid(-1, NULL, WNOHANG) > 0;
	for (i = 0; i < WORKERS; i++) {
		since = __atomic_load_n(&tallies[i].since_ms, __ATOMIC_RELAXED);
		if (__atomic_load_n(&tallies[i].failed, __ATOMIC_ACQUIRE))
			return tallies[i].text;
		if (since && now_ms() - since > STUCK_MS)
			return "a request got no reply";
	}
	return ended ? "a worker has ended" : NULL;
}

static bool goes_round(int i)
{
	return worker_kinds[i].busy &&
	       !(worker_kinds[i].rests && is_set(&shared->rest));
}

/* Waits until every worker has done a round; returns NULL, or what is wrong. */
static const char *wait_rounds(void)
{
	uint32_t from[WORKERS];
	uint64_t begun = now_ms();
	const char *wrong = NULL;
	int i;

	for (i = 0; i < WORKERS; i++)
		from[i] = __atomic_load_n(&tallies[i].rounds, __ATOMIC_ACQUIRE);
	for (i = 0; i < WORKERS && !wrong; i++)
		while (goes_round(i) && !wrong &&
		       __atomic_load_n(&tallies[i].rounds, __ATOMIC_ACQUIRE) -
				       from[i] <
			       ROUNDS) {
			wrong = look();
			if (now_ms() - begun > STUCK_MS)
				wrong = "a worker makes no progress";
			usleep(TICK_US);
		}
	return wrong ? wrong : look();
}

static int report(char *text, size_t size, const char *word)
{
	struct tally sum = {0};
	const char *wrong = wait_rounds();
	int i;

	for (i = 0; i <= WORKERS; i++) {
		struct tally *t = &tallies[i];

		sum.requests += t->requests;
		sum.rounds += t->rounds;
		sum.events += t->events;
		sum.again += t->again;
		sum.extra += t->extra;
		sum.resets += t->resets;
		if (t->gap_ms > sum.gap_ms)
			sum.gap_ms = t->gap_ms;
		t->gap_ms = 0;
	}
	return snprintf(text, size,
			"%s requests=%u rounds=%u events=%u again=%u extra=%u "
			"resets=%u gap=%u wrong=%s",
			word, sum.requests, sum.rounds, sum.events, sum.again,
			sum.extra, sum.resets, sum.gap_ms,
			wrong ? wrong : "nothing");
}

/* Runs as long as the daemon replies. */
static _Noreturn void serve_pings(void)
{
	struct worker me = {.tally = &tallies[WORKERS]};
	char changed[LINK_PATH], token[LINK_PATH], text[512];
	char word[XENSTORE_PAYLOAD_MAX + 1], last[64] = "";
	int rc, n;

	snprintf(me.tally->name, sizeof(me.tally->name), "reporter");
	snprintf(me.base, sizeof(me.base), "data/%s", prefix);
	link_open(&me.link, path, me.tally);
	rc = link_watch(&me.link, XS_WATCH, at(&me, "ping"), "ping");
	if (rc)
		finding(me.tally, "watch: %s", strerror(rc));
	for (;;) {
		link_event(&me.link, true, changed, token);
		rc = link_path(&me.link, XS_READ, 0, at(&me, "ping"), word,
			       NULL);
		if (rc == ENOENT || (!rc && !strcmp(word, last)))
			continue;
		if (rc || strlen(word) >= sizeof(last))
			finding(me.tally, "ping: %s", strerror(rc));
		snprintf(last, sizeof(last), "%.63s", word);
		n = report(text, sizeof(text), last);
		printf("load: %s\n", text);
		rc = link_write(&me.link, 0, at(&me, "pong"), text, (size_t)n);
		if (rc)
			finding(me.tally, "pong: %s", strerror(rc));
	}
}

static void first_program(void)
{
	int fd;

	(void)mkdir("/dev", 0755);
	(void)mkdir("/proc", 0755);
	(void)mount("dev", "/dev", "devtmpfs", 0, NULL);
	(void)mount("proc", "/proc", "proc", 0, NULL);
	fd = open("/dev/console", O_RDWR);
	if (fd < 0)
		return;
	dup2(fd, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	/* with it the guest's kernel serves its side of disks */
	fd = open("/xen-blkfront.ko", O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && syscall(SYS_finit_module, fd, "", 0))
		perror("load: xen-blkfront");
}

int main(int argc, char **argv)
{
	size_t len = strlen(argv[0]);
	int i;

	if (len >= 8 && !strcmp(argv[0] + len - 8, "poweroff"))
		return reboot(RB_POWER_OFF);
	if (getpid() == 1)
		first_program();
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 3) {
		path = argv[1];
		prefix = argv[2];
	}
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED) {
		perror("load: memory");
		return 1;
	}
	tallies = shared->tallies;
	printf("load: begins\n");
	for (i = 0; i < WORKERS; i++)
		start_worker(i);
	serve_pings();
}
