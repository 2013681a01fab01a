/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The client's end of the hypervisor's socket: connects, makes a call and gets
 * its answer, maps the shared memory.  Knows the form of messages, not their
 * meaning.  Used by the commands, the preloaded library and guests.
 */
#include "sim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/*
 * Connect to the hypervisor of directory @dir.  The path through /proc keeps
 * long directory names within the limit of a socket address.  Returns 0 or
 * errno; the descriptor is close-on-exec and the caller must close it.
 */
int sim_connect(const char *dir, int *ret_fd)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int dirfd, sock, err = 0;

	dirfd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0)
		return errno;
	(void)snprintf(addr.sun_path, sizeof(addr.sun_path),
		       "/proc/self/fd/%d/" SIM_SOCKET, dirfd);
	sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (sock < 0 ||
	    connect(sock, (const struct sockaddr *)&addr, sizeof(addr)))
		err = errno;
	close(dirfd);
	if (err) {
		if (sock >= 0)
			close(sock);
		return err;
	}
	*ret_fd = sock;
	return 0;
}

static int receive(int sock, struct sim_rep *ret_rep, int *ret_fd)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = {.iov_base = ret_rep, .iov_len = sizeof(*ret_rep)};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control.space,
			     .msg_controllen = sizeof(control.space)};
	struct cmsghdr *cmsg;
	ssize_t n;

	*ret_fd = -1;
	do {
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno;
	cmsg = CMSG_FIRSTHDR(&msg);
	if (cmsg && cmsg->cmsg_level == SOL_SOCKET &&
	    cmsg->cmsg_type == SCM_RIGHTS &&
	    cmsg->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(ret_fd, CMSG_DATA(cmsg), sizeof(int));
	if (n == (ssize_t)sizeof(*ret_rep))
		return 0;
	if (*ret_fd >= 0)
		close(*ret_fd);
	*ret_fd = -1;
	return ECONNRESET;
}

/*
 * Make a call.  @ret_fd may be NULL: a descriptor in the answer is then closed.
 * Returns 0 or the errno of the socket or of the answer.
 */
int sim_call(int sock, const struct sim_req *req, struct sim_rep *ret_rep,
	     int *ret_fd)
{
	int err, fd;
	ssize_t n;

	do {
		n = send(sock, req, sizeof(*req), MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(*req))
		return n < 0 ? errno : EIO;
	err = receive(sock, ret_rep, &fd);
	if (err)
		return err;
	if (ret_fd)
		*ret_fd = fd;
	else if (fd >= 0)
		close(fd);
	if (ret_fd && fd < 0 && !ret_rep->err)
		return EPROTO;
	return (int)ret_rep->err;
}

/* Map the shared memory; it stays mapped for the life of the process. */
int sim_map_shm(int sock, struct sim_shm **ret_shm)
{
	struct sim_req req = {.op = SIM_OP_HELLO};
	struct sim_rep rep;
	struct sim_shm *shm;
	int fd, err;

	err = sim_call(sock, &req, &rep, &fd);
	if (err)
		return err;
	shm = mmap(NULL, sizeof(*shm), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		   0);
	err = shm == MAP_FAILED ? errno : 0;
	close(fd);
	if (err)
		return err;
	if (shm->magic != SIM_MAGIC || shm->size != sizeof(*shm)) {
		munmap(shm, sizeof(*shm));
		return EPROTO;
	}
	*ret_shm = shm;
	return 0;
}

/* Parse a decimal number, digits only, up to @max.  0, EINVAL or ERANGE. */
int sim_parse_u32(const char *text, uint32_t max, uint32_t *ret_value)
{
	uint64_t value = 0;

	if (!*text)
		return EINVAL;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return EINVAL;
		value = value * 10 + (uint64_t)(*text - '0');
		if (value > max)
			return ERANGE;
	}
	*ret_value = (uint32_t)value;
	return 0;
}
