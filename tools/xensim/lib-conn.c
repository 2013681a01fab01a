/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process's connection to the hypervisor.  A child after fork() opens its
 * own.  Used by the other lib-*.c files.
 */
#include "lib.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct sim_shm *shm;
static int sock = -1;
static pid_t sock_pid;
static uint32_t refused; /* fixed when the program first asks */

/* Open another connection.  ENODEV if there is no simulated Xen. */
int lib_connect(int *ret_fd)
{
	const char *dir = getenv(SIM_ENV_DIR);

	return dir && *dir ? sim_connect(dir, ret_fd) : ENODEV;
}

static int connected(void)
{
	pid_t pid = getpid();
	int err;

	if (sock >= 0 && sock_pid == pid)
		return 0;
	if (sock >= 0)
		close(sock);
	sock = -1;
	err = lib_connect(&sock);
	if (err)
		return err;
	sock_pid = pid;
	if (!shm) {
		err = sim_map_shm(sock, &shm);
		refused = err ? 0 : sim_load(&shm->refused);
	}
	return err;
}

/* The shared memory, or NULL with errno set when no hypervisor answers. */
struct sim_shm *lib_shm(void)
{
	struct sim_shm *ret = __atomic_load_n(&shm, __ATOMIC_ACQUIRE);
	int err;

	if (ret)
		return ret;
	pthread_mutex_lock(&lock);
	err = connected();
	ret = shm;
	pthread_mutex_unlock(&lock);
	if (err)
		errno = err;
	return err ? NULL : ret;
}

bool lib_refused(uint32_t what)
{
	return (refused & what) != 0;
}

/* Make a call on the process's connection; 0 or errno. */
int lib_call(const struct sim_req *req, struct sim_rep *ret_rep, int *ret_fd)
{
	int err;

	pthread_mutex_lock(&lock);
	err = connected();
	if (!err)
		err = sim_call(sock, req, ret_rep, ret_fd);
	if (err == EPIPE || err == ECONNRESET || err == EBADF) {
		/* the program may have closed our descriptor */
		sock = err == EBADF ? -1 : sock;
		sock_pid = 0;
	}
	pthread_mutex_unlock(&lock);
	return err;
}
