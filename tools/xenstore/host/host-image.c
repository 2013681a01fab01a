/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-image: the memory file of an image, and freeing its memory while clients
 * are served; see host-posix.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fault.h"
#include "host/host-posix.h"
#include "host/host-process.h"
#include "host/linux-calls.h"

/* Kernels before 6.3 refuse MEMFD_NOEXEC_SEAL. */
int posix_memfd(const char *name)
{
	const unsigned int flags = MEMFD_CLOEXEC | MEMFD_ALLOW_SEALING;
	int fd = memfd_new(name, flags | MEMFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_new(name, flags);
	return fd;
}

/*
 * Writes over the rehearsal's file if there is one: allocating its pages takes
 * longer than filling them, and this happens in the pause.
 */
int posix_image(struct host *h, int *ret_fd, struct err *err)
{
	struct posix *p = to_posix(h);
	int fd = p->image_fd;
	bool begun = fd >= 0;

	p->image_fd = -1;
	if (fd < 0)
		fd = posix_memfd("xenstore-image");
	else if (lseek(fd, 0, SEEK_SET)) {
		close(fd);
		fd = -1;
	}
	if (fd >= 0 && fault(begun ? "no-image" : "rehearsal-no-image")) {
		close(fd);
		fd = -1;
		errno = EMFILE;
	}
	if (fd < 0)
		return err_set(err, errno,
			       "cannot create a memory file for the image: %s",
			       strerror(errno));
	*ret_fd = fd;
	return 0;
}

int posix_image_write(struct host *h, int fd, const void *data, size_t len,
		      struct err *err)
{
	int rc = posix_write_all(fd, data, len);

	(void)h;
	if (fault("image-write") || fault("rehearsal-image-write"))
		rc = ENOSPC;
	return rc ? err_set(err, rc, "cannot write the image: %s", strerror(rc))
		  : 0;
}

int image_end(int fd)
{
	off_t len = lseek(fd, 0, SEEK_CUR);

	if (len < 0 || ftruncate(fd, len) || lseek(fd, 0, SEEK_SET))
		return errno;
	/* sealed: the successor and the way back read the same bytes */
	return fcntl(fd, F_ADD_SEALS,
		     F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)
		       ? errno
		       : 0;
}

/* ---- giving it back ---- */

struct release {
	void *map;
	size_t len;
	int fd;
	pid_t child;
};

static void release_now(const struct release *r)
{
	munmap(r->map, r->len);
	close(r->fd);
	if (r->child)
		waitpid(r->child, NULL, 0);
}

static void *release_run(void *arg)
{
	struct release *r = arg;

	release_now(r);
	free(r);
	return NULL;
}

void posix_release_image(struct host *h, void *map, size_t len, int fd,
			 pid_t child)
{
	struct posix *p = to_posix(h);
	struct release *r = malloc(sizeof(*r));
	struct release here = {map, len, fd, child};
	sigset_t all, old;

	/* signals go to the serving thread */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (r) {
		*r = here;
		p->releasing =
			!pthread_create(&p->releaser, NULL, release_run, r);
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (p->releasing)
		return;
	free(r);
	release_now(&here);
}

void posix_release_wait(struct posix *p)
{
	if (p->releasing)
		pthread_join(p->releaser, NULL);
	p->releasing = false;
}
