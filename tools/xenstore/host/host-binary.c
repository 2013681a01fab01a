/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-binary: a successor's file: its kind, and that the file which was checked
 * is the one that runs.  Called by host-xen.c, host-rehearse.c,
 * host-exec.c, host-beside.c and host-stock.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/beside-form.h"
#include "host/handoff.h"
#include "host/host-process.h"
#include "host/linux-calls.h"

static int binary_kind(int fd, const char *binary,
		       enum host_successor *ret_kind, struct err *err)
{
	int rc = handoff_binary_fits(fd, binary, err);

	*ret_kind = HOST_OURS;
	return rc == ENOENT ? stock_binary_fits(fd, binary, ret_kind, err) : rc;
}

int posix_binary_check(struct host *h, const char *binary,
		       enum host_successor *ret_kind, struct err *err)
{
	struct stat st;
	struct posix *p = to_posix(h);
	int fd, rc;

	p->beside = false;
	if (stat(binary, &st) || !S_ISREG(st.st_mode))
		return err_set(err, ENOENT, "%s: File not accessible.", binary);
	if (!(st.st_mode & 0111))
		return err_set(err, EACCES, "%s: File not executable.", binary);
	fd = open(binary, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, EACCES, "%s: File not accessible.", binary);
	rc = binary_kind(fd, binary, ret_kind, err);
	p->beside = !rc && *ret_kind == HOST_OURS && beside_binary_fits(fd);
	close(fd);
	return rc || *ret_kind != HOST_OX ? rc : ox_rundir_fits(err);
}

bool posix_beside_can(struct host *h)
{
	return to_posix(h)->beside;
}

/*
 * The descriptor stays open, so a file that replaces this one later is not run.
 * The kind is checked again: a stock daemon taken for one of ours would not
 * rehearse but start serving.
 */
int binary_open(struct posix *p, const char *binary, bool ours, struct err *err)
{
	int rc;

	if (p->binary_fd >= 0)
		close(p->binary_fd);
	p->binary_fd = open(binary, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (p->binary_fd < 0 || fstat(p->binary_fd, &p->binary_stat))
		return err_set(err, errno, "cannot open %s: %s", binary,
			       strerror(errno));
	rc = binary_kind(p->binary_fd, binary, &p->kind, err);
	if (!rc && ours != (p->kind == HOST_OURS))
		rc = err_set(err, ESTALE,
			     "%s is another kind of xenstored than when the "
			     "update was requested",
			     binary);
	return rc;
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/*
 * Returns 0 if the binary was not written since it was opened, else ESTALE.  An
 * owner can set mtime back, but not ctime.  Unlinking changes ctime without
 * changing the content: package managers replace files like that.
 */
static int unchanged(const struct posix *p)
{
	const struct stat *was = &p->binary_stat;
	struct stat st;

	if (fstat(p->binary_fd, &st))
		return errno;
	return st.st_dev == was->st_dev && st.st_ino == was->st_ino &&
			       st.st_size == was->st_size &&
			       same_time(st.st_mtim, was->st_mtim) &&
			       (same_time(st.st_ctim, was->st_ctim) ||
				st.st_nlink < was->st_nlink)
		       ? 0
		       : ESTALE;
}

int run_binary(struct posix *p, char *const *argv)
{
	int rc = unchanged(p);

	if (rc)
		return rc;
	execveat(p->binary_fd, "", argv, environ, AT_EMPTY_PATH);
	return errno ? errno : ENOEXEC;
}

int not_run(const char *binary, int rc, struct err *err)
{
	return err_set(err, rc, "cannot run %s: %s", binary,
		       rc == ESTALE ? "it was changed since the update began"
				    : strerror(rc));
}
