/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host-file: reads and writes whole files, for images; see host.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fault.h"
#include "host/host-posix.h"

static int read_all(int fd, uint8_t *p, size_t len)
{
	ssize_t n;

	while (len) {
		n = read(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? errno : EIO;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int posix_write_all(int fd, const void *data, size_t len)
{
	const uint8_t *p = data;
	ssize_t n;

	while (len) {
		n = write(fd, p, fault("short-write") ? (len + 1) / 2 : len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? errno : EIO;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int posix_file_read(struct host *h, const char *path, void *ctx, uint64_t max,
		    uint8_t **ret_data, size_t *ret_len, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct wbuf data;
	struct stat st;
	void *p = NULL;
	int rc = 0;

	wbuf_init(&data, ctx); /* talloc itself refuses 256 MB */

	(void)h;
	if (fd < 0 || fstat(fd, &st))
		rc = errno;
	else if (!S_ISREG(st.st_mode))
		rc = EINVAL;
	else if ((uint64_t)st.st_size > max)
		rc = EFBIG;
	if (!rc) {
		p = wbuf_space(&data, (size_t)st.st_size + 1);
		rc = p ? read_all(fd, p, (size_t)st.st_size) : ENOMEM;
	}
	if (fd >= 0)
		close(fd);
	if (rc) {
		wbuf_fini(&data);
		return err_set(err, rc, "%s: %s", path,
			       rc == EINVAL  ? "not a regular file"
			       : rc == EFBIG ? "too large"
					     : strerror(rc));
	}
	*ret_data = p;
	*ret_len = (size_t)st.st_size;
	return 0;
}

int posix_create(const char *path, mode_t mode, int *ret_fd)
{
	/* left by a crash; a link's target stays */
	if (unlink(path) && errno != ENOENT)
		return errno;
	*ret_fd =
		open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		     mode);
	return *ret_fd < 0 ? errno : 0;
}

int posix_write_close(int fd, const void *data, size_t len)
{
	int rc = posix_write_all(fd, data, len);

	if (close(fd) && !rc)
		rc = errno;
	return rc;
}

/* Only a regular file may be replaced. */
static int may_replace(const char *path, struct err *err)
{
	struct stat st;

	if (lstat(path, &st) || S_ISREG(st.st_mode))
		return 0;
	return err_set(err, EEXIST,
		       "%s: exists and is not a regular file; name another "
		       "path",
		       path);
}

/*
 * Writes PATH.new, then renames it.  All clients wait meanwhile, so there is no
 * fsync: the file is useful only while the host runs.
 */
int posix_file_write(struct host *h, const char *path, const void *p,
		     size_t len, struct err *err)
{
	char name[4096];
	int fd = -1, rc = may_replace(path, err);

	(void)h;
	if (rc)
		return rc;
	if (snprintf(name, sizeof(name), "%s.new", path) >= (int)sizeof(name))
		return err_set(err, ENAMETOOLONG, "%s: is too long", path);
	rc = posix_create(name, 0600, &fd);
	if (rc)
		return err_set(err, rc, "%s: %s", name, strerror(rc));
	rc = posix_write_close(fd, p, len);
	fault_crash("file-written");
	if (!rc && rename(name, path))
		rc = errno;
	if (rc) {
		unlink(name);
		return err_set(err, rc, "%s: %s", path, strerror(rc));
	}
	return 0;
}

int posix_file_append(struct host *h, const char *path, const void *p,
		      size_t len, struct err *err)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK |
				    O_NOCTTY | O_NOFOLLOW);
	int rc = fd < 0 ? errno : posix_write_all(fd, p, len);

	(void)h;
	if (fd >= 0 && close(fd) && !rc)
		rc = errno;
	return rc ? err_set(err, rc, "%s: %s", path, strerror(rc)) : 0;
}
