/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hostile-socket: kinds that are clients of a socket; see hostile.h.
 */
#include "hostile.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void set_watch(int fd, uint32_t k)
{
	char body[64], answer[XENSTORE_PAYLOAD_MAX];
	int len = snprintf(body, sizeof(body), "/local%ct%u", 0, k);

	(void)ask(fd, XS_WATCH, 0, body, (size_t)len + 1, answer);
}

static size_t write_body(char *body, size_t size, uint64_t k)
{
	return (size_t)snprintf(body, size, "/local/deaf/%u%cvalue-%lu",
				(unsigned int)(k % 4096), 0, (unsigned long)k);
}

static void ready(void)
{
	printf("ready\n");
	fflush(stdout);
}

/*
 * Each sends a request and watches without ever reading; one more, which reads,
 * makes changes that fire all their watches.
 */
static void client_deaf(const char *socket, uint32_t n)
{
	char buf[512], body[128], answer[XENSTORE_PAYLOAD_MAX];
	int fd[HOSTILE_MOST], writer = open_socket(socket);
	uint64_t step = 0;
	uint32_t i, k;
	size_t len;

	for (i = 0; i < n; i++) {
		fd[i] = open_socket(socket);
		for (k = 0; k < 20; k++)
			set_watch(fd[i], k);
		(void)fcntl(fd[i], F_SETFL, O_NONBLOCK);
	}
	ready();
	len = put(buf, XS_READ, 0, "/tool", sizeof("/tool"));
	while (!at_end()) {
		for (i = 0; i < n; i++) /* whole messages are not needed */
			(void)!write(fd[i], buf, len);
		k = (uint32_t)write_body(body, sizeof(body), step++);
		(void)ask(writer, XS_WRITE, 0, body, k, answer);
	}
}

/* Reads what the victims write, in transactions that never commit. */
static void client_read_only(const char *socket, uint32_t n)
{
	static const char *const paths[] = {"/local/domain/90/data/v",
					    "/bench/hostile/dom0", "/local",
					    "/local/domain/90/data"};
	char answer[XENSTORE_PAYLOAD_MAX + 1];
	int fd[HOSTILE_MOST];
	uint32_t i, p, tx, type;
	size_t len;

	for (i = 0; i < n; i++)
		fd[i] = open_socket(socket);
	ready();
	while (!at_end())
		for (i = 0; i < n; i++) {
			char buf[128];

			write_all(fd[i], buf,
				  put(buf, XS_TRANSACTION_START, 0, "", 1));
			len = get_any(fd[i], answer, &type);
			answer[len] = '\0';
			tx = (uint32_t)strtoul(answer, NULL, 10);
			for (p = 0; p < sizeof(paths) / sizeof(paths[0]); p++) {
				write_all(fd[i], buf,
					  put(buf, XS_READ, tx, paths[p],
					      strlen(paths[p]) + 1));
				(void)get_any(fd[i], answer, &type);
			}
			write_all(fd[i], buf,
				  put(buf, XS_TRANSACTION_END, tx, "T", 2));
			(void)get_any(fd[i], answer, &type);
		}
}

const struct kind socket_kinds[] = {
	{"dom0-deaf",
	 "a dom0 client that never reads, 20 watches on what another writes",
	 NULL, NULL, NULL, client_deaf, false},
	{"read-only",
	 "a client of the read-only socket reads what others write, in transactions",
	 NULL, NULL, NULL, client_read_only, true},
	{NULL, NULL, NULL, NULL, NULL, NULL, false}};
