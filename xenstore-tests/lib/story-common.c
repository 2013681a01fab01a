// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * story-common: verbs of a story that are the same for every runner: variables,
 * words of a ring page, requests in pieces, long listings. Called by the
 * runners' verbs.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "story-run.h"
#include "wire/wire.h"

/* set NAME WORD: sets a variable */
static int verb_set(struct run *r, struct word *w, int n)
{
	(void)n;
	var_set(r, w[1].p, w[2].p, w[2].len);
	return 0;
}

/* expect A (== | !=) B */
static int verb_expect(struct run *r, struct word *w, int n)
{
	bool same = w[1].len == w[3].len && !memcmp(w[1].p, w[3].p, w[1].len);

	(void)n;
	if (same == word_is(&w[2], "=="))
		return 0;
	return run_fail(r, "expected '%s' %s '%s'", w[1].p, w[2].p, w[3].p);
}

#define PAGE_WORD(word) #word, offsetof(struct sh_page, word)

static uint32_t *word_at(void *page, const char *name)
{
	static const struct {
		const char *name;
		size_t at;
	} words[] = {
		{PAGE_WORD(req_cons)},
		{PAGE_WORD(req_prod)},
		{PAGE_WORD(rsp_cons)},
		{PAGE_WORD(rsp_prod)},
		{PAGE_WORD(connection)},
		{PAGE_WORD(error)},
		{PAGE_WORD(evtchn_port)},
		{"features", offsetof(struct sh_page, server_features)},
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(words[i].name, name))
			return (uint32_t *)(void *)((char *)page + words[i].at);
	return NULL;
}

bool ring_word_differs(struct run *r, void *page, const struct word *w)
{
	uint32_t *at = word_at(page, w[0].p);
	uint64_t value;

	return at && word_is(&w[1], "==") && !word_number(r, &w[2], &value) &&
	       __atomic_load_n(at, __ATOMIC_SEQ_CST) != (uint32_t)value;
}

int ring_word(struct run *r, void *page, const struct word *w)
{
	uint32_t *at = word_at(page, w[0].p), is;
	uint64_t value;

	if (!at)
		return run_fail(r, "a ring has no word named %s", w[0].p);
	if (word_number(r, &w[2], &value))
		return 1;
	is = __atomic_load_n(at, __ATOMIC_SEQ_CST);
	if (word_is(&w[1], "="))
		__atomic_store_n(at, (uint32_t)value, __ATOMIC_SEQ_CST);
	else if (word_is(&w[1], "+="))
		__atomic_store_n(at, is + (uint32_t)value, __ATOMIC_SEQ_CST);
	else if (!word_is(&w[1], "=="))
		return run_fail(r, "%s?", w[1].p);
	else if (is != (uint32_t)value)
		return run_fail(r, "expected %s %s, seen %u", w[0].p, w[2].p,
				is);
	return 0;
}

static int peer_raw(struct run *r, struct peer *p, struct word *w, int n)
{
	int i, rc = 0;

	for (i = 2; i < n && !rc; i++)
		rc = peer_send(r, p, w[i].p, w[i].len);
	return rc;
}

/* NAME first N REQUEST...: sends only its first N bytes; NAME rest */
static int peer_first(struct run *r, struct peer *p, struct word *w, int n)
{
	uint64_t part;

	if (n < 4)
		return run_fail(r, "usage: NAME first N REQUEST");
	if (word_number(r, &w[2], &part))
		return 1;
	return peer_request(r, p, w + 3, n - 3, part);
}

static int peer_rest(struct run *r, struct peer *p, struct word *w, int n)
{
	int rc = peer_send(r, p, p->held.p, p->held.len);

	(void)w;
	(void)n;
	p->held.len = 0;
	return rc;
}

/* NAME deaf: what it receives from now on is not checked */
static int peer_deaf(struct run *r, struct peer *p, struct word *w, int n)
{
	(void)r;
	(void)w;
	(void)n;
	p->deaf = true;
	p->in.len = 0;
	list_init(&p->sent);
	return 0;
}

struct parts {
	size_t names, bytes, offset;
	char *gen;
	bool end;
};

/* Adds one reply of DIRECTORY_PART to the sums. */
static int add_part(struct run *r, struct parts *s, const uint32_t hdr[4],
		    const char *body)
{
	size_t pos = strnlen(body, hdr[3]) + 1;

	if (hdr[0] != WIRE_DIRECTORY_PART || pos > hdr[3])
		return run_fail(r, "not a part of a listing: %s",
				run_bytes(r, body, hdr[3]));
	if (s->gen && strcmp(s->gen, body))
		return run_fail(r, "the generation changed from %s to %s",
				s->gen, body);
	s->gen = talloc_strdup(r, body);
	while (pos < hdr[3]) {
		size_t len = strlen(body + pos);

		s->end = !len;
		s->names += !!len;
		s->bytes += len ? len + 1 : 0;
		pos += len + 1;
	}
	s->offset = s->bytes;
	return 0;
}

/* NAME parts PATH NAMES BYTES: reads the whole listing, part by part */
static int peer_parts(struct run *r, struct peer *p, struct word *w, int n)
{
	struct word req[3] = {{0}};
	struct parts sum = {0};
	uint64_t names, bytes;
	uint32_t hdr[4];
	char *body;

	if (n < 5 || word_number(r, &w[3], &names) ||
	    word_number(r, &w[4], &bytes))
		return run_fail(r, "usage: NAME parts PATH NAMES BYTES");
	req[0].p = talloc_strdup(r, "DIRECTORY_PART");
	req[1] = w[2];
	while (!sum.end) {
		req[2].p = talloc_asprintf(r, "%zu", sum.offset);
		req[2].len = strlen(req[2].p);
		if (peer_request(r, p, req, 3, SIZE_MAX) || run_step(r))
			return 1;
		peer_wait(r, p, false);
		if (!peer_take(r, p, hdr, &body))
			return run_fail(r, "DIRECTORY_PART got no reply");
		list_del(p->sent.next);
		if (add_part(r, &sum, hdr, body))
			return 1;
	}
	if (sum.names == names && sum.bytes == bytes)
		return 0;
	return run_fail(r, "expected %s names of %s bytes, seen %zu of %zu",
			w[3].p, w[4].p, sum.names, sum.bytes);
}

static const struct {
	const char *name;
	int words;
	int (*run)(struct run *r, struct word *w, int n);
} verbs[] = {
	{"set", 3, verb_set},
	{"expect", 4, verb_expect},
};

int verb_common(struct run *r, struct word *w, int n)
{
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (word_is(&w[0], verbs[i].name))
			return n < verbs[i].words
				       ? run_fail(r, "'%s' needs more words",
						  w[0].p)
				       : verbs[i].run(r, w, n);
	return -1;
}

static const struct {
	const char *name;
	int (*run)(struct run *r, struct peer *p, struct word *w, int n);
} peer_verbs[] = {
	{"sends", peer_raw}, {"first", peer_first}, {"rest", peer_rest},
	{"deaf", peer_deaf}, {"parts", peer_parts},
};

int peer_verb_common(struct run *r, struct peer *p, struct word *w, int n)
{
	size_t i;

	for (i = 0; i < sizeof(peer_verbs) / sizeof(peer_verbs[0]); i++)
		if (word_is(&w[1], peer_verbs[i].name))
			return peer_verbs[i].run(r, p, w, n);
	return -1;
}
