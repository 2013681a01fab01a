/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `xensim pause` and `xensim move`: stop a domain and continue it with another
 * hypervisor, as in a migration.  Knows nothing of xenstore.  Used by main.c.
 *
 *   --copy    creates the domain there, paused: the same pages, grants and
 *             flags, its ports unbound again.  Nothing changes here.  To give
 *             up: destroy it there, unpause it here.
 *   --finish  tells the process that is its kernel to follow it, waits until
 *             it did, then destroys the domain here.
 *
 * Without an option it does both.
 */
#include "cmd.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define NAP_US	   200u
#define PATIENCE_S 20u

struct place { /* one of the two hypervisors */
	const char *dir;
	int sock;
	struct sim_shm *shm;
};

struct move {
	struct place from, to;
	uint32_t domid;
	bool copy, finish;
	uint32_t evtchn; /* new number of its store port; 0: the same */
};

/* Call @done until it returns true; return false after PATIENCE_S. */
static bool wait_until(bool (*done)(void *arg), void *arg)
{
	struct timespec ts = {.tv_nsec = NAP_US * 1000};
	uint32_t tries;

	for (tries = 0; tries < PATIENCE_S * 1000000u / NAP_US; tries++) {
		if (done(arg))
			return true;
		(void)nanosleep(&ts, NULL);
	}
	return false;
}

static int place_open(struct place *place, const char *dir)
{
	int err;

	place->dir = dir;
	place->sock = dir_connect(dir);
	if (place->sock < 0)
		return 1;
	err = sim_map_shm(place->sock, &place->shm);
	if (err)
		fprintf(stderr, "xensim: %s: cannot map its memory: %s\n", dir,
			strerror(err));
	return err ? 1 : 0;
}

static bool is_halted(void *arg)
{
	return sim_load(&((struct sim_dom *)arg)->halted) != 0;
}

int cmd_pause(int argc, char **argv)
{
	struct sim_req req = {.op = SIM_OP_PAUSE};
	struct place place;
	struct sim_rep rep;
	int err;

	(void)argc;
	if (arg_domid(argv[2], &req.a))
		return 2;
	if (place_open(&place, argv[1]))
		return 1;
	err = sim_call(place.sock, &req, &rep, NULL);
	if (err)
		return complain("pause", req.a, err);
	if (wait_until(is_halted, &place.shm->doms[req.a]))
		return 0;
	fprintf(stderr,
		"xensim: domain %u: its kernel did not notice the pause in %u "
		"s; look at its process\n",
		req.a, PATIENCE_S);
	return 1;
}

/* Copy both pages; @from and @to are descriptors. */
static int copy_pages(int from, int to)
{
	char pages[2 * SIM_PAGE_SIZE];

	if (pread(from, pages, sizeof(pages), 0) != sizeof(pages))
		return EIO;
	return pwrite(to, pages, sizeof(pages), 0) == sizeof(pages) ? 0 : EIO;
}

/*
 * Offer every open port to the domain that had its far end, or might bind it.
 */
static int copy_ports(const struct move *move)
{
	struct sim_dom *there = &move->to.shm->doms[move->domid];
	struct sim_dom *here = &move->from.shm->doms[move->domid];
	struct sim_req req = {.op = SIM_OP_OFFER, .a = move->domid};
	struct sim_rep rep;
	uint32_t port;
	int err = 0;

	for (port = 1; port < SIM_GUEST_PORTS && !err; port++) {
		uint32_t index = sim_port_index(move->domid, port);
		struct sim_port *at = sim_port_at(move->from.shm, index);
		uint32_t state = sim_load(&at->state);

		if (!(state & SIM_KIND_MASK))
			continue;
		req.b = port;
		if (port == here->xs_port && move->evtchn)
			req.b = move->evtchn;
		req.c = (state & SIM_KIND_MASK) == SIM_KIND_INTERDOMAIN
				? sim_index_domid(at->peer)
				: at->remote;
		req.d = state & SIM_PENDING;
		err = sim_call(move->to.sock, &req, &rep, NULL);
	}
	sim_store(&there->xs_port,
		  move->evtchn ? move->evtchn : sim_load(&here->xs_port));
	memcpy(there->uuid, here->uuid, sizeof(there->uuid));
	return err;
}

static int look(const struct place *place, uint32_t domid,
		struct sim_rep *ret_rep, int *ret_fd)
{
	struct sim_req req = {.op = SIM_OP_LOOK, .a = domid};

	return sim_call(place->sock, &req, ret_rep, ret_fd);
}

static int copy(const struct move *move)
{
	struct sim_dom *here = &move->from.shm->doms[move->domid];
	struct sim_req req = {.op = SIM_OP_RECEIVE, .a = move->domid};
	struct sim_req undo = {.op = SIM_OP_DESTROY, .a = move->domid};
	struct sim_rep rep;
	int from, to, err;

	err = look(&move->from, move->domid, &rep, &from);
	if (err)
		return complain("move", move->domid, err);
	req.b = sim_load(&here->flags);
	req.c = rep.b;
	req.d = here->reason;
	err = sim_call(move->to.sock, &req, &rep, &to);
	if (err) {
		close(from);
		fprintf(stderr, "xensim: %s: ", move->to.dir);
		return complain("receive", move->domid, err);
	}
	err = copy_pages(from, to);
	if (!err)
		err = copy_ports(move);
	close(from);
	close(to);
	if (!err)
		return 0;
	(void)sim_call(move->to.sock, &undo, &rep, NULL);
	return complain("copy", move->domid, err);
}

/* Make the link that tells its kernel where the domain went. */
static int leave_link(const struct move *move)
{
	char *to = realpath(move->to.dir, NULL);
	char *link = NULL, *new = NULL;
	int err = 0;

	if (!to ||
	    asprintf(&link, "%s/" SIM_MOVED_LINK, move->from.dir, move->domid) <
		    0 ||
	    asprintf(&new, "%s.new", link) < 0)
		return ENOMEM;
	(void)unlink(new);
	if (symlink(to, new) || rename(new, link))
		err = errno;
	free(new);
	free(link);
	free(to);
	return err;
}

/* Whether the kernel is there, or there is none here that could follow. */
static bool has_followed(void *arg)
{
	const struct move *move = arg;
	struct sim_rep here = {0}, there = {0};
	int fd;

	if (!look(&move->from, move->domid, &here, &fd))
		close(fd);
	if (!look(&move->to, move->domid, &there, &fd))
		close(fd);
	return there.a || !here.a;
}

static int finish(struct move *move)
{
	struct sim_req req = {.op = SIM_OP_DEPART, .a = move->domid, .c = 1};
	struct sim_rep rep;
	int err = leave_link(move);

	if (!err)
		err = sim_call(move->from.sock, &req, &rep, NULL);
	if (err)
		return complain("move", move->domid, err);
	if (!wait_until(has_followed, move)) {
		req.c = 0;
		(void)sim_call(move->from.sock, &req, &rep, NULL);
		fprintf(stderr,
			"xensim: domain %u: its kernel did not follow it to "
			"%s in %u s; it stays here\n",
			move->domid, move->to.dir, PATIENCE_S);
		return 1;
	}
	req.op = SIM_OP_DESTROY;
	err = sim_call(move->from.sock, &req, &rep, NULL);
	return err ? complain("leave behind", move->domid, err) : 0;
}

/* Check that both domains are paused. */
static int check_places(const struct move *move)
{
	uint32_t need = SIM_DOM_EXISTS | SIM_DOM_PAUSED;
	struct sim_dom *here = &move->from.shm->doms[move->domid];
	struct sim_dom *there = &move->to.shm->doms[move->domid];
	uint32_t flags = sim_load(&here->flags);

	if (!move->domid || !(flags & SIM_DOM_EXISTS) ||
	    (flags & SIM_DOM_DYING))
		return complain("move", move->domid, ESRCH);
	if (!(flags & SIM_DOM_PAUSED) || !sim_load(&here->halted)) {
		fprintf(stderr,
			"xensim: domain %u runs; first: xensim pause %s %u\n",
			move->domid, move->from.dir, move->domid);
		return 1;
	}
	if (move->copy || (sim_load(&there->flags) & need) == need)
		return 0;
	fprintf(stderr,
		"xensim: no paused domain %u in %s; first: xensim move "
		"--copy\n",
		move->domid, move->to.dir);
	return 1;
}

static int parse(struct move *move, int argc, char **argv)
{
	int i;

	for (i = 4; i < argc; i++) {
		if (!strcmp(argv[i], "--copy")) {
			move->copy = true;
		} else if (!strcmp(argv[i], "--finish")) {
			move->finish = true;
		} else if (!strcmp(argv[i], "--evtchn") && i + 1 < argc &&
			   !sim_parse_u32(argv[i + 1], SIM_GUEST_PORTS - 1,
					  &move->evtchn) &&
			   move->evtchn) {
			i++;
		} else {
			fprintf(stderr,
				"xensim: move: unexpected argument %s\n",
				argv[i]);
			return EINVAL;
		}
	}
	if (!move->copy && !move->finish)
		move->copy = move->finish = true;
	return arg_domid(argv[3], &move->domid);
}

int cmd_move(int argc, char **argv)
{
	struct sim_req undo = {.op = SIM_OP_DESTROY};
	struct move move = {0};
	struct sim_rep rep;
	int ret = 0;

	if (parse(&move, argc, argv))
		return 2;
	undo.a = move.domid;
	if (place_open(&move.from, argv[1]) || place_open(&move.to, argv[2]))
		return 1;
	ret = check_places(&move);
	if (!ret && move.copy)
		ret = copy(&move);
	if (ret || !move.finish)
		return ret;
	ret = finish(&move);
	if (ret && move.copy)
		(void)sim_call(move.to.sock, &undo, &rep, NULL);
	return ret;
}
