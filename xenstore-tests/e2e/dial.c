/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dial: see dial.h. Used by raw and talk. */
#include "dial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

_Noreturn void wrong(const char *what)
{
	printf("%s (errno %d: %s)\n", what, errno, strerror(errno));
	exit(1);
}

int dial(void)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	const char *path = getenv("XENSTORED_PATH");
	size_t len = path ? strlen(path) : 0;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (!path || fd < 0 || len >= sizeof(addr.sun_path))
		wrong("cannot create a socket");
	memcpy(addr.sun_path, path, len + 1);
	if (connect(fd, (const struct sockaddr *)&addr, sizeof(addr)))
		wrong("cannot connect to XENSTORED_PATH");
	return fd;
}
