/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stdfd: see stdfd.h.  Called by the main() of each program before it opens
 * anything.
 */
#include "base/stdfd.h"

#include <errno.h>
#include <fcntl.h>

int stdfd_reserve(void)
{
	int fd, got;

	for (fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		/* with the wrong mode: each use fails with EBADF */
		got = open("/dev/null", fd ? O_RDONLY : O_WRONLY);
		if (got < 0)
			got = open("/", O_PATH);
		if (got < 0)
			return errno;
	}
	return 0;
}
