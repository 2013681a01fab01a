/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * side: a daemon in its own process on a simulated Xen, and connections to it.
 * Used by the differential run and by conformance/live.
 */
#ifndef SIDE_H
#define SIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "xensim/guest.h"

struct message {
	uint32_t type, req_id, tx_id, len;
	uint8_t body[XENSTORE_PAYLOAD_MAX + 1];
};

/* ---- link.c ---- */

struct link {
	int fd;		   /* socket, or -1 */
	struct ring *ring; /* or a ring */
	uint32_t from,
		have; /* socket: where the next message begins and ends */
	uint8_t in[2 * (sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX)];
};

int link_open_socket(struct link *l, const char *path);
int link_open_ring(struct link *l, const char *dir, uint32_t domid);
void link_close(struct link *l);
/* The daemon has reset the ring's indexes. */
void link_restart(struct link *l);
int link_send(struct link *l, uint32_t type, uint32_t req_id, uint32_t tx_id,
	      const void *body, uint32_t len);
/* Receives the next message; ETIMEDOUT if none comes soon, else errno. */
int link_recv(struct link *l, struct message *m);

/* ---- side.c ---- */

struct side {
	const char *name;
	char dir[128], hv[160], sock[160];
	pid_t hv_pid, daemon_pid;
	const char *ended; /* how the daemon ended by itself */
	int hv_sock;
	struct sim_shm *shm;
};

struct domain_facts {
	uint64_t gfn;
	uint32_t port;
};

/* clock: how many times faster the daemon's runs, or NULL. */
int side_start(struct side *s, const char *name, const char *top,
	       const char *tmp, const char *program, const char *const *options,
	       const char *clock);
void side_stop(struct side *s);
/* How the daemon ended by itself, or NULL. */
const char *side_ended(struct side *s);
int side_create(struct side *s, uint32_t domid, struct domain_facts *ret);
int side_call(struct side *s, uint32_t op, uint32_t domid, uint32_t arg);
bool side_has_domain(const struct side *s, uint32_t domid);

#endif
