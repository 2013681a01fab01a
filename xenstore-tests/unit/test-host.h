/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-host: a whole daemon on a scripted host (lib/script-host.h), for unit
 * tests that count what it does.  One at a time.
 */
#ifndef TEST_HOST_H
#define TEST_HOST_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/buf.h"
#include "busy.h"
#include "state/state.h"
#include "script-host.h"
#include "store/store.h"
#include "transport/conn.h"
#include "wire/wire.h"

static struct test_host {
	struct script_host *h;
	struct daemon *d;
	struct config config;
	struct log log;
	char logged[1024]; /* the last line */
	/* called for each new daemon; or NULL */
	void (*prepare)(struct daemon *d);
} th;

static void th_log(void *arg, unsigned int sort, const char *line)
{
	(void)arg;
	(void)sort;
	snprintf(th.logged, sizeof(th.logged), "%s", line);
}

static void th_new_daemon(void)
{
	struct err err = {0};

	th.d = daemon_new(NULL, &th.h->host, &th.log, &th.config, &err);
	assert_non_null(th.d);
	if (th.prepare)
		th.prepare(th.d);
}

static inline void th_begin(void)
{
	struct host *h;

	th.h = sh_new(NULL, 1);
	th.log.put = th_log;
	log_want(&th.log, LOG_DEFAULT);
	th.logged[0] = '\0';
	h = &th.h->host;
	th_new_daemon();
	th.d->conns.rw_fd = SH_RW_FD;
	th.d->conns.ro_fd = SH_RO_FD;
	if (host_call(h, poll_add, SH_RW_FD, HOST_IN, DAEMON_TAG_RW) ||
	    host_call(h, poll_add, SH_RO_FD, HOST_IN, DAEMON_TAG_RO))
		fail_msg("no listening");
}

static inline void th_end(void)
{
	daemon_free(th.d);
	talloc_free(th.h);
	memset(&th, 0, sizeof(th));
}

/* Another daemon goes on with the state; returns the image's size. */
static inline size_t th_update(void)
{
	struct state_dump_options opt = {0};
	struct state_restored ret;
	struct state_counts counts;
	struct wbuf image;
	struct err err = {0};
	size_t len;

	wbuf_init(&image, th.h);
	assert_int_equal(
		state_dump(th.d, &opt, state_into_wbuf, &image, &counts, &err),
		0);
	daemon_free(th.d);
	sh_exec(th.h);
	th_new_daemon();
	if (state_restore(th.d, image.data, image.len, &ret, &err))
		fail_msg("not restored: %s", err.text);
	state_resume(th.d);
	len = image.len;
	wbuf_fini(&image);
	return len;
}

static inline bool th_busy(void)
{
	return busy(th.h, th.d);
}

static inline int th_teardown(void **state)
{
	(void)state;
	th_end();
	return 0;
}

/* Until there is nothing more to do. */
static inline void th_settle(void)
{
	while (th_busy())
		daemon_round(th.d);
}

static inline void th_send(int fd, uint32_t type, uint32_t req_id,
			   uint32_t tx_id, const void *payload, size_t len)
{
	struct wire_header hdr = {type, req_id, tx_id, (uint32_t)len};
	struct sh_sock *s = sh_sock(th.h, fd);
	uint8_t bytes[WIRE_HEADER_SIZE];

	wire_put_header(bytes, &hdr);
	sh_bytes_put(s, &s->to_daemon, bytes, sizeof(bytes));
	sh_bytes_put(s, &s->to_daemon, payload, len);
}

/* The next message that it got; false: none.  text may be NULL. */
static inline bool th_take(int fd, struct wire_header *ret, char *text,
			   size_t size)
{
	struct sh_bytes *in = &sh_sock(th.h, fd)->to_peer;

	if (in->len < WIRE_HEADER_SIZE)
		return false;
	wire_get_header(in->p, ret);
	if (in->len < WIRE_HEADER_SIZE + ret->len)
		return false;
	sh_bytes_take(in, NULL, WIRE_HEADER_SIZE);
	if (text) {
		assert_true(ret->len < size);
		memcpy(text, in->p, ret->len);
		text[ret->len] = '\0';
	}
	sh_bytes_take(in, NULL, ret->len);
	return true;
}

#endif
