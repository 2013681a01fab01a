/* SPDX-License-Identifier: GPL-2.0-or-later */
/* load: see load.h. The workers that run rounds by themselves. */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VALUE_MAX 2000u /* a guest's node may have 2048 bytes */

const char *at(struct worker *w, const char *leaf)
{
	static char path[LINK_PATH];

	snprintf(path, sizeof(path), "%s/%s", w->base, leaf);
	return path;
}

int put(struct worker *w, uint32_t tx, const char *leaf, uint64_t value)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	int rc = link_write(&w->link, tx, at(w, leaf), text, (size_t)n);

	if (rc && rc != ENOENT)
		finding(w->tally, "write %s: %s", leaf, strerror(rc));
	return rc;
}

int expect(struct worker *w, uint32_t tx, const char *leaf, uint64_t value)
{
	char have[XENSTORE_PAYLOAD_MAX + 1], want[24];
	int rc = link_path(&w->link, XS_READ, tx, at(w, leaf), have, NULL);

	if (rc == ENOENT)
		return rc;
	if (rc)
		finding(w->tally, "read %s: %s", leaf, strerror(rc));
	snprintf(want, sizeof(want), "%llu", (unsigned long long)value);
	if (strcmp(have, want) != 0)
		finding(w->tally, "%s: seen \"%.30s\", expected %s", leaf, have,
			want);
	return 0;
}

uint32_t tx_start(struct worker *w)
{
	char id[XENSTORE_PAYLOAD_MAX + 1];
	int rc = link_ask(&w->link, XS_TRANSACTION_START, 0, "", 1, id, NULL);

	if (rc)
		finding(w->tally, "transaction start: %s", strerror(rc));
	return (uint32_t)strtoul(id, NULL, 10);
}

int tx_end(struct worker *w, uint32_t tx, bool commit)
{
	int rc = link_path(&w->link, XS_TRANSACTION_END, tx, commit ? "T" : "F",
			   NULL, NULL);

	if (rc && rc != EAGAIN && rc != ENOENT)
		finding(w->tally, "transaction end: %s", strerror(rc));
	if (rc == EAGAIN)
		w->tally->again++;
	return rc;
}

#define REST_US 20000

bool is_set(const uint32_t *flag)
{
	return __atomic_load_n(flag, __ATOMIC_ACQUIRE);
}

static void rest(struct worker *w)
{
	if (!is_set(&w->shared->rest))
		return;
	__atomic_fetch_add(&w->shared->resting, 1, __ATOMIC_RELEASE);
	while (is_set(&w->shared->rest))
		usleep(REST_US);
	__atomic_fetch_sub(&w->shared->resting, 1, __ATOMIC_RELEASE);
}

/* A round is over; after ENOENT everything starts again. */
static void round_done(struct worker *w, int rc, uint64_t *n)
{
	if (rc == ENOENT) {
		w->tally->resets++;
		*n = 0;
	}
	__atomic_fetch_add(&w->tally->rounds, 1, __ATOMIC_RELEASE);
	usleep(w->pause_us);
}

/* ---- values: reads return what was written, at any length ---- */

static int big_value(struct worker *w, uint64_t n)
{
	char value[VALUE_MAX], have[XENSTORE_PAYLOAD_MAX + 1];
	size_t len = (size_t)(n * 127 % VALUE_MAX), have_len, i;
	int rc;

	for (i = 0; i < len; i++)
		value[i] = (char)(n + i * 31);
	rc = link_write(&w->link, 0, at(w, "big"), value, len);
	if (!rc)
		rc = link_path(&w->link, XS_READ, 0, at(w, "big"), have,
			       &have_len);
	if (rc == ENOENT)
		return rc;
	if (rc || have_len != len || memcmp(have, value, len) != 0)
		finding(w->tally, "a value of %zu bytes differs: %s", len,
			rc ? strerror(rc) : "bytes differ");
	return 0;
}

static int listing(struct worker *w)
{
	static const char want[] = "one\0two";
	char have[XENSTORE_PAYLOAD_MAX + 1];
	size_t len;
	int rc = put(w, 0, "dir/one", 1);

	if (!rc)
		rc = put(w, 0, "dir/two", 2);
	if (!rc)
		rc = link_path(&w->link, XS_DIRECTORY, 0, at(w, "dir"), have,
			       &len);
	if (!rc && (len != sizeof(want) || memcmp(have, want, len) != 0))
		finding(w->tally, "a listing differs");
	if (!rc)
		rc = link_path(&w->link, XS_RM, 0, at(w, "dir"), NULL, NULL);
	if (rc)
		return rc;
	rc = link_path(&w->link, XS_READ, 0, at(w, "dir/one"), have, NULL);
	if (rc != ENOENT)
		finding(w->tally, "a removed node still exists");
	return 0;
}

static void run_values(struct worker *w)
{
	uint64_t n = 0;
	int rc;

	for (;;) {
		rc = n ? expect(w, 0, "counter", n) : 0;
		if (!rc)
			rc = put(w, 0, "counter", ++n);
		if (!rc)
			rc = expect(w, 0, "counter", n);
		if (!rc)
			rc = big_value(w, n);
		if (!rc && n % 8 == 0)
			rc = listing(w);
		round_done(w, rc, &n);
	}
}

/* ---- tx: all or nothing, invisible until the commit ---- */

/* In an open transaction: a is n and becomes n + 1, and so does b. */
static int tx_body(struct worker *w, uint32_t tx, uint64_t n)
{
	int rc = expect(w, tx, "a", n);

	if (!rc)
		rc = put(w, tx, "a", n + 1);
	if (!rc)
		rc = put(w, tx, "b", n + 1);
	if (!rc)
		rc = expect(w, 0, "a", n);
	if (!rc)
		rc = expect(w, tx, "b", n + 1);
	return rc;
}

static void run_tx(struct worker *w)
{
	uint64_t n = 0, round = 0;
	uint32_t tx;
	bool commit;
	int rc, end;

	for (;; round++) {
		rest(w);
		rc = n ? 0 : put(w, 0, "a", 0);
		if (!rc && !n)
			rc = put(w, 0, "b", 0);
		tx = tx_start(w);
		if (!rc)
			rc = tx_body(w, tx, n);
		commit = !rc && round % 3 != 2;
		end = tx_end(w, tx, commit);
		if (!rc && !end && commit)
			n++;
		if (!rc && end != EAGAIN)
			rc = end;
		if (!rc)
			rc = expect(w, 0, "a", n);
		if (!rc)
			rc = expect(w, 0, "b", n);
		round_done(w, rc, &n);
	}
}

/* ---- watch: one event for each change, and for each new watch ---- */

static void next_event(struct worker *w, const char *want, const char *token)
{
	char path[LINK_PATH], have[LINK_PATH];

	for (;;) {
		link_event(&w->link, true, path, have);
		if (!strcmp(path, want) && !strcmp(have, token))
			return;
		/* a restored guest's kernel sets its watches again */
		w->tally->extra++;
	}
}

static void watch(struct worker *w, uint32_t type, const char *token)
{
	int rc = link_watch(&w->link, type, at(w, "seen"), token);

	if (rc)
		finding(w->tally, "watch or unwatch: %s", strerror(rc));
}

/* Events name the node, so a lost or duplicated one is noticed. */
static void run_watch(struct worker *w)
{
	char leaf[32];
	uint64_t n = 0;
	int rc;

	watch(w, XS_WATCH, "stays");
	next_event(w, at(w, "seen"), "stays");
	for (;;) {
		rest(w);
		snprintf(leaf, sizeof(leaf), "seen/%llu",
			 (unsigned long long)n++ % 7);
		rc = put(w, 0, leaf, n);
		next_event(w, at(w, leaf), "stays");
		watch(w, XS_WATCH, "goes");
		next_event(w, at(w, "seen"), "goes");
		if (!rc)
			rc = expect(w, 0, leaf, n);
		watch(w, XS_UNWATCH, "goes");
		if (!rc)
			rc = link_path(&w->link, XS_RM, 0, at(w, leaf), NULL,
				       NULL);
		if (!rc)
			next_event(w, at(w, leaf), "stays");
		if (rc && rc != ENOENT)
			finding(w->tally, "rm: %s", strerror(rc));
		round_done(w, rc, &n);
	}
}

const struct worker_kind worker_kinds[WORKERS] = {
	{"values", true, false, run_values},
	{"tx", true, true, run_tx},
	{"watch", true, true, run_watch},
	{"hold", false, false, run_hold},
};
