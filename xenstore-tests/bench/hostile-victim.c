/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hostile-victim: a well-behaved guest and a dom0 client, each with one request
 * a millisecond. Prints their number, p50, p99 and the longest reply in
 * microseconds, and how often a commit was refused.
 *
 * Time in which the daemon or the victim was ready to run but had no CPU is not
 * counted (schedstat): another program of the machine had it, or the attackers
 * on the victims' CPU.
 *
 * A late request delays the next ones. For a reply that takes t ms, the
 * requests due meanwhile count as if they had been sent on time and answered
 * with it (t - 1, t - 2... ms). So a pause of 100 ms is 100 slow replies, as
 * for independent clients.
 */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define TICK_US	 1000.0
#define PATIENCE 10.0 /* seconds; a longer wait counts as that and ends it */
#define WARM	 30   /* requests at the start that are not counted */
#define WARM_S	 0.1

struct samples {
	double *us;
	size_t n, size;
	unsigned long again;
	bool given_up;
};

static void add(struct samples *s, double us)
{
	for (; us > 0; us -= TICK_US) {
		if (s->n == s->size) {
			s->size = s->size ? 2 * s->size : 4096;
			s->us = realloc(s->us, s->size * sizeof(*s->us));
			if (!s->us)
				die("out of memory");
		}
		s->us[s->n++] = us;
	}
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int report(struct samples *s)
{
	if (!s->n)
		die("no reply was measured");
	qsort(s->us, s->n, sizeof(*s->us), by_value);
	printf("%zu\t%.0f\t%.0f\t%.0f\t%lu\n", s->n, s->us[s->n / 2],
	       s->us[s->n * 99 / 100], s->us[s->n - 1], s->again);
	return s->given_up;
}

/* ---- time without a CPU ---- */

static int schedstat[2] = {-1, -1}; /* of the daemon, of the victim */

static void open_schedstat(const char *daemon_pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s/schedstat", daemon_pid);
	schedstat[0] = open(path, O_RDONLY | O_CLOEXEC);
	schedstat[1] = open("/proc/self/schedstat", O_RDONLY | O_CLOEXEC);
}

/* Seconds so far in which either was ready to run and did not. */
static double delayed(void)
{
	double ns = 0;
	char text[96], *end;
	size_t i;
	ssize_t n;

	for (i = 0; i < 2; i++) {
		n = schedstat[i] < 0
			    ? -1
			    : pread(schedstat[i], text, sizeof(text) - 1, 0);
		if (n <= 0)
			continue;
		text[n] = '\0';
		(void)strtoull(text, &end, 10);
		ns += (double)strtoull(end, NULL, 10);
	}
	return ns / 1e9;
}

static void sleep_until(double t)
{
	struct timespec ts = {.tv_sec = (time_t)t,
			      .tv_nsec = (long)((t - (double)(time_t)t) * 1e9)};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) ==
	       EINTR)
		;
}

/* one(): a request and its reply; false if none came. */
static int measure(double seconds, bool (*one)(void *arg, uint64_t k),
		   void *arg, struct samples *s)
{
	double due, end, begun, took, lost;
	uint64_t k;

	(void)prctl(PR_SET_TIMERSLACK, 1ul);
	begun = now();
	for (k = 0; k < WARM && now() - begun < WARM_S; k++)
		if (!one(arg, k))
			break;
	due = now();
	end = due + seconds;
	while (due < end) {
		sleep_until(due);
		lost = delayed();
		begun = now();
		s->given_up = !one(arg, k++);
		took = now() - begun;
		took -= delayed() - lost;
		add(s, took > 0 ? took * 1e6 : 1);
		if (s->given_up)
			break;
		do {
			due += TICK_US / 1e6;
		} while (due < now());
	}
	return report(s);
}

/* ---- a guest ---- */

struct ring_victim {
	struct ring ring;
	struct samples samples;
};

static bool guest_one(void *arg, uint64_t k)
{
	struct ring_victim *v = arg;
	double begun = now();
	const struct msg *msg;
	char body[64];
	int len, rc;

	len = k % 2 ? snprintf(body, sizeof(body), "data/v")
		    : snprintf(body, sizeof(body), "data/v%cvalue-%lu", 0,
			       (unsigned long)k);
	if (ring_put(&v->ring, k % 2 ? XS_READ : XS_WRITE, (uint32_t)k, 0, body,
		     (uint32_t)(k % 2 ? len + 1 : len)))
		die("the ring is full");
	(void)ring_flush(&v->ring);
	for (;;) {
		uint32_t seen = sim_load(&v->ring.dom->event);

		rc = ring_get(&v->ring, &msg);
		if (!rc && msg->hdr.req_id == (uint32_t)k &&
		    msg->hdr.type != XS_WATCH_EVENT) {
			if (msg->hdr.type == XS_ERROR)
				die("the guest got the error %s", msg->body);
			return true;
		}
		if (rc && rc != EAGAIN)
			die("the daemon has marked the guest's ring as broken");
		if (now() - begun > PATIENCE)
			return false;
		if (rc)
			ring_wait(&v->ring, seen, 100000);
	}
}

int victim_guest(const char *dir, uint32_t domid, double seconds,
		 const char *daemon_pid)
{
	static struct ring_victim v;
	int rc = ring_attach(&v.ring, dir, domid);

	if (rc)
		die("domain %u: %s", domid, strerror(rc));
	open_schedstat(daemon_pid);
	return measure(seconds, guest_one, &v, &v.samples);
}

/* ---- dom0 ---- */

struct socket_victim {
	int fd;
	uint32_t tx;
	struct samples samples;
};

/* READ, WRITE and, in turn, a transaction that reads a guest's node. */
static size_t dom0_request(uint64_t k, uint32_t *type, char *body, size_t size)
{
	int len;

	switch (k % 6) {
	case 0:
		*type = XS_WRITE;
		len = snprintf(body, size, "/bench/hostile/dom0%c%lu", 0,
			       (unsigned long)k);
		return (size_t)len;
	case 1:
		*type = XS_READ;
		len = snprintf(body, size, "/bench/hostile/dom0");
		return (size_t)len + 1;
	case 2:
		*type = XS_TRANSACTION_START;
		body[0] = '\0';
		return 1;
	case 3:
		*type = XS_READ;
		len = snprintf(body, size, "/local/domain/1/data/c");
		return (size_t)len + 1;
	case 4:
		*type = XS_WRITE;
		len = snprintf(body, size, "/bench/hostile/in-tx%c%lu", 0,
			       (unsigned long)k);
		return (size_t)len;
	default:
		*type = XS_TRANSACTION_END;
		memcpy(body, "T", 2);
		return 2;
	}
}

static bool dom0_one(void *arg, uint64_t k)
{
	char buf[256], body[128], answer[XENSTORE_PAYLOAD_MAX + 1];
	struct socket_victim *v = arg;
	struct pollfd pfd = {.fd = v->fd, .events = POLLIN};
	uint32_t type, got;
	size_t len = dom0_request(k, &type, body, sizeof(body));

	write_all(v->fd, buf, put(buf, type, k % 6 > 2 ? v->tx : 0, body, len));
	if (poll(&pfd, 1, (int)(PATIENCE * 1000)) != 1)
		return false;
	len = get_any(v->fd, answer, &got);
	answer[len] = '\0';
	if (type == XS_TRANSACTION_START)
		v->tx = (uint32_t)strtoul(answer, NULL, 10);
	if (got == XS_ERROR && type == XS_TRANSACTION_END)
		v->samples.again++;
	else if (got == XS_ERROR && k % 6 != 3)
		die("dom0's client got the error %s", answer);
	return true;
}

int victim_dom0(const char *socket, double seconds, const char *daemon_pid)
{
	struct socket_victim v = {.fd = open_socket(socket)};

	open_schedstat(daemon_pid);
	return measure(seconds, dom0_one, &v, &v.samples);
}
