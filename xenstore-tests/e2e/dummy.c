/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dummy: a program with the ELF note of an xenstored that can take over, but
 * which cannot. The end of its name selects what it does: exits, crashes,
 * hangs, lies (says something other than ok or error), copies (copies the image
 * to NAME.img), closes (closes descriptors 0 to 2, then execs the program
 * XENSTORED_NEXT), seals (writes to NAME.txt what can be done to the image,
 * then execs it as well). With AGREEMENT 0 it has no note, but the strings of a
 * stock xenstored. A name that begins with "late-" answers -H like one and
 * fails when it is to serve: kill and stop (itself), takes (accepts a client,
 * then exits), holds (accepts one and hangs), turns (accepts one, closes it and
 * continues), moves (moves the ring of domain 7, then exits). A name that begins
 * with "ox-" is the same with the strings and a library of oxenstored.  One that
 * begins with "beside-" can be loaded beside by its second note; there lies
 * reports what it was not asked for, and claims reports all that is expected of
 * it, but has not taken over.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef AGREEMENT
#define AGREEMENT 2
#endif

#if AGREEMENT
/* As host/handoff.h describes it, written down once more. */
static const struct {
	uint32_t name_size, desc_size, type;
	char name[12];
	uint32_t version;
} note __attribute__((section(".note.xenstored"), used, aligned(4))) = {
	10, 4, 1, "xenstored", AGREEMENT};

#ifdef BESIDE
/* As host/beside.h describes it. */
static const struct {
	uint32_t name_size, desc_size, type;
	char name[12];
	uint32_t version;
} beside_note __attribute__((section(".note.xenstored"), used, aligned(4))) = {
	10, 4, 2, "xenstored", BESIDE};

/* Answers what the daemon asks: all, or at once. */
static void answer(const char *name)
{
	const char *env = getenv("XENSTORED_BESIDE");
	uint32_t packet[65536 / 4];
	int stream, word;
	ssize_t n;

	if (!env || sscanf(env, "%d %d", &stream, &word) != 2)
		exit(3);
	if (!strcmp(name, "lies"))
		send(stream, "loaded", 6, 0);
	while (!strcmp(name, "claims") &&
	       (n = recv(stream, packet, sizeof(packet), 0)) > 0) {
		if (packet[0] == 2 && n == 16)
			send(stream, "loaded", 6, 0);
		if (packet[0] == 3)
			send(stream, "serves", 6, 0);
	}
	pause();
}
#endif
#else
#include <sys/mman.h>
#include <xen/io/xs_wire.h>
#include <xengnttab.h>

#ifdef OX
#include <xenevtchn.h>

static const char words[] __attribute__((used)) =
	"$xenstored-dump-format --reraise-top-level --live live-update";

/* Uses the library by which oxenstored is recognised, too. */
__attribute__((used)) static xenevtchn_handle *use(void)
{
	return xenevtchn_open(NULL, 0);
}
#else
static const char words[] __attribute__((used)) =
	"/state_dump live-update TRANSACTION_START";
#endif

/* As if a message of a byte had been read and answered with a byte. */
static void move(void)
{
	struct xenstore_domain_interface *ring;
	xengnttab_handle *gnttab = xengnttab_open(NULL, 0);

	ring = gnttab ? xengnttab_map_grant_ref(gnttab, 7, 1,
						PROT_READ | PROT_WRITE)
		      : NULL;
	if (!ring)
		exit(3);
	ring->req_prod++;
	ring->req_cons++;
	ring->rsp_prod++;
	ring->rsp_cons++;
}

/* The first client that waits, at the socket that was left to this process. */
static int take_in(void)
{
	int fd, listens;
	socklen_t len;

	for (fd = 3; fd < 1024; fd++) {
		len = sizeof(listens);
		if (!getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens,
				&len) &&
		    listens)
			return accept(fd, NULL, NULL);
	}
	exit(3);
}

static int late(const char *name, const char *last)
{
	if (!strcmp(last, "-H") || !strcmp(last, "--help")) {
		puts("usage: xenstored, or what looks like it");
		return 0;
	}
	if (!strcmp(name, "crashes"))
		abort();
	if (!strcmp(name, "kill"))
		raise(SIGKILL);
	if (!strcmp(name, "stop"))
		raise(SIGSTOP);
	if (!strcmp(name, "takes"))
		take_in();
	if (!strcmp(name, "moves"))
		move();
	if (!strcmp(name, "holds"))
		take_in();
	if (!strcmp(name, "turns"))
		close(take_in());
	while (strcmp(name, "exits") && strcmp(name, "takes") &&
	       strcmp(name, "moves"))
		pause();
	return 7;
}
#endif

static void lie(void)
{
	const char *env = getenv("XENSTORED_REHEARSE");
	int image, result;

	if (!env || sscanf(env, "%d %d", &image, &result) != 2)
		exit(3);
	if (write(result, "fine", 4) != 4)
		exit(3);
}

static void copy(const char *self)
{
	const char *env = getenv("XENSTORED_REHEARSE");
	char name[4096], buf[65536];
	int image, result;
	off_t at = 0;
	ssize_t n;
	FILE *to;

	snprintf(name, sizeof(name), "%s.img", self);
	if (!env || sscanf(env, "%d %d", &image, &result) != 2)
		exit(3);
	to = fopen(name, "w");
	while (to && (n = pread(image, buf, sizeof(buf), at)) > 0) {
		at += n;
		if (fwrite(buf, 1, (size_t)n, to) != (size_t)n)
			exit(3);
	}
	if (!to || fclose(to))
		exit(3);
}

/* Tries to write into the image, of a rehearsal or of the update. */
static void try_image(const char *self)
{
	const char *rehearse = getenv("XENSTORED_REHEARSE");
	const char *env = rehearse ? rehearse : getenv("XENSTORED_HANDOFF");
	const int all =
		F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
	char name[4096];
	int image, other;
	FILE *to;

	snprintf(name, sizeof(name), "%s.txt", self);
	if (!env || sscanf(env, "%d %d", &image, &other) != 2)
		exit(3);
	to = fopen(name, "a");
	if (!to)
		exit(3);
	fprintf(to, "%s: write %s%s\n", rehearse ? "rehearsal" : "update",
		pwrite(image, "x", 1, 0) == 1 ? "done" : "refused",
		(fcntl(image, F_GET_SEALS) & all) == all ? ", sealed" : "");
	if (fclose(to))
		exit(3);
}

int main(int argc, char **argv)
{
	const char *name = argc ? strrchr(argv[0], '/') : NULL;

	name = name ? name + 1 : "exits";
	if (!strncmp(name, "stock-", 6))
		name += 6;
	if (!strncmp(name, "ox-", 3))
		name += 3;
#ifdef BESIDE
	name += strlen("beside-");
	if (!strcmp(name, "lies") || !strcmp(name, "claims"))
		answer(name);
#endif
#if !AGREEMENT
	if (!strncmp(name, "late-", 5))
		return late(name + 5, argv[argc - 1]);
#endif
	if (!strcmp(name, "crashes"))
		abort();
	if (!strcmp(name, "lies"))
		lie();
	if (!strcmp(name, "closes") && getenv("XENSTORED_NEXT")) {
		close(0);
		close(1);
		close(2);
		execv(getenv("XENSTORED_NEXT"), argv);
	}
	if (!strcmp(name, "seals") && getenv("XENSTORED_NEXT")) {
		try_image(argv[0]);
		execv(getenv("XENSTORED_NEXT"), argv);
	}
	if (!strcmp(name, "copies"))
		copy(argv[0]);
	while (!strcmp(name, "hangs"))
		pause();
	return 7;
}
