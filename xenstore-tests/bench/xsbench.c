/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xsbench: one measurement of a running xenstored over its socket.
 *
 *   xsbench SOCKET WHAT [N]
 *
 * Prints one number. Speaks the protocol itself, so that the client costs the
 * same with every daemon; the type of every reply is checked.
 *
 *   read write     round trips per second
 *   pread pwrite   the same with 128 requests in flight
 *   tx             transactions of five writes per second
 *   fill N         creates N nodes as a toolstack does; nodes per second
 *   idle N         opens N connections and stays until its input ends
 *   watch N        sets N watches on one connection, stays likewise
 *   gap            reads until its input ends: longest time between two
 *                  replies, in microseconds
 */
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench-socket.h"

#define DEPTH	128
#define SECONDS 1.0

static const char *socket_path;

static int open_client(void)
{
	return open_socket(socket_path);
}

static const char bench_path[] = "/bench/value";
static const char bench_write[] = "/bench/value\0"
				  "0123456789abcdef";

static void request_of(int is_write, uint32_t *type, const void **body,
		       size_t *len)
{
	*type = is_write ? XS_WRITE : XS_READ;
	*body = is_write ? bench_write : bench_path;
	*len = is_write ? sizeof(bench_write) - 1 : sizeof(bench_path);
}

static void bench_round(int is_write)
{
	char answer[XENSTORE_PAYLOAD_MAX];
	const void *body;
	uint32_t type;
	long n = 0;
	size_t len;
	double t0, t;
	int fd = open_client();

	ask(fd, XS_WRITE, 0, bench_write, sizeof(bench_write) - 1, answer);
	request_of(is_write, &type, &body, &len);
	t0 = now();
	do {
		ask(fd, type, 0, body, len, answer);
		n++;
		t = now() - t0;
	} while (t < SECONDS);
	printf("%.0f\n", (double)n / t);
}

static void bench_pipelined(int is_write)
{
	char answer[XENSTORE_PAYLOAD_MAX], *batch;
	const void *body;
	size_t len, size = 0;
	uint32_t type;
	long n = 0, i;
	double t0, t;
	int fd = open_client();

	ask(fd, XS_WRITE, 0, bench_write, sizeof(bench_write) - 1, answer);
	request_of(is_write, &type, &body, &len);
	batch = malloc(DEPTH * (sizeof(struct xsd_sockmsg) + len));
	if (!batch)
		die("out of memory");
	for (i = 0; i < DEPTH; i++)
		size += put(batch + size, type, 0, body, len);
	t0 = now();
	do {
		write_all(fd, batch, size);
		for (i = 0; i < DEPTH; i++)
			get(fd, type, answer);
		n += DEPTH;
		t = now() - t0;
	} while (t < SECONDS);
	printf("%.0f\n", (double)n / t);
	free(batch);
}

static void bench_tx(void)
{
	char answer[XENSTORE_PAYLOAD_MAX + 1], body[64];
	uint32_t tx;
	long n = 0;
	double t0 = now(), t;
	int fd = open_client(), i, len;

	do {
		len = (int)ask(fd, XS_TRANSACTION_START, 0, "", 1, answer);
		answer[len] = '\0';
		tx = (uint32_t)strtoul(answer, NULL, 10);
		for (i = 0; i < 5; i++) {
			len = snprintf(body, sizeof(body), "/bench/tx/%d%c%ld",
				       i, 0, n);
			ask(fd, XS_WRITE, tx, body, (size_t)len, answer);
		}
		ask(fd, XS_TRANSACTION_END, tx, "T", 2, answer);
		n++;
		t = now() - t0;
	} while (t < SECONDS);
	printf("%.0f\n", (double)n / t);
}

/*
 * Nodes as libxl makes them: 20 for each device of a guest, most of them short.
 * A hundred to a domain, including their directories.
 */
static const char *const fill_names[] = {
	"frontend",   "frontend-id", "online",	"state",     "handle",
	"mac",	      "bridge",	     "script",	"type",	     "hotplug-status",
	"feature-sg", "feature-gso", "mode",	"params",    "dev",
	"bootable",   "removable",   "backend", "backend-id"};
#define FILL_NAMES (sizeof(fill_names) / sizeof(fill_names[0]))

static size_t fill_body(char *body, size_t size, long i)
{
	long dir = i / (long)FILL_NAMES, dom = dir / 5 + 1;
	const char *name = fill_names[i % (long)FILL_NAMES];
	int n = snprintf(body, size, "/local/domain/%ld/backend/vif/%ld/%s%c",
			 dom, dir % 5, name, 0);

	if (!strcmp(name, "frontend") || !strcmp(name, "backend"))
		n += snprintf(body + n, size - (size_t)n,
			      "/local/domain/%ld/device/vif/%ld", dom, dir % 5);
	else if (!strcmp(name, "mac"))
		n += snprintf(body + n, size - (size_t)n,
			      "00:16:3e:%02lx:%02lx:%02lx", dom >> 8 & 255,
			      dom & 255, dir & 255);
	else
		n += snprintf(body + n, size - (size_t)n, "%ld", i % 7);
	return (size_t)n;
}

static void bench_fill(long n)
{
	char answer[XENSTORE_PAYLOAD_MAX], *batch;
	long i = 0, k, done;
	double t0 = now();
	int fd = open_client();

	batch = malloc(DEPTH * 256);
	if (!batch)
		die("out of memory");
	while (i < n) {
		size_t size = 0;

		for (k = 0; k < DEPTH && i + k < n; k++) {
			char body[200];
			size_t len = fill_body(body, sizeof(body), i + k);

			size += put(batch + size, XS_WRITE, 0, body, len);
		}
		write_all(fd, batch, size);
		for (done = 0; done < k; done++)
			get(fd, XS_WRITE, answer);
		i += k;
	}
	printf("%.0f\n", (double)n / (now() - t0));
	free(batch);
}

static void wait_for_end(void)
{
	char c;

	printf("ready\n");
	fflush(stdout);
	while (read(0, &c, 1) > 0)
		;
}

static void bench_idle(long n)
{
	while (n-- > 0)
		open_client();
	wait_for_end();
}

static void bench_watch(long n)
{
	char answer[XENSTORE_PAYLOAD_MAX], body[64];
	int fd = open_client();
	long i;
	int len;

	for (i = 0; i < n; i++) {
		len = snprintf(body, sizeof(body), "/watched/%ld%ct%ld", i, 0,
			       i);
		ask(fd, XS_WATCH, 0, body, (size_t)len + 1, answer);
	}
	wait_for_end();
}

static void bench_gap(void)
{
	struct pollfd in = {.fd = 0, .events = POLLIN};
	char answer[XENSTORE_PAYLOAD_MAX];
	double last, t, gap = 0;
	int fd = open_client();

	ask(fd, XS_WRITE, 0, bench_write, sizeof(bench_write) - 1, answer);
	printf("ready\n");
	fflush(stdout);
	last = now();
	while (!poll(&in, 1, 0)) {
		ask(fd, XS_READ, 0, bench_path, sizeof(bench_path), answer);
		t = now();
		if (t - last > gap)
			gap = t - last;
		last = t;
	}
	printf("%.0f\n", gap * 1e6);
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[2] : "";
	long n = argc > 3 ? strtol(argv[3], NULL, 10) : 0;

	if (argc < 3)
		die("usage: xsbench SOCKET WHAT [N]");
	socket_path = argv[1];
	if (!strcmp(what, "read") || !strcmp(what, "write"))
		bench_round(*what == 'w');
	else if (!strcmp(what, "pread") || !strcmp(what, "pwrite"))
		bench_pipelined(what[1] == 'w');
	else if (!strcmp(what, "tx"))
		bench_tx();
	else if (!strcmp(what, "fill"))
		bench_fill(n);
	else if (!strcmp(what, "idle"))
		bench_idle(n);
	else if (!strcmp(what, "watch"))
		bench_watch(n);
	else if (!strcmp(what, "gap"))
		bench_gap();
	else
		die("unknown measurement %s", what);
	return 0;
}
