/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hypervisor's loop: accepts clients, answers their requests one at a time,
 * and notices pipes without a reader.  Events do not pass through it.  Called
 * by main.c for `xensim serve`.
 */
#include "hyp.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ROUND_EVENTS 64

static volatile sig_atomic_t terminated;

static void on_signal(int sig)
{
	(void)sig;
	terminated = 1;
}

int hyp_watch(struct hyp *hyp, struct source *source, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data.ptr = source};

	if (epoll_ctl(hyp->epoll_fd, EPOLL_CTL_ADD, source->fd, &ev))
		return errno;
	return 0;
}

/* Close a source; it is freed at the end of the round. */
void hyp_drop(struct hyp *hyp, struct source *source)
{
	/* guests hold copies of a pipe's write end: close() is not enough */
	(void)epoll_ctl(hyp->epoll_fd, EPOLL_CTL_DEL, source->fd, NULL);
	close(source->fd);
	source->gone = true;
	source->next_gone = hyp->gone;
	hyp->gone = source;
}

static void reap(struct hyp *hyp)
{
	while (hyp->gone) {
		struct source *source = hyp->gone;

		hyp->gone = source->next_gone;
		free(source);
	}
}

static void client_free(struct hyp *hyp, struct client *client)
{
	dom_forget_client(hyp, client);
	if (client->prev)
		client->prev->next = client->next;
	else
		hyp->clients = client->next;
	if (client->next)
		client->next->prev = client->prev;
	hyp_drop(hyp, &client->source);
}

static void client_accept(struct hyp *hyp)
{
	struct client *client;
	int fd;

	while ((fd = accept4(hyp->listen.fd, NULL, NULL,
			     SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
		client = calloc(1, sizeof(*client));
		if (client) {
			client->source.type = SOURCE_CLIENT;
			client->source.fd = fd;
		}
		if (!client || hyp_watch(hyp, &client->source, EPOLLIN)) {
			free(client);
			close(fd);
			continue;
		}
		client->next = hyp->clients;
		if (client->next)
			client->next->prev = client;
		hyp->clients = client;
	}
	if (errno == EMFILE || errno == ENFILE)
		fprintf(stderr,
			"xensim: cannot accept a client: %s; raise the "
			"limit of open files (ulimit -n)\n",
			strerror(errno));
}

/* Send an answer, with @fd if there is one. */
static int client_reply(struct client *client, struct sim_rep *rep, int fd)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = {.iov_base = rep, .iov_len = sizeof(*rep)};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	if (fd >= 0) {
		struct cmsghdr *cmsg;

		memset(&control, 0, sizeof(control));
		msg.msg_control = control.space;
		msg.msg_controllen = sizeof(control.space);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &fd, sizeof(int));
	}
	if (sendmsg(client->source.fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return errno;
	return 0;
}

/* Requests about event channel descriptors and their ports. */
static int evtchn_request(struct hyp *hyp, const struct sim_req *req,
			  struct sim_rep *rep, int *ret_fd, bool *ret_close)
{
	struct handle *handle;
	int err;

	handles_sync(hyp);
	if (req->op == SIM_OP_OPEN) {
		err = handle_new(hyp, &handle, ret_fd);
		*ret_close = true;
		if (!err)
			rep->a = handle->id;
		return err;
	}
	if (req->op == SIM_OP_FIND) {
		handle = handle_by_inode(hyp, req->d);
		rep->a = handle ? handle->id : 0;
		return handle ? 0 : EBADF;
	}
	if (req->op == SIM_OP_SYNC)
		return 0;
	if (req->op == SIM_OP_KERNEL_BIND)
		return req->a ? port_bind_inter(hyp, req->a, 0, 0, req->b,
						&rep->a)
			      : EINVAL;
	handle = handle_by_id(hyp, req->a);
	if (!handle)
		return EBADF;
	switch (req->op) {
	case SIM_OP_WRITER:
		*ret_fd = handle->source.fd;
		return 0;
	case SIM_OP_BIND_UNBOUND:
		if (req->b >= SIM_MAX_DOMID)
			return ESRCH;
		return port_alloc_unbound(hyp, 0, req->b, handle->id, &rep->a);
	case SIM_OP_BIND_INTER:
		return port_bind_inter(hyp, 0, handle->id, req->b, req->c,
				       &rep->a);
	case SIM_OP_BIND_VIRQ:
		return port_bind_virq(hyp, handle->id, req->b, &rep->a);
	default: /* SIM_OP_UNBIND */
		return port_unbind(hyp, handle->id, req->b);
	}
}

static int request(struct hyp *hyp, struct client *client,
		   const struct sim_req *req, struct sim_rep *rep, int *ret_fd,
		   bool *ret_close)
{
	switch (req->op) {
	case SIM_OP_HELLO:
		*ret_fd = hyp->shm_fd;
		return 0;
	case SIM_OP_OPEN:
	case SIM_OP_FIND:
	case SIM_OP_WRITER:
	case SIM_OP_SYNC:
	case SIM_OP_BIND_UNBOUND:
	case SIM_OP_BIND_INTER:
	case SIM_OP_BIND_VIRQ:
	case SIM_OP_UNBIND:
	case SIM_OP_KERNEL_BIND:
		return evtchn_request(hyp, req, rep, ret_fd, ret_close);
	case SIM_OP_MAP:
		return dom_map(hyp, client, req->a, req->b, rep, ret_fd);
	case SIM_OP_UNMAP:
		return dom_unmap(hyp, client, req->a);
	case SIM_OP_XSD_KVA:
		*ret_fd = hyp->doms[0]->page_fd;
		return 0;
	case SIM_OP_FOREIGN:
		return dom_foreign(hyp, req->a, req->d, ret_fd);
	case SIM_OP_ATTACH:
		return dom_attach(hyp, client, req->a, rep, ret_fd);
	case SIM_OP_CREATE:
		return dom_create(hyp, req, rep);
	case SIM_OP_DESTROY:
		return dom_destroy(hyp, req->a);
	case SIM_OP_SHUTDOWN:
		return dom_shutdown(hyp, req->a, req->b);
	case SIM_OP_PAUSE:
	case SIM_OP_UNPAUSE:
		return dom_pause(hyp, req->a, req->op == SIM_OP_PAUSE);
	case SIM_OP_REVOKE:
		return dom_revoke(hyp, req->a, req->b, req->c == 1);
	case SIM_OP_LOOK:
		return dom_look(hyp, req->a, rep, ret_fd);
	case SIM_OP_RECEIVE:
		return dom_receive(hyp, req, ret_fd);
	case SIM_OP_OFFER:
		return dom_offer(hyp, req);
	case SIM_OP_DEPART:
		return dom_depart(hyp, req->a, req->c == 1);
	case SIM_OP_CHANGED:
		return dom_next_changed(hyp, rep);
	case SIM_OP_CAPS:
		return dom_set_caps(hyp, req->a, req->b);
	case SIM_OP_STOP:
		hyp->stop = true;
		return 0;
	default:
		return ENOSYS;
	}
}

static void client_serve(struct hyp *hyp, struct client *client)
{
	struct sim_req req;
	struct sim_rep rep = {0};
	bool close_fd = false;
	int fd = -1, err;
	ssize_t n;

	n = recv(client->source.fd, &req, sizeof(req), 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n != (ssize_t)sizeof(req)) {
		client_free(hyp, client);
		return;
	}
	rep.err = (uint32_t)request(hyp, client, &req, &rep, &fd, &close_fd);
	err = client_reply(client, &rep, fd);
	if (close_fd && fd >= 0)
		close(fd);
	if (err)
		client_free(hyp, client);
}

static int open_socket(const char *dir, int *ret_fd)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int dirfd, fd, err = 0;

	/* a second hypervisor in the same directory would hide the first */
	if (!sim_connect(dir, &fd)) {
		close(fd);
		return EADDRINUSE;
	}
	dirfd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0)
		return errno;
	(void)unlinkat(dirfd, SIM_SOCKET, 0);
	(void)snprintf(addr.sun_path, sizeof(addr.sun_path),
		       "/proc/self/fd/%d/" SIM_SOCKET, dirfd);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) ||
	    listen(fd, 4096))
		err = errno;
	close(dirfd);
	if (err && fd >= 0)
		close(fd);
	*ret_fd = fd;
	return err;
}

static int open_shm(struct hyp *hyp)
{
	hyp->shm_fd = memfd_create("xensim-shared", MFD_CLOEXEC);
	if (hyp->shm_fd < 0 || ftruncate(hyp->shm_fd, sizeof(*hyp->shm)))
		return errno;
	hyp->shm = mmap(NULL, sizeof(*hyp->shm), PROT_READ | PROT_WRITE,
			MAP_SHARED, hyp->shm_fd, 0);
	if (hyp->shm == MAP_FAILED)
		return errno;
	hyp->shm->size = sizeof(*hyp->shm);
	hyp->shm->magic = SIM_MAGIC;
	return 0;
}

static int hyp_init(struct hyp *hyp, const char *dir)
{
	struct sim_req dom0 = {.op = SIM_OP_CREATE};
	struct sim_rep rep;
	struct rlimit limit;
	int err;

	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	hyp->port_hint = 1;
	hyp->next_domid = 1;
	err = open_shm(hyp);
	if (err)
		return err;
	hyp->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (hyp->epoll_fd < 0)
		return errno;
	err = dom_create(hyp, &dom0, &rep);
	if (err)
		return err;
	err = open_socket(dir, &hyp->listen.fd);
	if (err)
		return err;
	hyp->listen.type = SOURCE_LISTEN;
	return hyp_watch(hyp, &hyp->listen, EPOLLIN);
}

static void hyp_round(struct hyp *hyp, const sigset_t *mask)
{
	struct epoll_event events[ROUND_EVENTS];
	int i, n = epoll_pwait(hyp->epoll_fd, events, ROUND_EVENTS, -1, mask);

	for (i = 0; i < n; i++) {
		struct source *source = events[i].data.ptr;

		if (source->gone)
			continue;
		if (source->type == SOURCE_LISTEN)
			client_accept(hyp);
		else if (source->type == SOURCE_CLIENT)
			client_serve(hyp, (struct client *)(void *)source);
		else
			handle_free(hyp, (struct handle *)(void *)source);
	}
	reap(hyp);
}

/*
 * Run the hypervisor of @dir until it is told to stop.  Writes one line to
 * @ready_fd when usable.  Returns 0, or an errno if it could not start.
 */
int hyp_serve(const char *dir, int ready_fd)
{
	static const char ready[] = "xensim: ready\n";
	struct sigaction action = {.sa_handler = on_signal};
	struct hyp *hyp = calloc(1, sizeof(*hyp));
	sigset_t blocked, unblocked;
	int err;

	if (!hyp)
		return ENOMEM;
	signal(SIGPIPE, SIG_IGN);
	/* signals are blocked except while waiting, so none is missed */
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigprocmask(SIG_BLOCK, &blocked, &unblocked);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	err = hyp_init(hyp, dir);
	if (err) {
		fprintf(stderr, "xensim: cannot serve %s: %s%s\n", dir,
			strerror(err),
			err == EADDRINUSE ? "; another one runs there "
					    "(stop it with: xensim stop)"
					  : "");
		return err;
	}
	if (write(ready_fd, ready, sizeof(ready) - 1) < 0)
		fprintf(stderr, "xensim: cannot write that it is ready\n");
	while (!hyp->stop && !terminated)
		hyp_round(hyp, &unblocked);
	return 0;
}
