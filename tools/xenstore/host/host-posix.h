/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-posix: the part of the host that needs no Xen: clock, descriptors,
 * processes.  host-xen and host-null build their tables of functions from it.
 * Where a function has the name of one of host.h, see there.
 */
#ifndef HOST_HOST_POSIX_H
#define HOST_HOST_POSIX_H

#include <pthread.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "host.h"

#define REHEARSAL_TEXT 512

struct posix {
	struct host host; /* first, for to_posix() */
	int epoll_fd;
	int signal_fd;		      /* SIGHUP; -1: none */
	int paths_fd, paths_timer_fd; /* host-paths.c; -1: none */
	char **argv;		      /* of this process, for a successor */
	int self_fd;		      /* this binary, for the way back */
	/* a rehearsal under way */
	pid_t child;
	int child_fd;
	int binary_fd;	       /* the binary that rehearses; -1: none */
	int image_fd;	       /* its image, used again by GO; -1: none */
	uint64_t rehearsal_ms; /* when it began; after its end: its duration */
	struct stat binary_stat; /* of the binary, when opened */
	char said[REHEARSAL_TEXT];
	size_t said_len;
	enum host_successor kind;    /* of that binary */
	bool beside;		     /* the binary checked last has the note */
	struct successor *successor; /* loaded beside; NULL: none */
	bool releasing; /* posix_release_image() has started a thread: */
	pthread_t releaser;
};

static inline struct posix *to_posix(struct host *h)
{
	return (struct posix *)(void *)h;
}

/* The states of stock daemons, in the run directory. */
#define STOCK_FILE "state_dump" /* the C xenstored's */
#define OX_FILE	   "db"		/* oxenstored's */

/* The run directory: XENSTORED_RUNDIR or the default. */
const char *posix_rundir(void);
#define POSIX_SOCKET	"socket"
#define POSIX_SOCKET_RO "socket_ro"
/*
 * The path of STOCK_FILE, OX_FILE or a socket; XENSTORED_PATH replaces that of
 * POSIX_SOCKET.  The caller frees *ret_path with free().  Returns 0 or ENOMEM
 * with err.
 */
int __must_check posix_run_path(const char *name, char **ret_path,
				struct err *err);
/* Sets up signals and members.  Returns 0 or an errno with err. */
int __must_check posix_init(struct posix *p, char **argv, struct err *err);
/* Adopts a predecessor's epoll descriptor; -1: makes a new one. */
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
int posix_peek(struct host *h, int fd, void *buf, size_t len, size_t *ret_n);
int posix_writev(struct host *h, int fd, const struct iovec *iov, int n,
		 size_t *ret_n);
int posix_peer(struct host *h, int fd, int32_t *ret_pid, char *name,
	       size_t size);
void posix_own_fd(struct host *h, int fd);
void posix_close_fd(struct host *h, int fd);
int posix_dial(struct host *h, int listen_fd, int *ret_fd, struct err *err);

struct sockaddr_un;
/* Returns 0, or ENAMETOOLONG with err: such a path must be short. */
int __must_check posix_unix_addr(const char *path, struct sockaddr_un *ret,
				 struct err *err);
/*
 * host-running.c: whether an xenstored of any kind runs: holds this pid file
 * (NULL: none) or listens on one of the sockets.  Changes nothing.  EEXIST: it
 * does, err says which; EBUSY: another program holds the pid file; else 0, or an
 * errno with err.
 */
int __must_check posix_running(const char *pid_file, struct err *err);

/*
 * Makes a listening socket at path with these mode bits; group -1: unchanged.
 * Replaces a socket that is there; EEXIST: something else is there.  Returns 0 or
 * an errno with err.
 */
int __must_check posix_listen(const char *path, mode_t mode, gid_t group,
			      int *ret_fd, struct err *err);

/* ---- host-paths.c: the paths of listening sockets ---- */

enum posix_leads {
	POSIX_LEADS_HERE,
	POSIX_LEADS_NOWHERE,  /* no file, or no process listens there */
	POSIX_LEADS_ELSEWHERE /* another process listens there */
};

/* The file at a path that was found to lead here; 0: none yet. */
struct posix_place {
	dev_t dev;
	ino_t ino;
};

/* Begins to report HOST_TAG_PATHS.  Returns 0 or an errno with err. */
int __must_check posix_paths_init(struct posix *p, struct err *err);
/* Polls for it, or not any more.  Returns 0 or an errno with err. */
int posix_paths_poll(struct posix *p, bool on, struct err *err);
/* Forgets what is to be reported. */
void posix_paths_take(struct posix *p);
/* Reports each change in the directory of this path. */
void posix_path_watch(struct host *h, const char *path);
/* Reports once, in ms milliseconds. */
void posix_paths_again(struct host *h, unsigned int ms);
/* Sets *ret to the file at path, which the caller knows to lead here. */
void posix_path_place(const char *path, struct posix_place *ret);
/*
 * Whether clients that connect to path reach listen_fd.  Connects, unless the
 * file is that of *place; sets *place when it leads here.  *ret_pid: the process
 * that listens there, 0 if unknown.
 */
enum posix_leads posix_path_leads(const char *path, int listen_fd,
				  struct posix_place *place, pid_t *ret_pid);

/*
 * Unmaps an image and closes its file in a thread, because that takes the kernel
 * some milliseconds for each 100 MB.  The thread also waits for the guard's end;
 * child 0: there is none.
 */
void posix_release_image(struct host *h, void *map, size_t len, int fd,
			 pid_t child);
/* Waits for that thread, if there is one. */
void posix_release_wait(struct posix *p);

/*
 * Tells systemd, if it asked for that (NOTIFY_SOCKET), that the daemon serves
 * (READY=1), or that process pid is the daemon now (MAINPID=).  See
 * sd_notify(3).
 */
void posix_notify_ready(void);
void posix_notify_main_pid(pid_t pid);
/*
 * The same for a process that cannot use the C library: opens the socket
 * (close-on-exec) and sets text, which is to be written there.  -1: systemd did
 * not ask for it, or it cannot be opened.  The caller closes it.
 */
#define NOTIFY_TEXT 32
int posix_notify_prepare(pid_t pid, char text[NOTIFY_TEXT]);

/* ---- files and successors: host-{file,binary,rehearse,image,exec}.c ---- */

int posix_binary_check(struct host *h, const char *binary,
		       enum host_successor *ret_kind, struct err *err);
/*
 * Creates a file at path, open for writing.  Unlinks a file or symbolic link that
 * is there, so that no other open descriptor leads to it.  Returns 0 or an errno.
 */
int __must_check posix_create(const char *path, mode_t mode, int *ret_fd);
/* Writes all bytes.  Returns 0 or an errno. */
int __must_check posix_write_all(int fd, const void *data, size_t len);
/* Writes all bytes, then closes fd, also after a failure.  0 or an errno. */
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
/* host-beside.c */
bool posix_beside_can(struct host *h);
int posix_beside_start(struct host *h, const char *binary, const char *args,
		       uint64_t tag, struct err *err);
int posix_beside_put(struct host *h, const void *data, size_t len,
		     const int *fds, size_t nfds, struct err *err);
int posix_beside_ask(struct host *h, struct err *err);
size_t posix_beside_backlog(struct host *h);
int posix_beside_event(struct host *h, struct err *err);
int posix_beside_cut(struct host *h, const void *data, size_t len,
		     const int *fds, size_t nfds, uint32_t timeout_ms,
		     struct err *err);
void posix_beside_stop(struct host *h);
/* host-exec.c; keep: further descriptors that the successor inherits. */
int posix_exec(struct posix *p, const char *binary, const char *args,
	       int image_fd, const int *keep, size_t nkeep, struct err *err);

#endif
