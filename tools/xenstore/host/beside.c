/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * beside: the successor's end; see beside.h.  Trusts no length and no number
 * that it reads.  Knows nothing of what the pieces contain.  Called by
 * successor-beside.c and handoff.c.
 */
#include "host/beside.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BESIDE_NICE 10
#define OOM_PATH    "/proc/self/oom_score_adj"
#define OOM_FIRST   "1000" /* OOM_SCORE_ADJ_MAX */

/* What has come under a number of the old daemon's. */
struct passed {
	int fd; /* -1: nothing */
	bool asked;
};

struct beside {
	int fd;
	uint32_t *word;
	size_t word_size;
	/* the frame that is being read */
	uint8_t *data;
	size_t len, size;
	int *came; /* its descriptors */
	size_t ncame, came_size;
	/* by number */
	struct passed *passed;
	size_t npassed;
	/* before beside_begin() */
	int nice;
	char oom[16]; /* "": unknown */
};

/* ---- priority ---- */

static int oom_write(const char *text)
{
	int fd = open(OOM_PATH, O_WRONLY | O_CLOEXEC);
	ssize_t len = (ssize_t)strlen(text);
	int rc = fd < 0 || write(fd, text, (size_t)len) != len ? errno : 0;

	if (fd >= 0)
		close(fd);
	return rc;
}

/* What fails here costs others some time only. */
static void stand_back(struct beside *b)
{
	int fd = open(OOM_PATH, O_RDONLY | O_CLOEXEC);

	b->nice = getpriority(PRIO_PROCESS, 0);
	(void)setpriority(PRIO_PROCESS, 0, b->nice + BESIDE_NICE);
	if (fd < 0)
		return;
	if (read(fd, b->oom, sizeof(b->oom) - 1) > 0)
		(void)oom_write(OOM_FIRST);
	close(fd);
}

int beside_promote(struct beside *b, struct err *err)
{
	int rc;

	if (setpriority(PRIO_PROCESS, 0, b->nice))
		return err_set(err, errno, "stays at nice %d: %s",
			       getpriority(PRIO_PROCESS, 0), strerror(errno));
	rc = *b->oom ? oom_write(b->oom) : 0;
	return rc ? err_set(err, rc,
			    "stays first to be killed when memory runs "
			    "out (" OOM_PATH "): %s",
			    strerror(rc))
		  : 0;
}

/* ---- begin and end ---- */

static int map_word(struct beside *b, int fd)
{
	struct stat st;
	void *page;

	if (fcntl(fd, F_SETFD, FD_CLOEXEC) || fstat(fd, &st) ||
	    st.st_size < (off_t)sizeof(*b->word))
		return EINVAL;
	b->word_size = (size_t)st.st_size;
	page = mmap(NULL, b->word_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    0);
	if (page == MAP_FAILED)
		return errno;
	b->word = page;
	close(fd);
	return 0;
}

static int adopt(struct beside *b, const char *text)
{
	socklen_t len = sizeof(int);
	int word_fd, type;
	char rest;

	if (sscanf(text, "%d %d%c", &b->fd, &word_fd, &rest) != 2 ||
	    getsockopt(b->fd, SOL_SOCKET, SO_TYPE, &type, &len) ||
	    type != SOCK_SEQPACKET || fcntl(b->fd, F_SETFD, FD_CLOEXEC))
		return EINVAL;
	return map_word(b, word_fd);
}

int beside_begin(struct beside **ret_beside, struct err *err)
{
	const char *text = getenv(BESIDE_ENV);
	struct beside *b;
	int rc;

	*ret_beside = NULL;
	if (!text)
		return 0;
	b = calloc(1, sizeof(*b));
	if (!b)
		return err_set(err, ENOMEM, "no memory to start");
	rc = adopt(b, text);
	unsetenv(BESIDE_ENV);
	if (rc) {
		free(b);
		return err_set(err, rc,
			       "the environment variable " BESIDE_ENV
			       " of the predecessor is not as expected");
	}
	stand_back(b);
	*ret_beside = b;
	return 0;
}

void beside_end(struct beside *b)
{
	beside_tidy(b);
	close(b->fd);
	munmap(b->word, b->word_size);
	free(b->data);
	free(b->came);
	free(b->passed);
	free(b);
}

/* ---- descriptors ---- */

int beside_fd(void *arg, int number)
{
	struct beside *b = arg;

	if (number < 0 || (size_t)number >= b->npassed)
		return -1;
	b->passed[number].asked = true;
	return b->passed[number].fd;
}

static void close_unasked(struct passed *p)
{
	if (p->fd >= 0 && !p->asked)
		close(p->fd);
	p->fd = -1;
	p->asked = false;
}

void beside_tidy(struct beside *b)
{
	size_t i;

	for (i = 0; i < b->npassed; i++)
		close_unasked(&b->passed[i]);
	b->npassed = 0;
}

static int make_room(struct beside *b, int32_t number)
{
	size_t n = (size_t)number + 1;
	struct passed *p;

	if (n <= b->npassed)
		return 0;
	n = n < 2 * b->npassed ? 2 * b->npassed : n;
	p = realloc(b->passed, n * sizeof(*p));
	if (!p)
		return ENOMEM;
	b->passed = p;
	for (; b->npassed < n; b->npassed++)
		p[b->npassed] = (struct passed){.fd = -1};
	return 0;
}

/* Files the descriptors of a whole frame under their numbers. */
static int file_passed(struct beside *b, struct err *err)
{
	const uint8_t *p = b->data + sizeof(struct beside_frame);
	struct passed *to;
	int32_t number;
	size_t i;

	for (i = 0; i < b->ncame; i++) {
		memcpy(&number, p + i * sizeof(number), sizeof(number));
		if (number < 0 || number >= (int32_t)BESIDE_NUMBERS)
			return err_set(err, EPROTO,
				       "the old daemon's stream: descriptor "
				       "number %d",
				       (int)number);
		if (make_room(b, number))
			return err_set(err, ENOMEM,
				       "no memory for the descriptors");
		to = &b->passed[number];
		close_unasked(to);
		to->fd = b->came[i];
		b->came[i] = -1;
	}
	b->ncame = 0;
	return 0;
}

static void close_came(struct beside *b)
{
	size_t i;

	for (i = 0; i < b->ncame; i++)
		if (b->came[i] >= 0)
			close(b->came[i]);
	b->ncame = 0;
}

/* ---- frames ---- */

/* Keeps n descriptors; closes them if there is no memory. */
static int keep(struct beside *b, const int *fds, size_t n)
{
	size_t size = 2 * b->came_size + BESIDE_FDS, i;
	int *more = b->came;

	if (b->ncame + n > b->came_size) {
		more = realloc(b->came, size * sizeof(*more));
		if (more) {
			b->came = more;
			b->came_size = size;
		}
	}
	for (i = 0; i < n; i++) {
		if (more)
			b->came[b->ncame++] = fds[i];
		else
			close(fds[i]);
	}
	return more ? 0 : ENOMEM;
}

static int keep_all(struct beside *b, struct msghdr *msg)
{
	struct cmsghdr *c;
	int rc = 0;

	for (c = CMSG_FIRSTHDR(msg); c && !rc; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
			rc = keep(b, (const int *)(const void *)CMSG_DATA(c),
				  (c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
	return rc;
}

/* Room for a packet: the buffer grows with what came, not with what is told. */
static int room_for_packet(struct beside *b, struct err *err)
{
	size_t size = b->size * 2 < 4 * BESIDE_PACKET ? 4 * BESIDE_PACKET
						      : b->size * 2;
	uint8_t *data;

	if (b->size - b->len >= BESIDE_PACKET)
		return 0;
	data = realloc(b->data, size);
	if (!data)
		return err_set(err, ENOMEM,
			       "no memory for a piece of the state");
	b->data = data;
	b->size = size;
	return 0;
}

static int take_packet(struct beside *b, struct err *err)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(BESIDE_FDS * sizeof(int))];
	} control;
	struct iovec iov;
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control.space,
			     .msg_controllen = sizeof(control.space)};
	int rc = room_for_packet(b, err);
	ssize_t n;

	if (rc)
		return rc;
	iov = (struct iovec){b->data + b->len, BESIDE_PACKET};
	/* ECONNRESET, once, if it has not read all: the frames come next */
	do
		n = recvmsg(b->fd, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	if (!n)
		return err_set(err, EPIPE, "the old daemon has ended");
	if (n < 0)
		return err_set(err, errno, "the old daemon's stream: %s",
			       strerror(errno));
	if (keep_all(b, &msg))
		return err_set(err, ENOMEM, "no memory for the descriptors");
	if (msg.msg_flags & MSG_CTRUNC)
		return err_set(err, EMFILE,
			       "descriptors of the old daemon did not fit into "
			       "the limit of open files: raise LimitNOFILE= or "
			       "ulimit -Hn");
	if (msg.msg_flags & MSG_TRUNC)
		return err_set(err, EPROTO,
			       "the old daemon's stream: a packet of more than "
			       "%u bytes",
			       BESIDE_PACKET);
	b->len += (size_t)n;
	return 0;
}

/* The frame's header, from its first packet. */
static int take_head(const struct beside *b, struct beside_frame *ret,
		     struct err *err)
{
	if (b->len < sizeof(*ret))
		return err_set(err, EPROTO,
			       "the old daemon's stream: a frame of %zu bytes",
			       b->len);
	memcpy(ret, b->data, sizeof(*ret));
	if (ret->kind < BESIDE_PIECE || ret->kind > BESIDE_CUT)
		return err_set(err, EPROTO,
			       "the old daemon's stream: unknown frame %u",
			       ret->kind);
	if (ret->len > BESIDE_FRAME_MAX || ret->nfds > BESIDE_FRAME_FDS)
		return err_set(err, EPROTO,
			       "the old daemon's stream: a frame of %llu bytes "
			       "and %u descriptors",
			       (unsigned long long)ret->len, ret->nfds);
	return 0;
}

static int take_frame(struct beside *b, struct beside_frame *ret,
		      struct err *err)
{
	size_t all = 0;
	int rc;

	do {
		rc = take_packet(b, err);
		if (!rc && !all) {
			rc = take_head(b, ret, err);
			all = rc ? 0 : beside_head(ret->nfds) + ret->len;
		}
		if (!rc && (b->len > all || b->ncame > ret->nfds))
			rc = err_set(err, EPROTO,
				     "the old daemon's stream: a frame with "
				     "more bytes or descriptors than it says");
	} while (!rc && b->len < all);
	if (!rc && b->ncame != ret->nfds)
		rc = err_set(err, EPROTO,
			     "the old daemon's stream: %zu descriptors instead "
			     "of %u",
			     b->ncame, ret->nfds);
	return rc ? rc : file_passed(b, err);
}

int beside_next(struct beside *b, enum beside_kind *ret_kind,
		const void **ret_data, size_t *ret_len, struct err *err)
{
	struct beside_frame f;
	int rc;

	b->len = 0;
	rc = take_frame(b, &f, err);
	if (rc) {
		close_came(b);
		return rc;
	}
	*ret_kind = (enum beside_kind)f.kind;
	*ret_data = b->data + beside_head(f.nfds);
	*ret_len = (size_t)f.len;
	return 0;
}

bool beside_idle(const struct beside *b)
{
	struct pollfd p = {.fd = b->fd, .events = POLLIN};

	return poll(&p, 1, 0) == 0;
}

/* ---- answers ---- */

void beside_say(const struct beside *b, const char *line)
{
	ssize_t n;

	do
		n = send(b->fd, line, strnlen(line, BESIDE_LINE), MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	/* else the old daemon has ended: beside_next() reports that */
}

int beside_swap(struct beside *b, struct err *err)
{
	if (beside_step(b->word, BESIDE_OLD, BESIDE_NEW))
		return 0;
	return err_set(err, EPERM, "the old daemon goes on");
}

int beside_serves(struct beside *b, struct err *err)
{
	if (beside_step(b->word, BESIDE_NEW, BESIDE_SERVED))
		return 0;
	return err_set(err, EPERM, "the old daemon goes on");
}

void beside_served(const struct beside *b)
{
	beside_say(b, "serves");
}

int beside_stream(const struct beside *b)
{
	return b->fd;
}
