/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libxenevtchn on a simulated Xen.  Binding asks the hypervisor; notify,
 * pending and unmask do not.  Errors are those of the Linux driver: -1 and
 * errno.  Called by programs that run under `xensim run`.
 */
#include "lib.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xenevtchn.h>

struct xenevtchn_handle {
	int fd;	    /* the caller's descriptor */
	int writer; /* the pipe's other end, for unmasking; close-on-exec */
	uint32_t id;
	uint32_t far_id; /* the last other handle that got an event */
	int far_writer;
};

static int failed(int err)
{
	errno = err;
	return -1;
}

/* Make a handle of @fd; on failure the caller keeps @fd. */
static xenevtchn_handle *handle_wrap(int fd, uint32_t id)
{
	struct sim_req req = {.op = SIM_OP_WRITER, .a = id};
	struct sim_rep rep;
	xenevtchn_handle *xce;
	int err;

	if (!lib_shm())
		return NULL;
	xce = calloc(1, sizeof(*xce));
	if (!xce)
		return NULL;
	xce->fd = fd;
	xce->id = id;
	xce->far_writer = -1;
	err = lib_call(&req, &rep, &xce->writer);
	if (err) {
		free(xce);
		errno = err;
		return NULL;
	}
	return xce;
}

EXPORT xenevtchn_handle *xenevtchn_open(struct xentoollog_logger *logger,
					unsigned int flags)
{
	struct sim_req req = {.op = SIM_OP_OPEN};
	struct sim_rep rep;
	xenevtchn_handle *xce;
	int fd, err;

	(void)logger;
	if (flags & ~(unsigned int)XENEVTCHN_NO_CLOEXEC) {
		errno = EINVAL;
		return NULL;
	}
	err = lib_call(&req, &rep, &fd);
	if (err) {
		errno = err;
		return NULL;
	}
	xce = handle_wrap(fd, rep.a);
	if (xce && (flags & XENEVTCHN_NO_CLOEXEC))
		(void)fcntl(fd, F_SETFD, 0);
	if (!xce)
		close(fd);
	return xce;
}

EXPORT xenevtchn_handle *xenevtchn_fdopen(struct xentoollog_logger *logger,
					  int fd, unsigned int open_flags)
{
	struct sim_req req = {.op = SIM_OP_FIND};
	struct sim_rep rep;
	struct stat st;
	int err;

	(void)logger;
	if (open_flags) {
		errno = EINVAL;
		return NULL;
	}
	if (fstat(fd, &st))
		return NULL;
	if (!S_ISFIFO(st.st_mode)) {
		errno = EINVAL;
		return NULL;
	}
	req.d = st.st_ino;
	err = lib_call(&req, &rep, NULL);
	if (err) {
		errno = err;
		return NULL;
	}
	return handle_wrap(fd, rep.a);
}

EXPORT int xenevtchn_close(xenevtchn_handle *xce)
{
	struct sim_req req = {.op = SIM_OP_SYNC};
	struct sim_rep rep;
	int ret;

	if (!xce)
		return 0;
	if (xce->far_writer >= 0)
		close(xce->far_writer);
	close(xce->writer);
	ret = close(xce->fd);
	/* as on Xen, the ports are closed when this returns */
	(void)lib_call(&req, &rep, NULL);
	free(xce);
	return ret;
}

EXPORT int xenevtchn_fd(xenevtchn_handle *xce)
{
	return xce->fd;
}

EXPORT int xenevtchn_restrict(xenevtchn_handle *xce, domid_t domid)
{
	(void)xce;
	(void)domid;
	return failed(EOPNOTSUPP);
}

/* Index of @port if it is bound through @xce, else SIM_NO_PORT. */
static uint32_t own_index(xenevtchn_handle *xce, struct sim_shm *shm,
			  evtchn_port_t port)
{
	uint32_t index = sim_port_index(0, port);

	if (index == SIM_NO_PORT || !sim_load(&shm->dom0_ports[index].state) ||
	    sim_load(&shm->dom0_ports[index].handle) != xce->id)
		return SIM_NO_PORT;
	return index;
}

/* The pipe of handle @id: ours, or a copy of one other at a time. */
static int writer_of(xenevtchn_handle *xce, uint32_t id)
{
	struct sim_req req = {.op = SIM_OP_WRITER, .a = id};
	struct sim_rep rep;

	if (id == xce->id)
		return xce->writer;
	if (id == xce->far_id && xce->far_writer >= 0)
		return xce->far_writer;
	if (xce->far_writer >= 0)
		close(xce->far_writer);
	xce->far_writer = -1;
	if (!lib_call(&req, &rep, &xce->far_writer))
		xce->far_id = id;
	return xce->far_writer;
}

EXPORT int xenevtchn_notify(xenevtchn_handle *xce, evtchn_port_t port)
{
	struct sim_shm *shm = lib_shm();
	uint32_t index, peer, kind;
	int fd;

	if (!shm)
		return -1;
	index = own_index(xce, shm, port);
	if (index == SIM_NO_PORT)
		return failed(ENOTCONN);
	kind = sim_load(&shm->dom0_ports[index].state) & SIM_KIND_MASK;
	if (kind == SIM_KIND_UNBOUND)
		return 0; /* lost */
	if (kind != SIM_KIND_INTERDOMAIN)
		return failed(EINVAL);
	peer = sim_load(&shm->dom0_ports[index].peer);
	if (!sim_port_raise(shm, peer))
		return 0;
	fd = writer_of(xce, sim_load(&sim_port_at(shm, peer)->handle));
	if (fd >= 0)
		(void)sim_pipe_put(fd, sim_index_port(peer));
	return 0;
}

static xenevtchn_port_or_error_t bind_call(xenevtchn_handle *xce, uint32_t op,
					   uint32_t b, uint32_t c)
{
	struct sim_req req = {.op = op, .a = xce->id, .b = b, .c = c};
	struct sim_rep rep;
	int err = lib_refused(SIM_REFUSE_EVTCHN) ? ENOTTY
						 : lib_call(&req, &rep, NULL);

	return err ? failed(err) : (xenevtchn_port_or_error_t)rep.a;
}

static uint32_t not_self(uint32_t domid)
{
	return domid == SIM_DOMID_SELF ? 0 : domid;
}

EXPORT xenevtchn_port_or_error_t
xenevtchn_bind_unbound_port(xenevtchn_handle *xce, uint32_t domid)
{
	return bind_call(xce, SIM_OP_BIND_UNBOUND, not_self(domid), 0);
}

EXPORT xenevtchn_port_or_error_t xenevtchn_bind_interdomain(
	xenevtchn_handle *xce, uint32_t domid, evtchn_port_t remote_port)
{
	return bind_call(xce, SIM_OP_BIND_INTER, not_self(domid), remote_port);
}

EXPORT xenevtchn_port_or_error_t xenevtchn_bind_virq(xenevtchn_handle *xce,
						     unsigned int virq)
{
	return bind_call(xce, SIM_OP_BIND_VIRQ, virq, 0);
}

EXPORT int xenevtchn_unbind(xenevtchn_handle *xce, evtchn_port_t port)
{
	return bind_call(xce, SIM_OP_UNBIND, port, 0) < 0 ? -1 : 0;
}

EXPORT xenevtchn_port_or_error_t xenevtchn_pending(xenevtchn_handle *xce)
{
	uint32_t port;
	ssize_t n = read(xce->fd, &port, sizeof(port));

	if (n == (ssize_t)sizeof(port))
		return (xenevtchn_port_or_error_t)port;
	return n < 0 ? -1 : failed(EIO);
}

EXPORT int xenevtchn_unmask(xenevtchn_handle *xce, evtchn_port_t port)
{
	struct sim_shm *shm = lib_shm();
	uint32_t index;

	if (!shm)
		return -1;
	index = own_index(xce, shm, port);
	/* The driver ignores ports that are not this handle's. */
	if (index != SIM_NO_PORT && sim_port_unmask(shm, index))
		(void)sim_pipe_put(xce->writer, port);
	return 0;
}
