/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * side: one simulated Xen with one daemon. Both end with this process. Used by
 * exec.c.
 */
#include "side.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

uint64_t time_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000u + (uint64_t)ts.tv_nsec / 1000u;
}

static pid_t spawn(char *const argv[], const char *log, int out)
{
	pid_t pid = fork();
	int fd;

	if (pid)
		return pid;
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
	if (fd < 0 || dup2(out >= 0 ? out : fd, STDOUT_FILENO) < 0 ||
	    dup2(fd, STDERR_FILENO) < 0)
		_exit(126);
	execv(argv[0], argv);
	_exit(127);
}

static int start_hypervisor(struct side *s, char *xensim)
{
	char serve[] = "serve", log[192], text[64];
	char *argv[] = {xensim, serve, s->hv, NULL};
	int ready[2], err;
	ssize_t n;

	(void)snprintf(log, sizeof(log), "%s/hv.log", s->dir);
	if (pipe2(ready, O_CLOEXEC))
		return errno;
	s->hv_pid = spawn(argv, log, ready[1]);
	close(ready[1]);
	n = s->hv_pid > 0 ? read(ready[0], text, sizeof(text)) : 0;
	close(ready[0]);
	if (n <= 0)
		return EIO;
	err = sim_connect(s->hv, &s->hv_sock);
	return err ? err : sim_map_shm(s->hv_sock, &s->shm);
}

static int wait_socket(struct side *s, char *xensim)
{
	char wait_cmd[] = "wait", log[192];
	char *argv[] = {xensim, wait_cmd, s->sock, NULL};
	int status = -1;
	pid_t pid;

	(void)snprintf(log, sizeof(log), "%s/wait.log", s->dir);
	pid = spawn(argv, log, -1);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		return ETIMEDOUT;
	return 0;
}

int side_start(struct side *s, const char *name, const char *top,
	       const char *tmp, const char *program, const char *const *options,
	       const char *clock)
{
	char xensim[256], run[] = "run", log[192], dashes[] = "--", pid[192];
	char pid_opt[] = "--pid-file";
	char clock_opt[] = "--clock", *args[36] = {xensim, run, s->hv};
	int i = 3, err;

	memset(s, 0, sizeof(*s));
	s->name = name;
	s->hv_sock = -1;
	(void)snprintf(xensim, sizeof(xensim), "%s/tools/xensim/xensim", top);
	(void)snprintf(s->dir, sizeof(s->dir), "%s/%s", tmp, name);
	(void)snprintf(s->hv, sizeof(s->hv), "%s/hv", s->dir);
	(void)snprintf(s->sock, sizeof(s->sock), "%s/socket", s->dir);
	(void)snprintf(log, sizeof(log), "%s/daemon.log", s->dir);
	(void)snprintf(pid, sizeof(pid), "%s/pid", s->dir);
	if (mkdir(s->dir, 0700) && errno != EEXIST)
		return errno;
	err = start_hypervisor(s, xensim);
	if (err)
		return err;
	if (clock) {
		args[i++] = clock_opt;
		args[i++] = strdupa(clock);
	}
	args[i++] = dashes;
	args[i++] = strdupa(program);
	while (*options && i < 32)
		args[i++] = strdupa(*options++);
	args[i++] = pid_opt;
	args[i] = pid;
	setenv("XENSTORED_RUNDIR", s->dir, 1);
	setenv("XENSTORED_PATH", s->sock, 1);
	s->daemon_pid = spawn(args, log, -1);
	return wait_socket(s, xensim);
}

static void end_process(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

void side_stop(struct side *s)
{
	end_process(s->daemon_pid);
	if (s->hv_sock >= 0) {
		(void)side_call(s, SIM_OP_STOP, 0, 0);
		close(s->hv_sock);
	}
	end_process(s->hv_pid);
	if (s->shm)
		munmap(s->shm, sizeof(*s->shm));
	(void)unlink(s->sock);
	memset(s, 0, sizeof(*s));
	s->hv_sock = -1;
}

const char *side_ended(struct side *s)
{
	int status;

	if (!s->ended && waitpid(s->daemon_pid, &status, WNOHANG)) {
		s->ended = WIFSIGNALED(status) ? strsignal(WTERMSIG(status))
					       : "it ended with an exit code";
		s->daemon_pid = 0;
	}
	return s->ended;
}

int side_create(struct side *s, uint32_t domid, struct domain_facts *ret)
{
	struct sim_req req = {.op = SIM_OP_CREATE,
			      .a = domid,
			      .b = SIM_DOM_HVM | SIM_DOM_HAP};
	struct sim_rep rep;
	int err = sim_call(s->hv_sock, &req, &rep, NULL);

	if (err)
		return err;
	ret->gfn = rep.d;
	ret->port = rep.b;
	return 0;
}

int side_call(struct side *s, uint32_t op, uint32_t domid, uint32_t arg)
{
	struct sim_req req = {.op = op, .a = domid, .b = arg};
	struct sim_rep rep;

	return sim_call(s->hv_sock, &req, &rep, NULL);
}

bool side_has_domain(const struct side *s, uint32_t domid)
{
	uint64_t word =
		__atomic_load_n(&s->shm->present[domid / 64], __ATOMIC_SEQ_CST);

	return word & (1ull << (domid % 64));
}
