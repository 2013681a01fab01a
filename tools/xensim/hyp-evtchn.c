/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event channel descriptors and ports: allocates, binds and closes them.
 * Errors are those of the hypercalls.  Knows no sockets.  Called by hyp.c for
 * clients and by hyp-dom.c for births and deaths.
 */
#include "hyp.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xen/xen.h>

/* Room in the pipe for the numbers of all ports that dom0 can have. */
#define HANDLE_PIPE_SIZE ((int)(SIM_DOM0_PORTS * sizeof(uint32_t)))

/* Create a handle.  *@ret_read_fd is the descriptor for its owner. */
int handle_new(struct hyp *hyp, struct handle **ret_handle, int *ret_read_fd)
{
	struct handle *handle = calloc(1, sizeof(*handle));
	struct stat st;
	int fds[2], err;

	if (!handle)
		return ENOMEM;
	if (pipe2(fds, O_CLOEXEC)) {
		err = errno;
		free(handle);
		return err;
	}
	/* only the write end: reads of the real device block, too */
	(void)fcntl(fds[1], F_SETPIPE_SZ, HANDLE_PIPE_SIZE);
	handle->source.type = SOURCE_HANDLE;
	handle->source.fd = fds[1];
	if (fcntl(fds[1], F_SETFL, O_NONBLOCK) || fstat(fds[1], &st))
		err = errno;
	else
		err = hyp_watch(hyp, &handle->source, 0);
	if (err) {
		close(fds[0]);
		close(fds[1]);
		free(handle);
		return err;
	}
	handle->inode = st.st_ino;
	handle->id = ++hyp->next_handle;
	handle->next = hyp->handles;
	hyp->handles = handle;
	*ret_handle = handle;
	*ret_read_fd = fds[0];
	return 0;
}

struct handle *handle_by_id(struct hyp *hyp, uint32_t id)
{
	struct handle *handle = hyp->handles;

	while (handle && handle->id != id)
		handle = handle->next;
	return handle;
}

struct handle *handle_by_inode(struct hyp *hyp, uint64_t inode)
{
	struct handle *handle = hyp->handles;

	while (handle && handle->inode != inode)
		handle = handle->next;
	return handle;
}

/* Raise the port; puts its number into the handle's pipe if needed. */
static void port_raise(struct hyp *hyp, uint32_t index)
{
	struct handle *handle;

	if (!sim_port_raise(hyp->shm, index))
		return;
	handle = handle_by_id(hyp, sim_port_at(hyp->shm, index)->handle);
	if (handle)
		(void)sim_pipe_put(handle->source.fd, sim_index_port(index));
}

static int port_alloc(struct hyp *hyp, uint32_t domid, uint32_t *ret_index)
{
	uint32_t port = domid ? 1 : hyp->port_hint, index;

	for (;; port++) {
		index = sim_port_index(domid, port);
		if (index == SIM_NO_PORT)
			return ENOSPC;
		if (!(sim_load(&sim_port_at(hyp->shm, index)->state) &
		      SIM_KIND_MASK))
			break;
	}
	if (!domid)
		hyp->port_hint = port + 1;
	*ret_index = index;
	return 0;
}

static void port_open(struct hyp *hyp, uint32_t index, uint32_t handle,
		      uint32_t kind)
{
	struct sim_port *port = sim_port_at(hyp->shm, index);

	port->handle = handle;
	sim_store(&port->state, kind | (handle ? 0 : SIM_KERNEL));
}

/* Allocate a port that @remote may bind.  @handle 0: a guest kernel's. */
int port_alloc_unbound(struct hyp *hyp, uint32_t domid, uint32_t remote,
		       uint32_t handle, uint32_t *ret_port)
{
	uint32_t index;
	int err = port_alloc(hyp, domid, &index);

	if (err)
		return err;
	sim_port_at(hyp->shm, index)->remote = remote;
	port_open(hyp, index, handle, SIM_KIND_UNBOUND);
	*ret_port = sim_index_port(index);
	return 0;
}

/*
 * As port_alloc_unbound(), for a guest's kernel, with a given number: the port
 * of a domain that moves here.  @flags: SIM_PENDING, if it was.
 */
int port_offer(struct hyp *hyp, uint32_t domid, uint32_t port, uint32_t remote,
	       uint32_t flags)
{
	uint32_t index = sim_port_index(domid, port);
	struct sim_port *at;

	if (!domid || !port || index == SIM_NO_PORT)
		return EINVAL;
	at = sim_port_at(hyp->shm, index);
	if (sim_load(&at->state) & SIM_KIND_MASK)
		return EEXIST;
	at->remote = remote;
	port_open(hyp, index, 0, SIM_KIND_UNBOUND | (flags & SIM_PENDING));
	return 0;
}

/*
 * Bind a new port of @domid to @remote's unbound one.  It starts pending, as an
 * event that was sent while the far end was unbound may be lost.
 */
int port_bind_inter(struct hyp *hyp, uint32_t domid, uint32_t handle,
		    uint32_t remote, uint32_t remote_port, uint32_t *ret_port)
{
	uint32_t far_index = sim_port_index(remote, remote_port), index;
	struct sim_port *far, *port;
	uint32_t state;
	int err;

	if (remote >= SIM_MAX_DOMID || !hyp->doms[remote] ||
	    (sim_load(&hyp->shm->doms[remote].flags) & SIM_DOM_DYING))
		return ESRCH;
	if (far_index == SIM_NO_PORT)
		return EINVAL;
	far = sim_port_at(hyp->shm, far_index);
	state = sim_load(&far->state);
	if ((state & SIM_KIND_MASK) != SIM_KIND_UNBOUND || far->remote != domid)
		return EINVAL;
	err = port_alloc(hyp, domid, &index);
	if (err)
		return err;
	port = sim_port_at(hyp->shm, index);
	port->peer = far_index;
	far->peer = index;
	port_open(hyp, index, handle, SIM_KIND_INTERDOMAIN);
	sim_store(&far->state, (state & ~SIM_KIND_MASK) | SIM_KIND_INTERDOMAIN);
	port_raise(hyp, index);
	*ret_port = sim_index_port(index);
	return 0;
}

/* Dom0's VIRQs are global: each has one binding. */
int port_bind_virq(struct hyp *hyp, uint32_t handle, uint32_t virq,
		   uint32_t *ret_port)
{
	uint32_t index;
	int err;

	if (virq >= SIM_VIRQS)
		return EINVAL;
	if (hyp->virq_port[virq])
		return EEXIST;
	err = port_alloc(hyp, 0, &index);
	if (err)
		return err;
	sim_port_at(hyp->shm, index)->peer = virq;
	port_open(hyp, index, handle, SIM_KIND_VIRQ);
	hyp->virq_port[virq] = index;
	if (virq == VIRQ_DOM_EXC)
		changes_begin(hyp);
	*ret_port = index;
	return 0;
}

void virq_raise(struct hyp *hyp, uint32_t virq)
{
	if (hyp->virq_port[virq])
		port_raise(hyp, hyp->virq_port[virq]);
}

/* Close a port; an interdomain far end becomes unbound, for us to bind. */
static void port_close(struct hyp *hyp, uint32_t index)
{
	struct sim_port *port = sim_port_at(hyp->shm, index);
	uint32_t state = sim_load(&port->state);
	struct sim_port *far;

	if ((state & SIM_KIND_MASK) == SIM_KIND_INTERDOMAIN) {
		far = sim_port_at(hyp->shm, port->peer);
		far->remote = sim_index_domid(index);
		sim_store(&far->state,
			  (sim_load(&far->state) & ~SIM_KIND_MASK) |
				  SIM_KIND_UNBOUND);
	} else if ((state & SIM_KIND_MASK) == SIM_KIND_VIRQ) {
		hyp->virq_port[port->peer] = 0;
	}
	sim_store(&port->state, SIM_KIND_CLOSED);
	port->handle = 0;
	if (index < SIM_DOM0_PORTS && index < hyp->port_hint)
		hyp->port_hint = index;
}

int port_unbind(struct hyp *hyp, uint32_t handle, uint32_t port)
{
	uint32_t index = sim_port_index(0, port);

	if (index == SIM_NO_PORT || !handle)
		return EINVAL;
	if (sim_port_at(hyp->shm, index)->handle != handle)
		return ENOTCONN;
	port_close(hyp, index);
	return 0;
}

void ports_close_domain(struct hyp *hyp, uint32_t domid)
{
	uint32_t port;

	for (port = 1; port < SIM_GUEST_PORTS; port++) {
		uint32_t index = sim_port_index(domid, port);

		if (sim_load(&sim_port_at(hyp->shm, index)->state))
			port_close(hyp, index);
	}
}

/* The last copy of the descriptor was closed: close its ports. */
void handle_free(struct hyp *hyp, struct handle *handle)
{
	struct handle **link = &hyp->handles;
	uint32_t port;

	for (port = 1; port < SIM_DOM0_PORTS; port++)
		if (hyp->shm->dom0_ports[port].handle == handle->id)
			port_close(hyp, port);
	while (*link != handle)
		link = &(*link)->next;
	*link = handle->next;
	hyp_drop(hyp, &handle->source);
}

/*
 * Free all handles without a reader.  Called before anything is bound: a
 * process that closed its descriptor or died, or its successor, must not see
 * the old bindings, whatever the order of events in the loop.
 */
void handles_sync(struct hyp *hyp)
{
	struct handle *handle, *next;

	for (handle = hyp->handles; handle; handle = next) {
		struct pollfd pfd = {.fd = handle->source.fd};

		next = handle->next;
		if (poll(&pfd, 1, 0) > 0 && (pfd.revents & POLLERR))
			handle_free(hyp, handle);
	}
}
