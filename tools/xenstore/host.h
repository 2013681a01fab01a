/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host: everything outside the daemon.
 *
 * Clock, randomness, descriptors, event channels, grants and domains, behind
 * one table of functions, so that the same daemon runs on Xen (host-xen), in
 * a test with a scripted host and its own clock, or, as the rehearsal of a
 * live update, with a host that answers and does nothing (host-null).
 *
 * Functions return 0 or a positive errno.  errno itself is read only behind
 * this header.
 */
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/err.h"

struct host;

/* What host_wait reports. */
#define HOST_IN	 1u
#define HOST_OUT 2u
#define HOST_HUP 4u

struct host_event {
	uint64_t tag; /* as given to poll_set */
	uint32_t what;
};

/* Names a domain over its whole life: its UUID, which a toolstack draws. */
struct host_domain {
	uint16_t domid;
	bool shutdown; /* has stopped; may still be resumed or saved */
	bool dying;    /* is being taken apart */
	bool paused;   /* does not run now, by a toolstack's will */
	uint64_t handle_hi, handle_lo;
};

/* Who may come after this daemon. */
enum host_successor {
	HOST_OURS,
	HOST_XEN,      /* stock, of a release that cannot be told */
	HOST_XEN_4_15, /* stock, of Xen 4.15 to 4.20 */
	HOST_XEN_4_21,
	HOST_XEN_4_22 /* and later */
};

/*
 * For a successor that cannot rehearse and does not say when it serves: how to
 * see it, and what is done if it never does.
 */
struct host_back {
	int ask_fd;	   /* a client of the daemon, its question sent */
	size_t answer_len; /* a reply of so many bytes: it serves */
	/*
	 * The image that the old binary goes on from, as a descriptor.  Runs
	 * when the successor is gone, in another process, which has this one's
	 * memory and descriptors; began: it may have served somebody.
	 */
	int (*image)(void *arg, bool began, int *ret_fd, struct err *err);
	void *arg;
	const int *keep; /* what the old binary needs of descriptors */
	size_t nkeep;
};

#define HOST_FILE_MAX (4ull << 30) /* of what file_read reads at all */

struct host_ops {
	/* One clock that only goes forward, also over an exec. */
	uint64_t (*now_ms)(struct host *h);
	uint64_t (*now_us)(struct host *h);
	/* The time of day, in ms since 1970: for people, it may jump. */
	uint64_t (*wall_ms)(struct host *h);
	int (*random)(struct host *h, void *buf, size_t len);

	/* Descriptors.  poll_set: what is 0 to hear only of HUP. */
	int (*poll_add)(struct host *h, int fd, uint32_t what, uint64_t tag);
	int (*poll_set)(struct host *h, int fd, uint32_t what, uint64_t tag);
	void (*poll_del)(struct host *h, int fd);
	/* Waits for at most timeout_us (-1: for ever); *ret_n events. */
	int (*wait)(struct host *h, struct host_event *ev, size_t max,
		    int64_t timeout_us, size_t *ret_n);
	/* EAGAIN: nobody there. */
	int (*accept)(struct host *h, int listen_fd, int *ret_fd);
	/* *ret_n 0: the other side has closed.  EAGAIN: nothing now. */
	int (*read)(struct host *h, int fd, void *buf, size_t len,
		    size_t *ret_n);
	int (*writev)(struct host *h, int fd, const struct iovec *iov, int n,
		      size_t *ret_n);
	void (*close)(struct host *h, int fd);
	/*
	 * Whose it is: pid and name of the program ("" if unknown), as it
	 * calls itself: any bytes but NUL.  An errno: nobody knows.
	 */
	int (*peer)(struct host *h, int fd, int32_t *ret_pid, char *name,
		    size_t size);
	/* A client of a socket that is listened on; does not wait. */
	int (*dial)(struct host *h, int listen_fd, int *ret_fd,
		    struct err *err);
	/* One that somebody else has opened: as if this daemon had. */
	void (*own_fd)(struct host *h, int fd);

	/* Event channels; ports are the daemon's own unless it says remote. */
	int (*evtchn_bind)(struct host *h, uint16_t domid, uint32_t remote,
			   uint32_t *ret_port);
	int (*evtchn_bind_death)(struct host *h, uint32_t *ret_port);
	void (*evtchn_unbind)(struct host *h, uint32_t port);
	void (*evtchn_notify)(struct host *h, uint32_t port);
	void (*evtchn_unmask)(struct host *h, uint32_t port);
	/* The far end's number of a port that is bound to a domain's. */
	int (*evtchn_far)(struct host *h, uint32_t port, uint32_t *ret_remote);
	/* The next pending port; EAGAIN: none. */
	int (*evtchn_pending)(struct host *h, uint32_t *ret_port);

	/* The 4 KiB ring page of a domain: its grant entry 1. */
	int (*ring_map)(struct host *h, uint16_t domid, void **ret_page);
	void (*ring_unmap)(struct host *h, void *page);
	/* dom0's ring and port; ENOENT: this kernel offers none. */
	int (*dom0_ring)(struct host *h, void **ret_page, uint32_t *ret_port);
	/*
	 * Facts about all domains from first_domid up, at most max;
	 * *ret_n 0: there are no more.
	 */
	int (*domains)(struct host *h, uint16_t first_domid,
		       struct host_domain *ret, size_t max, size_t *ret_n);

	/* The descriptors that a successor can adopt; -1: none. */
	void (*update_handoff)(struct host *h, int32_t *ret_evtchn_fd,
			       int32_t *ret_epoll_fd);
	/*
	 * In the successor: takes them over, or opens new ones for -1.
	 * *ret_adopted says whether ports of ours are still bound, and
	 * whether descriptors are still polled.
	 */
	int (*update_adopt)(struct host *h, int32_t evtchn_fd, int32_t epoll_fd,
			    bool *ret_ports, bool *ret_polled, struct err *err);

	/* Whether the file is an xenstored, fit to run, and of which kind. */
	int (*update_check)(struct host *h, const char *binary,
			    enum host_successor *ret_kind, struct err *err);
	/*
	 * Begins a rehearsal: in a child of this moment, dump(arg, fd) writes
	 * the image and the binary is run on it.  What it says becomes
	 * readable under tag.  args NULL: those of this process.  dump NULL,
	 * for a stock daemon: it is only asked whether it knows the arguments.
	 */
	int (*update_rehearse)(struct host *h, const char *binary,
			       const char *args,
			       int (*dump)(void *arg, int fd, struct err *err),
			       void *arg, uint64_t tag, struct err *err);
	/*
	 * How it ended: 0 the same state, EAGAIN not yet, else why not.  With
	 * EAGAIN, err->text is a step that it has come to, and there may be
	 * more: ask again until it is "".
	 */
	int (*update_rehearsed)(struct host *h, struct err *err);
	/* Ends it, if there is one; what it had of the binary is closed. */
	void (*update_rehearse_stop)(struct host *h);
	/*
	 * Replaces this process; the nkeep descriptors at keep and the host's
	 * own stay open.  Comes back only if that failed, with everything as
	 * before.
	 */
	int (*update_exec)(struct host *h, const char *binary, const char *args,
			   int image_fd, const int *keep, size_t nkeep,
			   struct err *err);
	/*
	 * The file by which a stock daemon hears of the state; p NULL: it goes.
	 */
	int (*stock_file)(struct host *h, const void *p, size_t len,
			  struct err *err);
	/*
	 * As update_exec, with what such a daemon expects of descriptors.  Those
	 * of back alone stay with whoever watches over it.
	 */
	int (*stock_exec)(struct host *h, const char *binary, const char *args,
			  const int *keep, size_t nkeep,
			  const struct host_back *back, struct err *err);
	/*
	 * A whole file into memory that goes with ctx (talloc), not before.
	 * EFBIG, before anything is read, when it has more than max bytes.
	 */
	int (*file_read)(struct host *h, const char *path, void *ctx,
			 uint64_t max, uint8_t **ret_data, size_t *ret_len,
			 struct err *err);
	/* A file that is there whole or not at all, for root alone. */
	int (*file_write)(struct host *h, const char *path, const void *p,
			  size_t len, struct err *err);
	/* At the end of a file that is there; never waits for a reader. */
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

/* Calls one of them: host_call(h, now_ms). */
#define host_call(h, fn, ...) ((h)->ops->fn((h), ##__VA_ARGS__))

/*
 * Tags that the host itself gives to events; those of the daemon have a
 * larger upper half.
 */
#define HOST_TAG_EVTCHN 1u /* a port is pending */
#define HOST_TAG_SIGNAL 2u /* asked to end, or to open the log again */

#endif
