/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Raises, masks and consumes events in the shared memory.  Knows the states of
 * a port, but not how ports are bound.  Used by the hypervisor, the preloaded
 * library and guests.
 *
 * A port of a handle, as Linux drives it: to deliver an event, the port is
 * masked and its number put into the pipe.  Further events only set PENDING,
 * and unmasking delivers them once.
 *
 *          raise                    raise
 *   idle ---------> MASKED + pipe ---------> MASKED|PENDING
 *     ^               | unmask                 | unmask
 *     +---------------+      MASKED + pipe <---+
 *
 * A port of a guest kernel: PENDING until consumed, and a futex.
 */
#include "sim.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Make the kernel of @dom look at its flags and events. */
void sim_dom_wake(struct sim_dom *dom)
{
	__atomic_fetch_add(&dom->event, 1, __ATOMIC_SEQ_CST);
	if (sim_load(&dom->waiting))
		(void)syscall(SYS_futex, &dom->event, FUTEX_WAKE, INT_MAX, NULL,
			      NULL, 0);
}

/*
 * Sleep until @dom's event word is no longer @seen, a signal, or @timeout_us
 * (negative: none).
 */
void sim_dom_wait(struct sim_dom *dom, uint32_t seen, int64_t timeout_us)
{
	struct timespec ts;

	if (timeout_us >= 0) {
		ts.tv_sec = timeout_us / 1000000;
		ts.tv_nsec = timeout_us % 1000000 * 1000;
	}
	__atomic_fetch_add(&dom->waiting, 1, __ATOMIC_SEQ_CST);
	(void)syscall(SYS_futex, &dom->event, FUTEX_WAIT, seen,
		      timeout_us >= 0 ? &ts : NULL, NULL, 0);
	__atomic_fetch_sub(&dom->waiting, 1, __ATOMIC_SEQ_CST);
}

/*
 * Raise an event on port @index.  Returns true if the caller must put the
 * port's number into the pipe of its handle; the rest is done here.
 */
bool sim_port_raise(struct sim_shm *shm, uint32_t index)
{
	struct sim_port *port = sim_port_at(shm, index);
	uint32_t old = sim_load(&port->state), new;

	do {
		uint32_t kind = old & SIM_KIND_MASK;

		if (kind != SIM_KIND_INTERDOMAIN && kind != SIM_KIND_VIRQ)
			return false;
		if (old & (SIM_KERNEL | SIM_MASKED))
			new = old | SIM_PENDING;
		else
			new = old | SIM_MASKED;
	} while (!__atomic_compare_exchange_n(&port->state, &old, new, false,
					      __ATOMIC_SEQ_CST,
					      __ATOMIC_SEQ_CST));
	if (!(old & SIM_KERNEL))
		return !(old & SIM_MASKED);
	if (!(old & SIM_PENDING))
		sim_dom_wake(&shm->doms[sim_index_domid(index)]);
	return false;
}

/* Unmask; returns true if the caller must put the number into the pipe. */
bool sim_port_unmask(struct sim_shm *shm, uint32_t index)
{
	struct sim_port *port = sim_port_at(shm, index);
	uint32_t old = sim_load(&port->state), new;

	do {
		if (!(old & SIM_MASKED))
			return false;
		if (old & SIM_PENDING)
			new = old & ~SIM_PENDING;
		else
			new = old & ~SIM_MASKED;
	} while (!__atomic_compare_exchange_n(&port->state, &old, new, false,
					      __ATOMIC_SEQ_CST,
					      __ATOMIC_SEQ_CST));
	return (old & SIM_PENDING) != 0;
}

/* A guest kernel takes its event: true if there was one. */
bool sim_port_consume(struct sim_shm *shm, uint32_t index)
{
	struct sim_port *port = sim_port_at(shm, index);
	uint32_t old;

	if (!(sim_load(&port->state) & SIM_PENDING))
		return false;
	old = __atomic_fetch_and(&port->state, ~SIM_PENDING, __ATOMIC_SEQ_CST);
	return (old & SIM_PENDING) != 0;
}

/*
 * Put a port number into a handle's pipe.  The pipe has room for every port, so
 * if it is full, its reader is far behind with stale numbers: wait for it.
 * Returns 0, EPIPE (all copies of the handle are closed) or another errno.
 */
int sim_pipe_put(int fd, uint32_t port)
{
	for (;;) {
		ssize_t n = write(fd, &port, sizeof(port));
		struct pollfd pfd = {.fd = fd, .events = POLLOUT};

		if (n == (ssize_t)sizeof(port))
			return 0;
		if (n < 0 && errno == EINTR)
			continue;
		if (n >= 0 || errno != EAGAIN)
			return n < 0 ? errno : EIO;
		(void)poll(&pfd, 1, 1000);
	}
}
