/* SPDX-License-Identifier: GPL-2.0-or-later */
/* jobs: several runs in parallel processes. Used by main.c. */
#include "diff.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct job {
	pid_t pid;
	uint32_t place; /* the lowest free number */
	char dir[160], log[192];
};

/*
 * A run and its daemons take turns, so one CPU is enough, and faster than
 * waking another each time.
 */
static void stay_on_one(uint32_t place)
{
	cpu_set_t have, one;
	size_t cpu;
	int n;

	if (sched_getaffinity(0, sizeof(have), &have))
		return;
	n = (int)(place % (uint32_t)CPU_COUNT(&have));
	for (cpu = 0; !CPU_ISSET(cpu, &have) || n--; cpu++)
		;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	(void)sched_setaffinity(0, sizeof(one), &one);
}

static pid_t start(struct job *j, uint32_t i, const char *tmp,
		   int (*run)(void *arg, uint32_t i, const char *dir),
		   void *arg)
{
	int fd;

	(void)snprintf(j->dir, sizeof(j->dir), "%s/%u", tmp, i);
	(void)snprintf(j->log, sizeof(j->log), "%s/%u.log", tmp, i);
	if (mkdir(j->dir, 0700) && errno != EEXIST)
		return -1;
	fflush(stdout);
	j->pid = fork();
	if (j->pid)
		return j->pid;
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	fd = open(j->log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0)
		_exit(126);
	stay_on_one(j->place);
	i = run(arg, i, j->dir) ? 1 : 0;
	fflush(stdout);
	_exit((int)i);
}

static uint32_t free_place(const struct job *jobs, uint32_t n)
{
	uint32_t place = 0, i;

	for (i = 0; i < n; i++)
		if (jobs[i].pid > 0 && jobs[i].place == place) {
			place++;
			i = UINT32_MAX; /* from the start */
		}
	return place;
}

static void show(const char *name)
{
	FILE *f = fopen(name, "r");
	char buf[4096];
	size_t n;

	while (f && (n = fread(buf, 1, sizeof(buf), f)) > 0)
		(void)fwrite(buf, 1, n, stdout);
	if (f)
		fclose(f);
	fflush(stdout);
}

/* Waits for any job; returns its number, and whether it succeeded. */
static uint32_t wait_one(struct job *jobs, uint32_t n, bool *ret_ok)
{
	int status = -1;
	pid_t pid = waitpid(-1, &status, 0);
	uint32_t i;

	for (i = 0; i < n && jobs[i].pid != pid; i++)
		;
	if (pid <= 0 || i == n)
		abort();
	jobs[i].pid = 0;
	show(jobs[i].log);
	(void)unlink(jobs[i].log);
	*ret_ok = WIFEXITED(status) && !WEXITSTATUS(status);
	if (!WIFEXITED(status))
		printf("run %u: %s\n", i, strsignal(WTERMSIG(status)));
	return i;
}

uint32_t jobs_run(uint32_t n, uint32_t parallel, const char *tmp,
		  int (*run)(void *arg, uint32_t i, const char *dir), void *arg)
{
	struct job *jobs = calloc(n, sizeof(*jobs));
	uint32_t next = 0, running = 0, failed = 0;
	bool ok;

	if (!jobs)
		abort();
	while (next < n || running) {
		if (next < n && running < parallel) {
			jobs[next].place = free_place(jobs, next);
			if (start(&jobs[next], next, tmp, run, arg) < 0)
				abort();
			next++;
			running++;
			continue;
		}
		(void)wait_one(jobs, n, &ok);
		failed += !ok;
		running--;
	}
	free(jobs);
	return failed;
}
