/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link: one connection to the store that exchanges plain messages, through the
 * kernel's /dev/xen/xenbus (and so through its ring) or a socket in dom0. One
 * request is in flight at a time, and each reply must match it. Independent of
 * the tests. Called by load*.c and, with counts of its own, by rig.c.
 */
#ifndef XEN_LINK_H
#define XEN_LINK_H

#include <errno.h> /* needed by xs_wire.h */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/io/xs_wire.h>

#define LINK_DEVICE "/dev/xen/xenbus"
#define LINK_EVENTS 64
#define LINK_PATH   256

/* What one worker has counted, in memory shared with its parent. */
struct tally {
	uint32_t rounds, requests, events;
	uint32_t again, extra, resets; /* refused commits, surplus events */
	uint32_t gap_ms;	       /* the slowest recent reply */
	uint32_t failed;
	uint64_t since_ms; /* of the request in flight, or 0 */
	char name[16], text[160];
};

struct link {
	int fd;
	bool device; /* the kernel answers some requests by itself */
	uint32_t req_id;
	struct tally *tally;
	struct {
		char path[LINK_PATH], token[LINK_PATH];
	} events[LINK_EVENTS];
	unsigned int first_event, nevents;
};

/*
 * Prints an error on the console, records it in @t and ends the process: after
 * a wrong reply nothing else can be believed.
 */
_Noreturn void finding(struct tally *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

uint64_t now_ms(void);

/* Opens the device or, for another @path, the socket there. */
void link_open(struct link *l, const char *path, struct tally *t);

/*
 * Sends a request and waits for its reply, which has at most
 * XENSTORE_PAYLOAD_MAX bytes. It is copied to @reply (or NULL) with a NUL
 * appended, its length to @ret_len (or NULL). Returns 0 or the daemon's errno;
 * any other reply is a finding.
 */
int link_ask(struct link *l, uint32_t type, uint32_t tx, const void *payload,
	     size_t len, char *reply, size_t *ret_len);

/* Waits for the next event; false if there is none and @wait is false. */
bool link_event(struct link *l, bool wait, char *path, char *token);

/* The same with strings: path, and path with value. */
int link_path(struct link *l, uint32_t type, uint32_t tx, const char *path,
	      char *reply, size_t *ret_len);
int link_write(struct link *l, uint32_t tx, const char *path, const void *value,
	       size_t len);
int link_watch(struct link *l, uint32_t type, const char *path,
	       const char *token);

#endif
