/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fault: a library to be preloaded into the daemon, which lets a successor
 * fail after the exec and before it serves.  The file that FAULT_FILE names
 * says how: abort, segv, exit, hang; anything else is no fault.  Rehearsals,
 * first starts and a binary that is back again are left alone.
 *
 * It waits in umask(), which main calls right after it has taken over the way
 * back.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char fault[16];

__attribute__((constructor)) static void look(void)
{
	const char *file = getenv("FAULT_FILE");
	int fd;

	if (!file || !getenv("XENSTORED_HANDOFF") ||
	    getenv("XENSTORED_RETURNED"))
		return;
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (read(fd, fault, sizeof(fault) - 1) < 0)
		fault[0] = '\0';
	close(fd);
}

static bool is(const char *what)
{
	return !strncmp(fault, what, strlen(what));
}

mode_t umask(mode_t mask)
{
	if (is("abort"))
		abort();
	if (is("segv"))
		raise(SIGSEGV);
	if (is("exit"))
		_exit(1);
	while (is("hang"))
		pause();
	return (mode_t)syscall(SYS_umask, mask);
}
