/* SPDX-License-Identifier: GPL-2.0-or-later */
/* story-run: the state of a running story; shared only by story*.c. */
#ifndef STORY_RUN_H
#define STORY_RUN_H

#include "base/list.h"
#include "daemon.h"
#include "script-host.h"
#include "story.h"

#define STORY_WORDS 1100
#define STORY_REST  "..." /* stands for any rest of a reply */

/* One word of a line, with quotes and variables resolved. */
struct word {
	char *p; /* NUL-terminated */
	size_t len;
	bool bare;   /* no quotes: may be a keyword */
	bool no_nul; /* written as =word: no NUL is added on the wire */
	char *var;   /* unset $name: takes the value seen */
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
	bool look;	/* ring: has work without an event */
	bool bytewise;	/* daemon and update after each byte */
	bool deaf;	/* what it receives is not checked */
	bool silent;	/* ring: sends no events, polls */
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
	bool ticked; /* time has passed: the daemon wakes up once */
	const char *file;
	unsigned int line;
	const char *text; /* of the line, unchanged */
	enum story_mode mode;
	struct script_host *h;
	struct daemon *d;
	struct log log;
	struct sh_bytes lines; /* everything logged */
	size_t lines_seen;     /* bytes of it, up to the last line found */
	struct list peers, vars;
	bool hold;	       /* the daemon does not run now */
	bool round;	       /* held, except for one round now */
	bool no_updates;       /* nor is it updated */
	struct beside *beside; /* story-beside.c: a successor being loaded */
	unsigned int slice;    /* mode beside: where the next walk stops */
	struct story_result *ret;
	const void *ret_ctx;
	char *failed;
};

/* Records an error at this line; only the first counts. Returns 1. */
int run_fail(struct run *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Bytes in readable form; talloc memory of r. */
char *run_bytes(struct run *r, const void *p, size_t len);

/*
 * story-tell.c: calls line() with the words of each line that has any; repeats
 * loops. Ends at the first that does not return 0.
 */
int story_lines(struct run *r, const char *text,
		int (*line)(struct run *r, struct word *w, int n));
/* PEER> request, PEER< reply or event; -1 if it is neither. */
int run_message(struct run *r, struct word *w, int n);

/* story-words.c: each returns 0, or 1 after run_fail */
int words_split(struct run *r, const char *text, struct word *w, int *ret_n);
bool word_is(const struct word *w, const char *text);
int word_number(struct run *r, const struct word *w, uint64_t *ret);
void var_set(struct run *r, const char *name, const char *p, size_t len);
const struct var *var_get(const struct run *r, const char *name);

/* story-message.c */
struct peer *peer_find(struct run *r, const char *name);
struct peer *peer_new(struct run *r, const char *name);
/* Makes and sends a request; with part only its first bytes. */
int peer_request(struct run *r, struct peer *p, struct word *w, int n,
		 size_t part);
int peer_expect(struct run *r, struct peer *p, struct word *w, int n);
/* Removes the next whole message; false if there is none. */
bool peer_take(struct run *r, struct peer *p, uint32_t hdr[4], char **ret_body);
char *peer_message_text(struct run *r, const uint32_t hdr[4], const char *body);
/* Whether the word is an error's name. */
bool word_is_error(const struct word *w);

/* story-common.c: verbs common to all runners; -1 if it is none of them */
int verb_common(struct run *r, struct word *w, int n);
int peer_verb_common(struct run *r, struct peer *p, struct word *w, int n);
/*
 * w: WORD (= | += | ==) VALUE. Sets, increases or compares a word of a ring
 * page, which others may be using.
 */
int ring_word(struct run *r, void *page, const struct word *w);
/* True if it is a comparison (==) that does not hold yet. */
bool ring_word_differs(struct run *r, void *page, const struct word *w);

/* story-peer.c, or its replacement */
void peer_restart(struct run *r, struct peer *p);
int peer_send(struct run *r, struct peer *p, const void *bytes, size_t n);
/* Waits for a message: an event or a reply. */
void peer_wait(struct run *r, struct peer *p, bool event);
/* Fails if something arrived that the story does not expect. */
int peer_silent(struct run *r, struct peer *p);
/* Moves bytes between the peers and the host; true if any moved. */
bool peers_pump(struct run *r);

/* story-verbs.c */
int verb_run(struct run *r, struct word *w, int n);

/* story-log.c: starts an empty log, or continues with its lines */
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

/* Whether others could notice a difference between the two. */
bool update_touched(const struct sh_effects *a, const struct sh_effects *b);

/* story-beside.c: each returns 0, or 1 after run_fail */
int beside_begin(struct run *r);
/* n slices of the walk, of `work` units each; fewer if it ends. */
int beside_slices(struct run *r, unsigned int n, uint64_t work);
bool beside_all(const struct run *r);
/* Finishes the walk; then the successor is the daemon. */
int beside_cut(struct run *r);
/* Makes it from what a command has sent. */
int beside_from(struct run *r);
/* Gives up the successor, if there is one. */
void beside_drop(struct run *r);
/* The modes, after each line. */
int beside_each_line(struct run *r);
int beside_sliced(struct run *r);

/* story.c: lets the daemon run until it is idle. */
int run_settle(struct run *r);
/* After a line or a part of one: settles, then does what the mode asks. */
int run_step(struct run *r);
int run_check(struct run *r);

#endif
