/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host: everything outside the daemon.
 *
 * Clock, randomness, descriptors, event channels, grants and domains, behind
 * one table of functions.  The same daemon runs on Xen (host-xen), in a test
 * with a scripted host and clock, and, in the rehearsal of a live update, with
 * a host that does nothing (host-null).
 *
 * Functions return 0 or a positive errno; the rooms above never read errno.
 */
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/err.h"

struct domids;
struct host;

/* What host_wait reports. */
#define HOST_IN	 1u
#define HOST_OUT 2u
#define HOST_HUP 4u

struct host_event {
	uint64_t tag; /* as given to poll_set */
	uint32_t what;
};

/*
 * What tells two users of one domid apart: the handle, which is the domain's
 * UUID, or Xen's unique id, which no other domain gets until Xen starts again.
 * A host knows one of them; what it does not know is 0.
 */
struct host_domain {
	uint16_t domid;
	bool shutdown; /* shut down; may still be resumed or saved */
	bool dying;    /* being destroyed */
	bool paused;   /* paused by a toolstack; false where Xen does not say */
	uint64_t handle_hi, handle_lo;
	uint64_t unique_id;
	/* what Xen made it for; false where Xen does not say */
	bool control, store;
};

/* The kinds of successors. */
enum host_successor {
	HOST_OURS,
	HOST_XEN,      /* stock, of an unknown release */
	HOST_XEN_4_15, /* stock, of Xen 4.15 to 4.20 */
	HOST_XEN_4_21,
	HOST_XEN_4_22, /* and later */
	HOST_OX	       /* oxenstored, of any release */
};

/*
 * For a stock successor, which cannot rehearse and does not report that it
 * serves: how to notice that it does, and what to do if it does not.
 */
struct host_back {
	int ask_fd;	   /* a client socket with a request sent */
	size_t answer_len; /* when its reply is this long, the successor serves */
	/*
	 * Makes the image from which the old binary continues, as a
	 * descriptor.  Runs when the successor has ended, in a process with
	 * this one's memory and descriptors.  began: it may have served
	 * clients.
	 */
	int (*image)(void *arg, bool began, int *ret_fd, struct err *err);
	void *arg;
	const int *keep; /* the descriptors that the old binary needs */
	size_t nkeep;
	/*
	 * Sent to reply_fd when the successor serves, if it does not take over
	 * what is not sent yet; NULL: nothing.
	 */
	const uint8_t *reply;
	size_t reply_len;
	int reply_fd;
};

#define HOST_FILE_MAX (4ull << 30) /* the largest file for file_read */

struct host_ops {
	/* One monotonic clock; it continues over an exec. */
	uint64_t (*now_ms)(struct host *h);
	uint64_t (*now_us)(struct host *h);
	/* The time of day, in ms since 1970, for log lines; it may jump. */
	uint64_t (*wall_ms)(struct host *h);
	int (*random)(struct host *h, void *buf, size_t len);

	/* Descriptors.  what 0: report only HUP. */
	int (*poll_add)(struct host *h, int fd, uint32_t what, uint64_t tag);
	int (*poll_set)(struct host *h, int fd, uint32_t what, uint64_t tag);
	void (*poll_del)(struct host *h, int fd);
	/* Waits for at most timeout_us (-1: no limit); *ret_n events. */
	int (*wait)(struct host *h, struct host_event *ev, size_t max,
		    int64_t timeout_us, size_t *ret_n);
	/* EAGAIN: no client waits. */
	int (*accept)(struct host *h, int listen_fd, int *ret_fd);
	/* *ret_n 0: the peer has closed.  EAGAIN: nothing to read now. */
	int (*read)(struct host *h, int fd, void *buf, size_t len,
		    size_t *ret_n);
	/* The same, but the bytes stay to be read. */
	int (*peek)(struct host *h, int fd, void *buf, size_t len,
		    size_t *ret_n);
	int (*writev)(struct host *h, int fd, const struct iovec *iov, int n,
		      size_t *ret_n);
	void (*close)(struct host *h, int fd);
	/*
	 * The peer of a socket: pid and program name ("" if unknown).  The
	 * program chooses its name: any bytes but NUL.
	 */
	int (*peer)(struct host *h, int fd, int32_t *ret_pid, char *name,
		    size_t size);
	/* Connects to a listening socket of this daemon; does not wait. */
	int (*dial)(struct host *h, int listen_fd, int *ret_fd,
		    struct err *err);
	/* Adopts a descriptor: sets O_NONBLOCK and close-on-exec. */
	void (*own_fd)(struct host *h, int fd);

	/* Event channels; a port is the daemon's own unless named remote. */
	int (*evtchn_bind)(struct host *h, uint16_t domid, uint32_t remote,
			   uint32_t *ret_port);
	int (*evtchn_bind_death)(struct host *h, uint32_t *ret_port);
	void (*evtchn_unbind)(struct host *h, uint32_t port);
	void (*evtchn_notify)(struct host *h, uint32_t port);
	void (*evtchn_unmask)(struct host *h, uint32_t port);
	/* The remote port to which an interdomain port is bound. */
	int (*evtchn_far)(struct host *h, uint32_t port, uint32_t *ret_remote);
	/* The next pending port; EAGAIN: none. */
	int (*evtchn_pending)(struct host *h, uint32_t *ret_port);

	/* The 4 KiB ring page of a domain: its grant entry 1. */
	int (*ring_map)(struct host *h, uint16_t domid, void **ret_page);
	void (*ring_unmap)(struct host *h, void *page);
	/* dom0's ring and port; ENOENT: this kernel offers none. */
	int (*dom0_ring)(struct host *h, void **ret_page, uint32_t *ret_port);
	/* One domain, as it is now.  ENOENT: there is none. */
	int (*domain)(struct host *h, uint16_t domid, struct host_domain *ret);
	/*
	 * Those of `of` that are there, from first_domid on, by their domid; at
	 * most max; fewer: there are no more.  Others may be among them.
	 * of NULL: all that there are, at a first start when VIRQ_DOM_EXC was
	 * just bound; ENOSYS: this Xen does not say enough about them.
	 */
	int (*domains)(struct host *h, const struct domids *of,
		       uint16_t first_domid, struct host_domain *ret,
		       size_t max, size_t *ret_n);

	/* The descriptors that a successor adopts; -1: none. */
	void (*update_handoff)(struct host *h, int32_t *ret_evtchn_fd,
			       int32_t *ret_epoll_fd);
	/*
	 * In the successor: adopts them, or opens new ones for -1.
	 * *ret_ports: the ports are still bound.  *ret_polled: the descriptors
	 * are still polled.
	 */
	int (*update_adopt)(struct host *h, int32_t evtchn_fd, int32_t epoll_fd,
			    bool *ret_ports, bool *ret_polled, struct err *err);

	/* Whether the file is an xenstored that this host can run; its kind. */
	int (*update_check)(struct host *h, const char *binary,
			    enum host_successor *ret_kind, struct err *err);
	/*
	 * Starts a rehearsal: a forked child calls dump(arg, fd) to write the
	 * image, then execs the binary on it.  Its reports become readable
	 * under tag.  args NULL: those of this process.  dump NULL, for a stock
	 * daemon: only checks that it accepts the arguments.
	 */
	int (*update_rehearse)(struct host *h, const char *binary,
			       const char *args,
			       int (*dump)(void *arg, int fd, struct err *err),
			       void *arg, uint64_t tag, struct err *err);
	/*
	 * The result: 0: the same state; EAGAIN: not done yet; else the reason.
	 * With EAGAIN, err->text is the next step reported; call again until it
	 * is "".
	 */
	int (*update_rehearsed)(struct host *h, struct err *err);
	/* Ends the rehearsal, if there is one, and closes the binary. */
	void (*update_rehearse_stop)(struct host *h);
	/*
	 * Execs the rehearsed binary; the nkeep descriptors at keep and the
	 * host's own stay open.  Returns only on failure; all is undone then.
	 */
	int (*update_exec)(struct host *h, const char *binary, const char *args,
			   int image_fd, const int *keep, size_t nkeep,
			   struct err *err);
	/* Whether the binary checked last can be loaded beside this process. */
	bool (*beside_can)(struct host *h);
	/*
	 * A successor that is loaded beside this process.  Starts the checked
	 * binary, which reads a stream of pieces; args NULL: those of this
	 * process.  Its reports, and room for more pieces, become events under
	 * tag.  Returns 0 or an errno with err: nothing was started.
	 */
	int (*beside_start)(struct host *h, const char *binary,
			    const char *args, uint64_t tag, struct err *err);
	/*
	 * Queues a piece and sends what the successor has room for.  Copies the
	 * bytes and duplicates the descriptors.  Returns 0, ENOMEM, EMFILE or
	 * the like with err.
	 */
	int (*beside_put)(struct host *h, const void *data, size_t len,
			  const int *fds, size_t nfds, struct err *err);
	/* Asks for a report: it has applied all pieces before this. */
	int (*beside_ask)(struct host *h, struct err *err);
	/* How many bytes wait to be sent. */
	size_t (*beside_backlog)(struct host *h);
	/*
	 * After an event: sends more, reads the next report.  EAGAIN: nothing,
	 * or a step, which is in err->text then ("": nothing).  0: the answer to
	 * beside_ask().  Else the successor has failed or ended: err says why.
	 */
	int (*beside_event)(struct host *h, struct err *err);
	/*
	 * Sends the last piece and waits, for at most timeout_ms, until the
	 * successor serves; then this process ends: it does not return.  On
	 * failure it returns an errno with err; the successor has touched
	 * nothing then and cannot serve any more.  ENOTRECOVERABLE: it had
	 * begun to serve, and has ended: the caller logs err and ends without
	 * touching anything outside.
	 */
	int (*beside_cut)(struct host *h, const void *data, size_t len,
			  const int *fds, size_t nfds, uint32_t timeout_ms,
			  struct err *err);
	/* Kills the successor if there is one, and frees what belongs to it. */
	void (*beside_stop)(struct host *h);
	/* Writes the file from which a stock daemon restores; p NULL: removes it. */
	int (*stock_file)(struct host *h, const void *p, size_t len,
			  struct err *err);
	/*
	 * Execs a stock daemon: as update_exec, but its descriptors block, as
	 * that daemon expects.  The guard keeps the descriptors of back.
	 */
	int (*stock_exec)(struct host *h, const char *binary, const char *args,
			  const int *keep, size_t nkeep,
			  const struct host_back *back, struct err *err);
	/*
	 * Reads a whole file into memory of talloc context ctx.  EFBIG, before
	 * reading: it has more than max bytes.
	 */
	int (*file_read)(struct host *h, const char *path, void *ctx,
			 uint64_t max, uint8_t **ret_data, size_t *ret_len,
			 struct err *err);
	/* Writes a file for root alone; it appears whole or not at all. */
	int (*file_write)(struct host *h, const char *path, const void *p,
			  size_t len, struct err *err);
	/* Appends to an existing file; never waits for a reader. */
	int (*file_append)(struct host *h, const char *path, const void *p,
			   size_t len, struct err *err);
	/* A new, empty, anonymous file for the image. */
	int (*update_image)(struct host *h, int *ret_fd, struct err *err);
	int (*update_image_write)(struct host *h, int fd, const void *p,
				  size_t len, struct err *err);
};

struct host {
	const struct host_ops *ops;
};

/* host_call(h, now_ms) */
#define host_call(h, fn, ...) ((h)->ops->fn((h), ##__VA_ARGS__))

/* Tags of the host's own events; the daemon's have a non-zero upper half. */
#define HOST_TAG_EVTCHN 1u /* a port is pending */
#define HOST_TAG_SIGNAL 2u /* SIGHUP: open the log again */
#define HOST_TAG_PATHS	3u /* the paths of the sockets may have changed */

#endif
