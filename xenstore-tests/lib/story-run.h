/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * story-run: a story being told; shared by story*.c only.
 */
#ifndef STORY_RUN_H
#define STORY_RUN_H

#include "base/list.h"
#include "daemon.h"
#include "script-host.h"
#include "story.h"

#define STORY_WORDS 1100
#define STORY_REST  "..." /* a reply may go on as it likes */

/* One word of a line, its quotes and variables resolved. */
struct word {
	char *p; /* with a NUL behind it */
	size_t len;
	bool bare;   /* no quotes: may be a keyword */
	bool no_nul; /* written as =word: no NUL is added on the wire */
	char *var;   /* $name without a value yet: takes what comes */
};

struct sent {
	struct list next;
	uint32_t type, req_id, tx_id;
};

struct peer {
	struct list next;
	char *name;
	bool ring;
	int fd;		/* socket */
	uint16_t domid; /* ring */
	uint32_t port;	/* ring: its end of the event channel */
	bool look;	/* ring: has something to do without being told */
	bool bytewise;	/* one byte at a time, daemon and update between */
	bool deaf;	/* what it receives is not looked at */
	bool silent;	/* ring: sends no event, looks all the time */
	size_t takes;	/* ring: bytes that it still reads */
	struct sh_bytes out, held, in, log;
	struct list sent;
	uint32_t next_req;
	bool any_error; /* the next error was seen without its name */
	void *of_teller;
};

struct var {
	struct list next;
	char *name, *p;
	size_t len;
};

struct run {
	bool ticked; /* time has gone by: the daemon wakes up once */
	const char *file;
	unsigned int line;
	const char *text; /* of the line, as it stands */
	enum story_mode mode;
	struct script_host *h;
	struct daemon *d;
	struct log log;
	struct sh_bytes lines; /* all that was logged */
	size_t lines_seen;     /* bytes of it, up to the last line found */
	struct list peers, vars;
	bool hold;	 /* the daemon does not run now */
	bool round;	 /* held, but for one round now */
	bool no_updates; /* nor is it updated */
	struct story_result *ret;
	const void *ret_ctx;
	char *failed;
};

/* Remembers what is wrong at this line; the first one counts.  Returns 1. */
int run_fail(struct run *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Readable form of bytes; talloc memory of r. */
char *run_bytes(struct run *r, const void *p, size_t len);

/*
 * story-tell.c: calls line() with the words of each line that has some; loops
 * again and again.  Ends at the first that does not return 0.
 */
int story_lines(struct run *r, const char *text,
		int (*line)(struct run *r, struct word *w, int n));
/* PEER> request, PEER< reply or event; -1: neither. */
int run_message(struct run *r, struct word *w, int n);

/* story-words.c: all return 0 or 1 (run_fail) */
int words_split(struct run *r, const char *text, struct word *w, int *ret_n);
bool word_is(const struct word *w, const char *text);
int word_number(struct run *r, const struct word *w, uint64_t *ret);
void var_set(struct run *r, const char *name, const char *p, size_t len);
const struct var *var_get(const struct run *r, const char *name);

/* story-message.c */
struct peer *peer_find(struct run *r, const char *name);
struct peer *peer_new(struct run *r, const char *name);
/* Bytes of a request; sent at once or (part) only the first of them. */
int peer_request(struct run *r, struct peer *p, struct word *w, int n,
		 size_t part);
int peer_expect(struct run *r, struct peer *p, struct word *w, int n);
/* The next whole message, taken off; false when there is none. */
bool peer_take(struct run *r, struct peer *p, uint32_t hdr[4], char **ret_body);
char *peer_message_text(struct run *r, const uint32_t hdr[4], const char *body);
/* An error's name, as a reply is expected. */
bool word_is_error(const struct word *w);

/* story-common.c: verbs that are the same for every teller; -1: not one */
int verb_common(struct run *r, struct word *w, int n);
int peer_verb_common(struct run *r, struct peer *p, struct word *w, int n);
/*
 * w: WORD (= | += | ==) VALUE.  Sets, raises or looks at a word of a ring's
 * page, which somebody else may be at.
 */
int ring_word(struct run *r, void *page, const struct word *w);
/* It is to be looked at (==) and is not what is expected, yet. */
bool ring_word_differs(struct run *r, void *page, const struct word *w);

/* story-peer.c, or what stands for it */
void peer_restart(struct run *r, struct peer *p);
int peer_send(struct run *r, struct peer *p, const void *bytes, size_t n);
/* A message is looked for; an event or a reply. */
void peer_wait(struct run *r, struct peer *p, bool event);
/* Nothing has come that was not told of. */
int peer_silent(struct run *r, struct peer *p);
/* Moves bytes between the peers and the host; true if any moved. */
bool peers_pump(struct run *r);

/* story-verbs.c */
int verb_run(struct run *r, struct word *w, int n);

/* story-log.c: as at a start, with the lines that there are */
void story_log_init(struct run *r);
int verb_tracing(struct run *r, struct word *w, int n);
int verb_logged(struct run *r, struct word *w, int n);
int verb_unlogged(struct run *r, struct word *w, int n);
int peer_is(struct run *r, struct peer *p, struct word *w, int n);

/* story-update.c */
int update_now(struct run *r, bool big_endian, bool handoff);
int update_from(struct run *r, const struct sh_bytes *image);
int update_strip(struct run *r);
int update_truncate(struct run *r);
int update_dump(struct run *r, bool big_endian, bool bare,
		struct sh_bytes *ret);

/* story.c: lets the daemon run until nothing is left to do. */
int run_settle(struct run *r);
/* A line, or part of one, has been told: settle, then what the mode asks. */
int run_step(struct run *r);
int run_check(struct run *r);

#endif
