/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of /proc/xen that a dom0 process opens, where there is no
 * /proc/xen: dom0's ring page, its event channel, and the mark of the control
 * domain.  All other paths go to the C library unchanged.  Called by programs
 * that run under `xensim run`.
 */
#include "lib.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum xen_file {
	XEN_FILE_NONE,
	XEN_FILE_KVA,
	XEN_FILE_PORT,
	XEN_FILE_CAPABILITIES,
};

static enum xen_file xen_file(const char *path)
{
	static const char dir[] = "/proc/xen/";

	if (!path || strncmp(path, dir, sizeof(dir) - 1) != 0)
		return XEN_FILE_NONE;
	path += sizeof(dir) - 1;
	if (!strcmp(path, "xsd_kva"))
		return XEN_FILE_KVA;
	if (!strcmp(path, "xsd_port"))
		return XEN_FILE_PORT;
	if (!strcmp(path, "capabilities"))
		return XEN_FILE_CAPABILITIES;
	return XEN_FILE_NONE;
}

/* The C library's function of this name; looked up once. */
#define NEXT(type, name)                                                       \
	static type *next_##name(void)                                         \
	{                                                                      \
		static void *found;                                            \
		void *sym = __atomic_load_n(&found, __ATOMIC_RELAXED);         \
		type *func;                                                    \
                                                                               \
		if (!sym) {                                                    \
			sym = dlsym(RTLD_NEXT, #name);                         \
			__atomic_store_n(&found, sym, __ATOMIC_RELAXED);       \
		}                                                              \
		memcpy(&func, &sym, sizeof(func));                             \
		return func;                                                   \
	}

typedef int open_fn(const char *, int, ...);
typedef int openat_fn(int, const char *, int, ...);
typedef FILE *fopen_fn(const char *, const char *);
typedef int access_fn(const char *, int);
typedef int faccessat_fn(int, const char *, int, int);
typedef int stat64_fn(const char *, struct stat64 *);

NEXT(open_fn, open)
NEXT(open_fn, open64)
NEXT(openat_fn, openat)
NEXT(openat_fn, openat64)
NEXT(fopen_fn, fopen)
NEXT(fopen_fn, fopen64)
NEXT(access_fn, access)
NEXT(faccessat_fn, faccessat)
NEXT(stat64_fn, stat64)

static int text_file(const char *text)
{
	size_t len = strlen(text);
	int fd = memfd_create("xensim-file", MFD_CLOEXEC);

	if (fd < 0)
		return -1;
	if (write(fd, text, len) != (ssize_t)len ||
	    lseek(fd, 0, SEEK_SET) != 0) {
		close(fd);
		errno = EIO;
		return -1;
	}
	return fd;
}

static int xen_open(enum xen_file file, int flags)
{
	struct sim_req req = {.op = SIM_OP_XSD_KVA};
	struct sim_shm *shm = lib_shm();
	struct sim_rep rep;
	char text[32];
	int fd, err;

	if (!shm)
		return -1;
	if (file == XEN_FILE_KVA) {
		err = lib_call(&req, &rep, &fd);
		if (err) {
			errno = err;
			return -1;
		}
	} else if (file == XEN_FILE_PORT) {
		(void)snprintf(text, sizeof(text), "%u", shm->doms[0].xs_port);
		fd = text_file(text);
	} else {
		fd = text_file("control_d\n");
	}
	if (fd >= 0 && !(flags & O_CLOEXEC))
		(void)fcntl(fd, F_SETFD, 0);
	return fd;
}

/* Sets mode to the argument that these flags require. */
static mode_t mode_arg(int flags, va_list *ap)
{
	if ((flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE)
		return va_arg(*ap, mode_t);
	return 0;
}

#define OPEN(name)                                                             \
	EXPORT int name(const char *path, int flags, ...)                      \
	{                                                                      \
		enum xen_file file = xen_file(path);                           \
		mode_t mode;                                                   \
		va_list ap;                                                    \
                                                                               \
		if (file != XEN_FILE_NONE)                                     \
			return xen_open(file, flags);                          \
		va_start(ap, flags);                                           \
		mode = mode_arg(flags, &ap);                                   \
		va_end(ap);                                                    \
		return next_##name()(path, flags, mode);                       \
	}

#define OPENAT(name)                                                           \
	EXPORT int name(int dirfd, const char *path, int flags, ...)           \
	{                                                                      \
		enum xen_file file = xen_file(path);                           \
		mode_t mode;                                                   \
		va_list ap;                                                    \
                                                                               \
		if (file != XEN_FILE_NONE)                                     \
			return xen_open(file, flags);                          \
		va_start(ap, flags);                                           \
		mode = mode_arg(flags, &ap);                                   \
		va_end(ap);                                                    \
		return next_##name()(dirfd, path, flags, mode);                \
	}

#define FOPEN(name)                                                            \
	EXPORT FILE *name(const char *path, const char *mode)                  \
	{                                                                      \
		enum xen_file file = xen_file(path);                           \
		FILE *stream;                                                  \
		int fd;                                                        \
                                                                               \
		if (file == XEN_FILE_NONE)                                     \
			return next_##name()(path, mode);                      \
		fd = xen_open(file, strchr(mode, 'e') ? O_CLOEXEC : 0);        \
		stream = fd < 0 ? NULL : fdopen(fd, mode);                     \
		if (!stream && fd >= 0)                                        \
			close(fd);                                             \
		return stream;                                                 \
	}

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)
FOPEN(fopen)
FOPEN(fopen64)

EXPORT int access(const char *path, int how)
{
	if (xen_file(path) != XEN_FILE_NONE)
		return lib_shm() ? 0 : -1;
	return next_access()(path, how);
}

/* For test -e and -r in a shell, as in Debian's init script. */
EXPORT int faccessat(int dirfd, const char *path, int how, int flags)
{
	if (xen_file(path) != XEN_FILE_NONE)
		return lib_shm() ? 0 : -1;
	return next_faccessat()(dirfd, path, how, flags);
}

EXPORT int stat64(const char *path, struct stat64 *buf)
{
	if (xen_file(path) == XEN_FILE_NONE)
		return next_stat64()(path, buf);
	if (!lib_shm())
		return -1;
	memset(buf, 0, sizeof(*buf));
	buf->st_mode = S_IFREG | 0444;
	buf->st_nlink = 1;
	return 0;
}
