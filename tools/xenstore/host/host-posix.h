/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-posix: the part of the host that every Unix has: clock, descriptors,
 * processes.  host-xen and host-null build their tables of functions from it.
 */
#ifndef HOST_HOST_POSIX_H
#define HOST_HOST_POSIX_H

#include <pthread.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "host.h"

#define REHEARSAL_TEXT 512

struct posix {
	struct host host; /* first: a struct host is one of these */
	int epoll_fd;
	int signal_fd; /* SIGHUP; -1: none */
	char **argv;   /* of this process, for a successor */
	int self_fd;   /* this binary, for the way back */
	/* a rehearsal under way */
	pid_t child;
	int child_fd;
	int binary_fd;	       /* what was rehearsed is what is run, -1: none */
	int image_fd;	       /* the rehearsal's, for the update's; -1: none */
	uint64_t rehearsal_ms; /* when it began; after it: how long it took */
	struct stat binary_stat; /* of the binary, when opened */
	char said[REHEARSAL_TEXT];
	size_t said_len;
	bool stock;	/* it is a stock daemon's */
	bool releasing; /* posix_release_image: a thread of its own */
	pthread_t releaser;
};

static inline struct posix *to_posix(struct host *h)
{
	return (struct posix *)(void *)h;
}

#define STOCK_FILE "state_dump" /* a stock daemon's state, in the run dir */

/* Where the sockets are: XENSTORED_RUNDIR or the default. */
const char *posix_rundir(void);
#define POSIX_SOCKET	"socket"
#define POSIX_SOCKET_RO "socket_ro"
/*
 * The whole path of such a file, STOCK_FILE or one of the sockets; the first
 * socket may be elsewhere, by XENSTORED_PATH.  *ret_path is the caller's to
 * free().  Returns 0 or ENOMEM with err.
 */
int __must_check posix_run_path(const char *name, char **ret_path,
				struct err *err);
/* Opens what it needs.  Returns 0 or an errno with err. */
int __must_check posix_init(struct posix *p, char **argv, struct err *err);
/* Takes over a predecessor's epoll descriptor; -1: makes a new one. */
int __must_check posix_poll_init(struct posix *p, int epoll_fd,
				 struct err *err);

uint64_t posix_now_ms(struct host *h);
uint64_t posix_now_us(struct host *h);
uint64_t posix_wall_ms(struct host *h);
int posix_random(struct host *h, void *buf, size_t len);
int posix_poll_add(struct host *h, int fd, uint32_t what, uint64_t tag);
int posix_poll_set(struct host *h, int fd, uint32_t what, uint64_t tag);
void posix_poll_del(struct host *h, int fd);
int posix_wait(struct host *h, struct host_event *ev, size_t max,
	       int64_t timeout_us, size_t *ret_n);
int posix_accept(struct host *h, int listen_fd, int *ret_fd);
int posix_read(struct host *h, int fd, void *buf, size_t len, size_t *ret_n);
int posix_writev(struct host *h, int fd, const struct iovec *iov, int n,
		 size_t *ret_n);
int posix_peer(struct host *h, int fd, int32_t *ret_pid, char *name,
	       size_t size);
void posix_own_fd(struct host *h, int fd);
void posix_close(struct host *h, int fd);
int posix_dial(struct host *h, int listen_fd, int *ret_fd, struct err *err);

struct sockaddr_un;
/* Returns 0 or, as such a path must be short, ENAMETOOLONG with err. */
int __must_check posix_unix_addr(const char *path, struct sockaddr_un *ret,
				 struct err *err);
/*
 * host-running.c: whether a living xenstored, of whatever kind, has this pid
 * file (NULL: none) or one of the sockets.  Touches nothing.  EEXIST: it does,
 * and err says by what; EBUSY: a stranger has the pid file; else 0, or an errno
 * with err.
 */
int __must_check posix_running(const char *pid_file, struct err *err);

/*
 * A listening socket at path, mode bits as given, group -1: unchanged.  A
 * socket that was there goes; anything else stays, and this fails with EEXIST.
 * Returns 0 or an errno with err.
 */
int __must_check posix_listen(const char *path, mode_t mode, gid_t group,
			      int *ret_fd, struct err *err);

/*
 * Gives back a mapping and its file, both large, beside the serving of
 * clients: it takes the kernel some milliseconds for each 100 MB.  Waits
 * there, too, for the child that has been let go; 0: there is none.
 */
void posix_release_image(struct host *h, void *map, size_t len, int fd,
			 pid_t child);
/* Returns when that is done, if it was begun. */
void posix_release_wait(struct posix *p);

/*
 * Tells systemd, if it started us and asked for it (NOTIFY_SOCKET), that we
 * serve, or that this process is the one that does; sd_notify(3) has the
 * protocol.
 */
void posix_notify_ready(void);
void posix_notify_main_pid(void);

/* ---- files and successors: host-{file,binary,rehearse,image,exec}.c ---- */

int posix_binary_check(struct host *h, const char *binary,
		       enum host_successor *ret_kind, struct err *err);
/*
 * A new file at path, open for writing.  A file or symbolic link that is there
 * goes; nobody else's descriptor leads to the new one.  Returns 0 or an errno.
 */
int __must_check posix_create(const char *path, mode_t mode, int *ret_fd);
/* All of it, however often it takes. */
int __must_check posix_write_all(int fd, const void *data, size_t len);
/* The same to the end of a file, which is closed, also when that failed. */
int __must_check posix_write_close(int fd, const void *data, size_t len);
int posix_file_read(struct host *h, const char *path, void *ctx, uint64_t max,
		    uint8_t **ret_data, size_t *ret_len, struct err *err);
int posix_file_write(struct host *h, const char *path, const void *p,
		     size_t len, struct err *err);
int posix_file_append(struct host *h, const char *path, const void *p,
		      size_t len, struct err *err);
int posix_stock_file(struct host *h, const void *p, size_t len,
		     struct err *err);
int posix_rehearse(struct host *h, const char *binary, const char *args,
		   int (*dump)(void *arg, int fd, struct err *err), void *arg,
		   uint64_t tag, struct err *err);
int posix_rehearsed(struct host *h, struct err *err);
void posix_rehearse_stop(struct host *h);
int posix_image(struct host *h, int *ret_fd, struct err *err);
int posix_image_write(struct host *h, int fd, const void *data, size_t len,
		      struct err *err);
/* keep: descriptors besides the host's own that the successor needs. */
int posix_exec(struct posix *p, const char *binary, const char *args,
	       int image_fd, const int *keep, size_t nkeep, struct err *err);

#endif
