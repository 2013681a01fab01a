/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * load-hold: transactions that stay open as long as dom0 wants. In load.c's
 * table; rig.c gives orders through two nodes:
 *
 *   order = "hold N"   opens four transactions, sets done = "hold N"
 *   order = "end N"    ends them as they have to end, sets done = "end N"
 *   order = "rest N"   stops the workers that a save would harm
 *   order = "go N"     continues them
 *   order = "crash N"  crashes the kernel; only in a guest
 *
 * One is committed, one aborted, one conflicts with a write during the hold,
 * and one with a write before that.
 */
#include "load.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REST_LOOK_US 20000

enum {
	COMMIT,
	ABORT,
	LATE,
	EARLY,
	TXS
};
static const char *const names[TXS] = {"commit", "abort", "late", "early"};

static void must(struct worker *w, int rc, const char *what)
{
	if (rc)
		finding(w->tally, "%s: %s", what, strerror(rc));
}

static void hold(struct worker *w, uint32_t *txs, uint64_t n)
{
	int i;

	for (i = 0; i < TXS; i++) {
		must(w, put(w, 0, names[i], n), "before hold");
		txs[i] = tx_start(w);
		must(w, expect(w, txs[i], names[i], n), "hold");
		must(w, put(w, txs[i], names[i], n + 1), "hold");
	}
	must(w, put(w, 0, names[EARLY], n + 2), "hold");
}

static void end(struct worker *w, const uint32_t *txs, uint64_t n)
{
	static const uint64_t in[TXS] = {1, 1, 1, 1}, after[TXS] = {1, 0, 2, 2};
	int i, rc, want;

	must(w, put(w, 0, names[LATE], n + 2), "end");
	for (i = 0; i < TXS; i++) {
		want = i == LATE || i == EARLY ? EAGAIN : 0;
		must(w, expect(w, txs[i], names[i], n + in[i]),
		     "in the transaction");
		rc = tx_end(w, txs[i], i != ABORT);
		if (rc != want)
			finding(w->tally, "transaction %s ended with %d",
				names[i], rc);
		/* this one is meant */
		if (rc == EAGAIN)
			w->tally->again--;
		must(w, expect(w, 0, names[i], n + after[i]), "after the end");
	}
}

/* Skips everything the kernel does at a shutdown. */
static void crash(struct worker *w)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "c", 1) != 1)
		finding(w->tally, "cannot crash");
}

static void set_rest(struct worker *w, uint32_t rest)
{
	uint32_t want = 0;
	int i;

	for (i = 0; i < WORKERS; i++)
		want += rest && worker_kinds[i].rests;
	__atomic_store_n(&w->shared->rest, rest, __ATOMIC_RELEASE);
	while (__atomic_load_n(&w->shared->resting, __ATOMIC_ACQUIRE) != want)
		usleep(REST_LOOK_US);
}

void run_hold(struct worker *w)
{
	char path[LINK_PATH], token[LINK_PATH], word[16];
	char text[XENSTORE_PAYLOAD_MAX + 1], done[XENSTORE_PAYLOAD_MAX + 1];
	uint32_t txs[TXS];
	unsigned long long n;
	int rc;

	*done = '\0';
	must(w, link_watch(&w->link, XS_WATCH, at(w, "order"), "order"),
	     "watch");
	for (;;) {
		link_event(&w->link, true, path, token);
		rc = link_path(&w->link, XS_READ, 0, at(w, "order"), text,
			       NULL);
		if (rc == ENOENT || (!rc && !strcmp(text, done)))
			continue;
		must(w, rc, "order");
		if (sscanf(text, "%15s %llu", word, &n) != 2)
			finding(w->tally, "an unknown order \"%.40s\"", text);
		if (!strcmp(word, "hold"))
			hold(w, txs, n * 10);
		else if (!strcmp(word, "end"))
			end(w, txs, n * 10);
		else if (!strcmp(word, "rest") || !strcmp(word, "go"))
			set_rest(w, *word == 'r');
		else if (!strcmp(word, "crash"))
			crash(w);
		snprintf(done, sizeof(done), "%s", text);
		must(w,
		     link_write(&w->link, 0, at(w, "done"), text, strlen(text)),
		     "done");
		w->tally->rounds++;
	}
}
