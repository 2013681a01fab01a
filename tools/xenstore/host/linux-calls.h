/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * linux-calls: system calls that the C library or the kernel headers of a host
 * may be too old for: musl has no execveat() and epoll_pwait2(), glibc has them
 * since 2.34 and 2.35, getrandom() since 2.25 and memfd_create() since 2.27.  The
 * kernel may still answer ENOSYS; see the callers.  Knows nothing of the daemon.
 * Called by host-posix.c, host-image.c, host-binary.c, host-guard.c and
 * handoff.c.
 */
#ifndef HOST_LINUX_CALLS_H
#define HOST_LINUX_CALLS_H

#include <errno.h>
#include <fcntl.h>
#include <features.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* linux/memfd.h and linux/fcntl.h: also not in all headers */
#ifndef F_ADD_SEALS
#define F_ADD_SEALS   1033
#define F_GET_SEALS   1034
#define F_SEAL_SEAL   0x0001
#define F_SEAL_SHRINK 0x0002
#define F_SEAL_GROW   0x0004
#define F_SEAL_WRITE  0x0008
#endif
#define MEMFD_CLOEXEC	    0x0001u
#define MEMFD_ALLOW_SEALING 0x0002u
#define MEMFD_NOEXEC_SEAL   0x0008u /* since Linux 6.3 */

static inline int memfd_new(const char *name, unsigned int flags)
{
	return (int)syscall(SYS_memfd_create, name, flags);
}

static inline ssize_t random_bytes(void *buf, size_t len)
{
	return syscall(SYS_getrandom, buf, len, 0);
}

/* The same on all machines, since Linux 5.1, 5.3 and 5.9. */
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

#ifndef __GLIBC_PREREQ
#define __GLIBC_PREREQ(major, minor) 0
#endif

#if !__GLIBC_PREREQ(2, 34)
static inline int execveat(int fd, const char *path, char *const argv[],
			   char *const envp[], int flags)
{
	return (int)syscall(SYS_execveat, fd, path, argv, envp, flags);
}
#endif

#if !__GLIBC_PREREQ(2, 35)
static inline int epoll_pwait2(int epoll_fd, struct epoll_event *ev, int max,
			       const struct timespec *ts, const void *no_mask)
{
#if defined(SYS_epoll_pwait2) && __SIZEOF_LONG__ == 8
	return (int)syscall(SYS_epoll_pwait2, epoll_fd, ev, max, ts, no_mask,
			    0);
#else
	(void)epoll_fd;
	(void)ev;
	(void)max;
	(void)ts;
	(void)no_mask;
	errno = ENOSYS;
	return -1;
#endif
}
#endif

#endif
