/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the processes of a simulated Xen share: the layout of the memory that
 * holds domains and event channels, and the messages to the hypervisor
 * process.  Knows nothing of xenstore.  Used by everything in this folder.
 *
 * The memory is one memfd that the hypervisor creates and all processes map.
 * Only the hypervisor binds and closes ports.  Any process raises and unmasks
 * them by atomic operations, so the hot path (an event from a guest to the
 * daemon and back) does not involve the hypervisor process:
 *
 *   guest --- CAS on the port's state, write(pipe) --------> daemon's fd
 *   daemon -- OR on the port's state, futex wake ----------> guest
 *
 * An event channel descriptor is the read end of a pipe that carries port
 * numbers (u32 each, as the real device's read() returns them).  The pipe's
 * inode names the handle, so a successor that has only the descriptor finds it
 * again.  When the pipe has no reader, all copies of the handle are closed.
 */
#ifndef XENSIM_SIM_H
#define XENSIM_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_MAGIC      0x584e5331u /* "XNS1" */
#define SIM_SOCKET     "hypervisor"
#define SIM_ENV_DIR    "XENSIM_DIR"
#define SIM_ENV_CLOCK  "XENSIM_CLOCK"  /* see lib-clock.c */
#define SIM_ENV_ROUNDS "XENSIM_ROUNDS" /* see lib-rounds.c */
#define SIM_CLOCK_MAX  1000000
#define SIM_PAGE_SIZE  4096u

#define SIM_MAX_DOMID	0x7ff0u /* DOMID_FIRST_RESERVED */
#define SIM_DOMID_SELF	0x7ff0u
#define SIM_DOMID_SLOTS 0x8000u
#define SIM_DOM0_PORTS	65536u
#define SIM_GUEST_PORTS 8u
#define SIM_NO_PORT	0xffffffffu
#define SIM_RING_PORT	2076u /* in a ring's page: the domain names its port */

#define SIM_GREF_CONSOLE  0u
#define SIM_GREF_XENSTORE 1u
#define SIM_VIRQS	  24u

/* struct sim_port, state: the kind has the numbers of EVTCHNSTAT_*. */
#define SIM_KIND_MASK	     0xffu
#define SIM_KIND_CLOSED	     0u
#define SIM_KIND_UNBOUND     1u
#define SIM_KIND_INTERDOMAIN 2u
#define SIM_KIND_VIRQ	     4u
#define SIM_PENDING	     0x100u
#define SIM_MASKED	     0x200u
#define SIM_KERNEL	     0x400u /* belongs to a guest kernel, no handle */

struct sim_port {
	uint32_t state;	 /* SIM_KIND_* and flags; changed by CAS only */
	uint32_t peer;	 /* interdomain: index of the far end; virq: number */
	uint32_t handle; /* id of the handle it was bound through */
	uint32_t remote; /* unbound: the domain that may bind it */
};

/* struct sim_dom, flags */
#define SIM_DOM_EXISTS	 0x01u
#define SIM_DOM_DYING	 0x02u
#define SIM_DOM_SHUTDOWN 0x04u
#define SIM_DOM_PAUSED	 0x08u
#define SIM_DOM_HVM	 0x10u
#define SIM_DOM_HAP	 0x20u
#define SIM_DOM_MOVED	 0x40u /* paused; its kernel must follow it */
#define SIM_DOM_TYPE	 (SIM_DOM_HVM | SIM_DOM_HAP)

/*
 * In a hypervisor's directory: after domain %u moved, a symbolic link to the
 * directory of the hypervisor that it moved to.
 */
#define SIM_MOVED_LINK "moved-%u"

/* struct sim_dom, caps: the numbers of XENMANAGE_GETDOMSTATE_CAP_* */
#define SIM_CAP_CONTROL	 0x1u
#define SIM_CAP_HARDWARE 0x2u
#define SIM_CAP_XENSTORE 0x4u
#define SIM_CAP_DOM0	 0x7u

struct sim_dom {
	uint32_t flags;
	uint32_t reason;  /* SHUTDOWN_*, when SIM_DOM_SHUTDOWN */
	uint32_t event;	  /* futex: changes whenever its kernel must look */
	uint32_t waiting; /* number of threads that sleep on it */
	uint32_t xs_port;
	uint32_t halted; /* no process runs it, or that process has seen
			    SIM_DOM_PAUSED: nobody touches its pages */
	uint64_t gfn;
	uint64_t unique_id;
	uint8_t uuid[16];
	uint32_t caps; /* SIM_CAP_* */
	uint32_t spare;
};

/*
 * struct sim_shm, refused: what the hypervisor refuses to programs that start
 * from now on, as if their libraries were of another release.  Programs that
 * run already are not affected: they have loaded the old libraries.
 */
#define SIM_REFUSE_CONTROL 0x1u /* calls with an interface version */
#define SIM_REFUSE_EVTCHN  0x2u /* binding */
#define SIM_REFUSE_GNTTAB  0x4u /* opening the device */
#define SIM_REFUSE_MANAGE  0x8u /* libxenmanage's calls: Xen before 4.21 */

struct sim_shm {
	uint32_t magic;
	uint32_t size;
	uint32_t refused; /* SIM_REFUSE_* */
	uint32_t spare;
	uint64_t present[SIM_DOMID_SLOTS / 64];
	struct sim_dom doms[SIM_DOMID_SLOTS];
	struct sim_port dom0_ports[SIM_DOM0_PORTS];
	struct sim_port guest_ports[SIM_DOMID_SLOTS * SIM_GUEST_PORTS];
};

/* Messages on the socket: a request, an answer, some with a descriptor. */
enum sim_op {
	SIM_OP_HELLO = 1,    /* -> fd of the shared memory */
	SIM_OP_OPEN,	     /* -> a handle id, fd read end */
	SIM_OP_FIND,	     /* d inode -> a handle id */
	SIM_OP_WRITER,	     /* a handle id -> fd write end */
	SIM_OP_SYNC,	     /* process closed handles now */
	SIM_OP_BIND_UNBOUND, /* a handle, b domid -> a port */
	SIM_OP_BIND_INTER,   /* a handle, b domid, c port -> a port */
	SIM_OP_BIND_VIRQ,    /* a handle, b virq -> a port */
	SIM_OP_UNBIND,	     /* a handle, b port */
	SIM_OP_MAP,	     /* a domid, b gref -> fd, d offset in it */
	SIM_OP_UNMAP,	     /* a domid, b gref */
	SIM_OP_XSD_KVA,	     /* -> fd of dom0's ring page */
	SIM_OP_FOREIGN,	     /* a domid, d gfn -> fd of its ring page */
	SIM_OP_ATTACH,	     /* a domid -> a port, fd: become its kernel */
	SIM_OP_KERNEL_BIND,  /* a domid, b dom0 port -> a port */
	SIM_OP_CREATE,	     /* a domid or ~0, b SIM_DOM_*, c connection word,
				d 1: its page names its port
				-> a domid, b port, d gfn */
	SIM_OP_DESTROY,	     /* a domid */
	SIM_OP_SHUTDOWN,     /* a domid, b reason */
	SIM_OP_PAUSE,	     /* a domid */
	SIM_OP_UNPAUSE,	     /* a domid */
	SIM_OP_REVOKE,	     /* a domid, b gref, c 1: grant again */
	SIM_OP_LOOK,	     /* a domid -> a has a kernel, b grants, fd of
				its pages */
	SIM_OP_RECEIVE,	     /* a domid, b SIM_DOM_*, c grants, d reason
				-> fd of its pages; no ports yet */
	SIM_OP_OFFER,	     /* a domid, b port, c remote, d state */
	SIM_OP_DEPART,	     /* a domid, c 1: its kernel must follow */
	SIM_OP_CHANGED,	     /* -> a domid, b SIM_DOM_*, c SIM_CAP_*, d unique
				id of the next domain that has changed */
	SIM_OP_CAPS,	     /* a domid, b SIM_CAP_* */
	SIM_OP_STOP,	     /* end the hypervisor */
};

struct sim_req {
	uint32_t op, a, b, c;
	uint64_t d;
};

struct sim_rep {
	uint32_t err; /* 0 or a positive errno */
	uint32_t a, b, c;
	uint64_t d;
};

/* Index of a domain's port, or SIM_NO_PORT if the number is too large. */
static inline uint32_t sim_port_index(uint32_t domid, uint32_t port)
{
	if (domid == 0)
		return port < SIM_DOM0_PORTS ? port : SIM_NO_PORT;
	if (domid >= SIM_DOMID_SLOTS || port >= SIM_GUEST_PORTS)
		return SIM_NO_PORT;
	return SIM_DOM0_PORTS + domid * SIM_GUEST_PORTS + port;
}

static inline uint32_t sim_index_domid(uint32_t index)
{
	if (index < SIM_DOM0_PORTS)
		return 0;
	return (index - SIM_DOM0_PORTS) / SIM_GUEST_PORTS;
}

static inline uint32_t sim_index_port(uint32_t index)
{
	if (index < SIM_DOM0_PORTS)
		return index;
	return (index - SIM_DOM0_PORTS) % SIM_GUEST_PORTS;
}

static inline struct sim_port *sim_port_at(struct sim_shm *shm, uint32_t index)
{
	return index < SIM_DOM0_PORTS
		       ? &shm->dom0_ports[index]
		       : &shm->guest_ports[index - SIM_DOM0_PORTS];
}

static inline uint32_t sim_load(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static inline void sim_store(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}

/* sim-port.c: events */
bool sim_port_raise(struct sim_shm *shm, uint32_t index);
bool sim_port_unmask(struct sim_shm *shm, uint32_t index);
bool sim_port_consume(struct sim_shm *shm, uint32_t index);
void sim_dom_wake(struct sim_dom *dom);
void sim_dom_wait(struct sim_dom *dom, uint32_t seen, int64_t timeout_us);
int sim_pipe_put(int fd, uint32_t port);

/*
 * Called by the kernel of @dom before it touches anything.  Returns the
 * domain's flags, which say what it may do now.  A process that sets
 * SIM_DOM_PAUSED and then sees `halted` set can rely on it: this clears
 * `halted` before it reads the flags.
 */
static inline uint32_t sim_dom_enter(struct sim_dom *dom)
{
	uint32_t flags;

	sim_store(&dom->halted, 0);
	flags = sim_load(&dom->flags);
	if (flags & SIM_DOM_PAUSED)
		sim_store(&dom->halted, 1);
	return flags;
}

/* sim-client.c: talking to the hypervisor */
int sim_connect(const char *dir, int *ret_fd);
int sim_call(int sock, const struct sim_req *req, struct sim_rep *ret_rep,
	     int *ret_fd);
int sim_map_shm(int sock, struct sim_shm **ret_shm);
int sim_parse_u32(const char *text, uint32_t max, uint32_t *ret_value);

#endif
