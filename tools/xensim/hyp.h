/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of the hypervisor process: domains, pages, handles and ports.
 * Knows nothing of xenstore.  Used by the hyp-*.c files only.
 *
 *   hyp.c         the loop: clients, their requests, pipes without a reader
 *   hyp-evtchn.c  handles, ports, binding and closing
 *   hyp-dom.c     domains, their pages, grants and death
 *   hyp-move.c    domains that move from or to another hypervisor
 *   hyp-manage.c  domains that have changed, for libxenmanage
 */
#ifndef XENSIM_HYP_H
#define XENSIM_HYP_H

#include "sim.h"

#include <sys/types.h>

enum source_type {
	SOURCE_LISTEN,
	SOURCE_CLIENT,
	SOURCE_HANDLE,
};

/* What an epoll event points to; the first member of its owner. */
struct source {
	enum source_type type;
	int fd;
	bool gone; /* closed in this round; freed at its end */
	struct source *next_gone;
};

struct handle {		      /* one open event channel descriptor */
	struct source source; /* the pipe's write end */
	uint32_t id;
	ino_t inode;
	struct handle *next;
};

struct map { /* number of a domain's pages that a client has mapped */
	struct domain *dom;
	uint32_t count;
	struct map *next;
};

struct client {
	struct source source;
	struct map *maps;
	struct domain *attached; /* the guest whose kernel it is */
	struct client *prev, *next;
};

struct domain {
	uint32_t domid;
	int page_fd;
	uint32_t mapped;  /* pages mapped by clients */
	uint32_t granted; /* bit per grant reference */
	bool has_kernel;  /* a process is its kernel */
};

struct hyp {
	struct sim_shm *shm;
	int shm_fd;
	int epoll_fd;
	struct source listen;
	struct source *gone;
	struct client *clients;
	struct handle *handles;
	uint32_t next_handle;
	uint32_t port_hint; /* no free dom0 port below it */
	uint32_t virq_port[SIM_VIRQS];
	struct domain *doms[SIM_DOMID_SLOTS];
	uint32_t next_domid;
	uint64_t next_unique_id;
	uint64_t changed[SIM_DOMID_SLOTS / 64];
	bool stop;
};

/* hyp.c */
int hyp_serve(const char *dir, int ready_fd);
int hyp_watch(struct hyp *hyp, struct source *source, uint32_t events);
void hyp_drop(struct hyp *hyp, struct source *source);

/* hyp-evtchn.c */
int handle_new(struct hyp *hyp, struct handle **ret_handle, int *ret_read_fd);
struct handle *handle_by_id(struct hyp *hyp, uint32_t id);
struct handle *handle_by_inode(struct hyp *hyp, uint64_t inode);
void handle_free(struct hyp *hyp, struct handle *handle);
void handles_sync(struct hyp *hyp);
int port_alloc_unbound(struct hyp *hyp, uint32_t domid, uint32_t remote,
		       uint32_t handle, uint32_t *ret_port);
int port_offer(struct hyp *hyp, uint32_t domid, uint32_t port, uint32_t remote,
	       uint32_t flags);
int port_bind_inter(struct hyp *hyp, uint32_t domid, uint32_t handle,
		    uint32_t remote, uint32_t remote_port, uint32_t *ret_port);
int port_bind_virq(struct hyp *hyp, uint32_t handle, uint32_t virq,
		   uint32_t *ret_port);
int port_unbind(struct hyp *hyp, uint32_t handle, uint32_t port);
void ports_close_domain(struct hyp *hyp, uint32_t domid);
void virq_raise(struct hyp *hyp, uint32_t virq);

/* hyp-move.c */
int dom_look(struct hyp *hyp, uint32_t domid, struct sim_rep *rep, int *ret_fd);
int dom_receive(struct hyp *hyp, const struct sim_req *req, int *ret_fd);
int dom_offer(struct hyp *hyp, const struct sim_req *req);
int dom_depart(struct hyp *hyp, uint32_t domid, bool depart);

/* hyp-manage.c */
void dom_changed(struct hyp *hyp, uint32_t domid);
void changes_begin(struct hyp *hyp);
int dom_next_changed(struct hyp *hyp, struct sim_rep *rep);
int dom_set_caps(struct hyp *hyp, uint32_t domid, uint32_t caps);

/* hyp-dom.c */
struct domain *dom_living(struct hyp *hyp, uint32_t domid);
int dom_new(struct hyp *hyp, uint32_t domid, struct domain **ret_dom);
void dom_free(struct domain *dom);
void dom_publish(struct hyp *hyp, struct domain *dom, uint32_t flags,
		 uint32_t xs_port);
void dom_set_flags(struct hyp *hyp, uint32_t domid, uint32_t set,
		   uint32_t clear);
int dom_create(struct hyp *hyp, const struct sim_req *req, struct sim_rep *rep);
int dom_destroy(struct hyp *hyp, uint32_t domid);
int dom_shutdown(struct hyp *hyp, uint32_t domid, uint32_t reason);
int dom_pause(struct hyp *hyp, uint32_t domid, bool pause);
int dom_revoke(struct hyp *hyp, uint32_t domid, uint32_t gref, bool grant);
int dom_attach(struct hyp *hyp, struct client *client, uint32_t domid,
	       struct sim_rep *rep, int *ret_fd);
int dom_map(struct hyp *hyp, struct client *client, uint32_t domid,
	    uint32_t gref, struct sim_rep *rep, int *ret_fd);
int dom_foreign(struct hyp *hyp, uint32_t domid, uint64_t gfn, int *ret_fd);
int dom_unmap(struct hyp *hyp, struct client *client, uint32_t domid);
void dom_forget_client(struct hyp *hyp, struct client *client);

#endif
