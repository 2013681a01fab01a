/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * talk: connections to the daemon, driven by lines on standard input, for tests
 * about which client starts an update and when. The first letter of a line
 * names the connection, which is opened when first named:
 *
 *   a WORD...	a live-update request; prints "a: " and the reply
 *   a> WORD...	only sends the request
 *   a<		prints the reply to the oldest request
 *   a@ PATH	sets a watch; "a<" prints its events, too
 *   ax		closes the connection
 *
 * On an error, prints the reason and exits with 1.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xen/io/xs_wire.h>

#include "dial.h"

static int conns['z' + 1];

/* Replaces blanks in text by NULs. */
static void send_words(int fd, uint32_t type, const char *first, char *text)
{
	char msg[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX];
	struct xsd_sockmsg hdr = {type, 1, 0, 0};
	char *body = msg + sizeof(hdr);
	size_t len = strlen(first), n = 0, i;

	if (len + strlen(text) + 2 > XENSTORE_PAYLOAD_MAX)
		wrong("a line is too long");
	if (len) {
		n = len + 1;
		memcpy(body, first, n);
	}
	for (i = 0; text[i]; i++)
		body[n++] = (char)(text[i] == ' ' ? '\0' : text[i]);
	body[n++] = '\0';
	hdr.len = (uint32_t)n;
	memcpy(msg, &hdr, sizeof(hdr));
	if (send(fd, msg, sizeof(hdr) + n, MSG_NOSIGNAL) !=
	    (ssize_t)(sizeof(hdr) + n))
		wrong("cannot send a request");
}

static void get_bytes(int fd, void *data, size_t len)
{
	if (len && recv(fd, data, len, MSG_WAITALL) != (ssize_t)len)
		wrong("the connection ended before the reply");
}

static void answer(char name, int fd)
{
	char body[XENSTORE_PAYLOAD_MAX + 1];
	struct xsd_sockmsg hdr;
	char *nl;

	get_bytes(fd, &hdr, sizeof(hdr));
	if (hdr.len > XENSTORE_PAYLOAD_MAX)
		wrong("a reply is longer than a message");
	get_bytes(fd, body, hdr.len);
	body[hdr.len] = '\0';
	for (nl = body; (nl = strchr(nl, '\n')); nl++)
		*nl = ' ';
	printf("%c: %s\n", name, body);
}

static void line(char *text)
{
	char name = text[0], what = text[1];
	int *fd;

	text[strcspn(text, "\n")] = '\0';
	if (name < 'a' || name > 'z')
		wrong("a connection's name must be a letter");
	fd = &conns[(int)name];
	if (!*fd)
		*fd = dial();
	if (what == ' ' || what == '>')
		send_words(*fd, XS_CONTROL, "live-update",
			   text + (what == ' ' ? 2 : 3));
	if (what == '@')
		send_words(*fd, XS_WATCH, "", text + 3);
	if (what == 'x') {
		close(*fd);
		*fd = 0;
		printf("%c is closed\n", name);
	} else if (what != '>') {
		answer(name, *fd);
	}
}

int main(void)
{
	static char text[8192];

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("ready\n");
	while (fgets(text, sizeof(text), stdin))
		line(text);
	return 0;
}
