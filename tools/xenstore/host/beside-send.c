/* SPDX-License-Identifier: GPL-2.0-or-later */
/* beside-send: see beside-send.h. */
#include "host/beside-send.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct waiting {
	struct waiting *next;
	size_t len, sent;     /* bytes of the whole frame */
	uint32_t nfds, nsent; /* descriptors */
	int *fds;	      /* behind the bytes */
	_Alignas(8) uint8_t bytes[];
};

static void waiting_free(struct waiting *w)
{
	uint32_t i;

	for (i = w->nsent; i < w->nfds; i++)
		close(w->fds[i]);
	free(w);
}

static struct waiting *waiting_new(enum beside_kind kind, const void *data,
				   size_t len, const int *fds, uint32_t nfds)
{
	struct beside_frame f = {.kind = kind, .nfds = nfds, .len = len};
	size_t head = beside_head(nfds), at = (head + len + 7) & ~(size_t)7;
	struct waiting *w = malloc(sizeof(*w) + at + nfds * sizeof(*fds));
	int32_t number;
	uint32_t i;

	if (!w)
		return NULL;
	memset(w, 0, sizeof(*w));
	memset(w->bytes, 0, head);
	w->len = head + len;
	w->fds = (int *)(void *)(w->bytes + at);
	memcpy(w->bytes, &f, sizeof(f));
	for (i = 0; i < nfds; i++) {
		number = fds[i];
		memcpy(w->bytes + sizeof(f) + i * sizeof(number), &number,
		       sizeof(number));
	}
	if (len)
		memcpy(w->bytes + head, data, len);
	return w;
}

int beside_queue_put(struct beside_queue *q, enum beside_kind kind,
		     const void *data, size_t len, const int *fds, size_t nfds,
		     struct err *err)
{
	struct waiting *w;
	int rc;

	if (len > BESIDE_FRAME_MAX || nfds > BESIDE_FRAME_FDS)
		return err_set(err, EFBIG,
			       "a piece of %zu bytes with %zu descriptors is "
			       "too large for the successor",
			       len, nfds);
	w = waiting_new(kind, data, len, fds, (uint32_t)nfds);
	if (!w)
		return err_set(err, ENOMEM,
			       "no memory for a piece of the state");
	/* the daemon may close them before they are sent */
	for (; w->nfds < nfds; w->nfds++) {
		w->fds[w->nfds] = fcntl(fds[w->nfds], F_DUPFD_CLOEXEC, 0);
		if (w->fds[w->nfds] >= 0)
			continue;
		rc = errno;
		err_set(err, rc, "cannot pass descriptor %d: %s", fds[w->nfds],
			strerror(rc));
		waiting_free(w);
		return rc;
	}
	if (q->last)
		q->last->next = w;
	else
		q->first = w;
	q->last = w;
	q->bytes += w->len;
	return 0;
}

/* One packet: up to the number of the last descriptor that it can carry. */
static int send_packet(struct beside_queue *q, struct waiting *w, int fd)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(BESIDE_FDS * sizeof(int))];
	} control;
	struct iovec iov = {w->bytes + w->sent, w->len - w->sent};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	uint32_t n = w->nfds - w->nsent;
	struct cmsghdr *c;
	ssize_t done;

	if (n > BESIDE_FDS) {
		n = BESIDE_FDS;
		iov.iov_len = sizeof(struct beside_frame) +
			      (w->nsent + n) * sizeof(int32_t) - w->sent;
	}
	if (iov.iov_len > BESIDE_PACKET)
		iov.iov_len = BESIDE_PACKET;
	if (n) {
		memset(&control, 0, sizeof(control));
		msg.msg_control = control.space;
		msg.msg_controllen = CMSG_SPACE(n * sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(c), w->fds + w->nsent, n * sizeof(int));
	}
	done = sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (done < 0)
		return errno;
	w->sent += (size_t)done;
	q->bytes -= (size_t)done;
	for (; n; n--)
		close(w->fds[w->nsent++]);
	return 0;
}

int beside_queue_send(struct beside_queue *q, int fd)
{
	struct waiting *w;
	int rc = 0;

	while (!rc && (w = q->first)) {
		rc = send_packet(q, w, fd);
		if (rc == EINTR)
			rc = 0;
		if (rc || w->sent < w->len)
			continue;
		q->first = w->next;
		if (!q->first)
			q->last = NULL;
		waiting_free(w);
	}
	return rc;
}

void beside_queue_free(struct beside_queue *q)
{
	struct waiting *w;

	while ((w = q->first)) {
		q->first = w->next;
		waiting_free(w);
	}
	*q = (struct beside_queue){0};
}
