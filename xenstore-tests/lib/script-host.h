/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * script-host: a host in memory, for tests of the whole daemon in one process.
 *
 * Clock, randomness, sockets, domains with ring pages, event channels and the
 * death VIRQ do what a test says. They survive the daemon, so that one daemon
 * can be freed and its successor restored on the same host. Effects on the
 * outside are counted. Knows nothing of the daemon but host.h; used by
 * story*.c.
 */
#ifndef SCRIPT_HOST_H
#define SCRIPT_HOST_H

#include <setjmp.h>

#include "host.h"

#define SH_RW_FD       3
#define SH_RO_FD       4
#define SH_IMAGE_FD    5
#define SH_EVTCHN_FD   6
#define SH_EPOLL_FD    7
#define SH_FIRST_SOCK  10
#define SH_SOCKS       200
#define SH_DOMAINS     64
#define SH_PORTS       128
#define SH_GUEST_PORTS 8
#define SH_STORE_PORT  1u /* of every domain, until it changes it */
#define SH_NO_LIMIT    SIZE_MAX

/* The layout of the shared page, declared a second time on purpose. */
struct sh_page {
	uint8_t req[1024];
	uint8_t rsp[1024];
	uint32_t req_cons, req_prod;
	uint32_t rsp_cons, rsp_prod;
	uint32_t server_features;
	uint32_t connection;
	uint32_t error;
	uint32_t evtchn_port;
	uint8_t rest[4096 - 2080];
};

struct sh_bytes {
	uint8_t *p;
	size_t len;
};

struct sh_poll {
	bool on;
	uint32_t what;
	uint64_t tag;
};

struct sh_sock {
	bool read_only;
	bool accepted;
	bool daemon_open, peer_open;
	struct sh_poll poll[2]; /* [0]: of the process that runs now */
	struct sh_bytes to_daemon, to_peer;
	size_t room; /* bytes that the peer still accepts */
	char program[64];
};

enum sh_port_state {
	SH_CLOSED,
	SH_UNBOUND, /* guest: waits for dom0; dom0: far end gone */
	SH_BOUND,
	SH_VIRQ
};

struct sh_port {
	enum sh_port_state state;
	bool pending, masked;
	uint16_t domid; /* dom0's port: of the far end */
	uint32_t far;
};

struct sh_domain {
	uint16_t domid;
	bool listed; /* Xen knows it (still) */
	bool shutdown, dying, revoked, paused;
	uint64_t handle_hi, handle_lo, unique_id;
	bool control, store; /* its capabilities */
	uint32_t maps[2];    /* [0]: of the process that runs now */
	struct sh_page *page;
	struct sh_port port[SH_GUEST_PORTS];
};

/* What the daemon did to the outside. */
struct sh_effects {
	uint64_t writes, bytes, notifies, closes, accepts, reads;
	uint64_t maps, unmaps, binds, unbinds;
};

/* A live update to a process that is loaded beside, by command. */
struct sh_beside {
	uint64_t tag; /* 0: none */
	bool stuck;   /* it reads nothing */
	bool asked;
	struct sh_bytes *piece;
	unsigned int npieces;
	size_t waits; /* bytes of pieces that are not taken */
};

struct script_host {
	struct host host;
	uint64_t clock_ms, seed, next_handle;
	struct sh_effects did;
	struct sh_sock *sock[SH_SOCKS];
	struct sh_domain *domain[SH_DOMAINS];
	struct sh_port port[SH_PORTS];
	struct sh_poll listening[2][2]; /* by process, read-only */
	bool second; /* the successor runs now, and serves nobody yet */
	bool dom0_ring;
	uint16_t own;	 /* the domain in which the daemon runs */
	bool manage;	 /* says unique ids and no handles, as libxenmanage */
	bool no_handoff; /* a successor gets no descriptor */
	/* live update by command */
	bool update_refuse;	  /* the file is refused */
	bool update_rehearse_bad; /* the rehearsal fails */
	char file_path[256];	  /* the last file written */
	struct sh_bytes file;
	bool update_exec_bad; /* exec, or the cut, fails */
	bool beside_never;    /* the file cannot be loaded beside */
	uint64_t update_tag;  /* 0: no rehearsal is running */
	struct sh_bytes update_image;
	struct sh_beside beside;
	jmp_buf *update_exec; /* where exec continues */
};

struct script_host *sh_new(const void *ctx, uint64_t seed);
/* An independent copy. */
struct script_host *sh_clone(const void *ctx, const struct script_host *h);
uint64_t sh_random(struct script_host *h);
/* Whether wait() would report anything. */
bool sh_busy(struct script_host *h);

/* ---- sockets, from the client's side ---- */

/* Connects; the returned number identifies the socket. */
int sh_connect(struct script_host *h, bool read_only);
static inline struct sh_sock *sh_sock(const struct script_host *h, int fd)
{
	return h->sock[fd - SH_FIRST_SOCK];
}
void sh_bytes_put(const void *ctx, struct sh_bytes *b, const void *p, size_t n);
/* Takes at most n bytes; p may be NULL. Returns how many. */
size_t sh_bytes_take(struct sh_bytes *b, void *p, size_t n);

/* ---- domains ---- */

struct sh_domain *sh_domain_find(const struct script_host *h, uint16_t domid);
/* A new domain, also with the number of one that has died. */
struct sh_domain *sh_domain_new(struct script_host *h, uint16_t domid);
void sh_domain_gone(struct script_host *h, struct sh_domain *dom);
/* Raises the death VIRQ. */
void sh_virq(struct script_host *h);
/* An event from the domain to the daemon; lost if the port is not bound. */
void sh_kick(struct script_host *h, struct sh_domain *dom, uint32_t port);
/* The total numbers of mapped pages and bound ports. */
unsigned int sh_mapped(const struct script_host *h);
unsigned int sh_bound(const struct script_host *h);

/* ---- exec ---- */

/* Mappings end; so do ports, unless their descriptor is handed over. */
void sh_exec(struct script_host *h);

/* ---- a successor beside: script-beside.c ---- */

/*
 * Lets the other one of two processes run: a daemon, which serves, and its
 * successor.  Each has descriptors that it polls and mappings of its own; they
 * share sockets, ports, clock and domains.
 */
void sh_switch(struct script_host *h);
/* The process that does not run now ends. */
void sh_end_other(struct script_host *h);
/* The pieces that were sent are dropped. */
void sh_beside_forget(struct script_host *h);

/* for script-*.c: fills in the operations of the other files */
void script_xen_ops(struct host_ops *ops);
void script_beside_ops(struct host_ops *ops);
/* Forgets domains without any page, port or mapping left. */
void sh_sweep(struct script_host *h);
static inline struct script_host *to_script(struct host *h)
{
	return (struct script_host *)(void *)h;
}
bool sh_port_ready(const struct script_host *h);

#endif
