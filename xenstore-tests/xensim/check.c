/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check: see check.h. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

static unsigned int passed, failed;

void check(const char *what, bool holds)
{
	printf("%s %s\n", holds ? "ok" : "not ok", what);
	passed += holds;
	failed += !holds;
}

int check_summary(void)
{
	printf("# %u passed, %u failed\n", passed, failed);
	return failed ? 1 : 0;
}

bool shell(const char *command)
{
	int status;

	fflush(stdout);
	status = system(command);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
