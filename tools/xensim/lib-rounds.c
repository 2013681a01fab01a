/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A separate library: measures how long the program that loads it works between
 * two waits for events (poll, select, epoll).  This is processor time, so it
 * does not count what other programs do meanwhile.  Knows nothing of Xen;
 * `xensim run
 * --rounds FILE` loads it.
 *
 * FILE holds four numbers of 64 bits: the longest such time in nanoseconds, the
 * sum of all, their number, and the program's processor time when it began to
 * work (0 while it waits).  Writing zeroes to the first three resets them.
 */
#include "sim.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define NSEC   1000000000ull

struct rounds {
	uint64_t most_ns, all_ns, n;
	uint64_t begun_ns; /* 0: not in a round */
};

static struct rounds *rounds;

__attribute__((constructor)) static void rounds_open(void)
{
	const char *path = getenv(SIM_ENV_ROUNDS);
	int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
	void *p;

	if (fd < 0)
		return;
	if (!ftruncate(fd, sizeof(struct rounds))) {
		p = mmap(NULL, sizeof(struct rounds), PROT_READ | PROT_WRITE,
			 MAP_SHARED, fd, 0);
		rounds = p == MAP_FAILED ? NULL : p;
	}
	close(fd);
}

static uint64_t cpu_ns(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts))
		return 0;
	return (uint64_t)ts.tv_sec * NSEC + (uint64_t)ts.tv_nsec;
}

static void round_ends(void)
{
	uint64_t ns;

	if (!rounds || !rounds->begun_ns)
		return;
	ns = cpu_ns() - rounds->begun_ns;
	rounds->begun_ns = 0;
	rounds->all_ns += ns;
	rounds->n++;
	if (ns > rounds->most_ns)
		rounds->most_ns = ns;
}

static void round_begins(void)
{
	if (rounds)
		rounds->begun_ns = cpu_ns();
}

/*
 * Wraps a function that waits: a round ends before it, the next begins after.
 */
#define ROUND(name, params, args)                                              \
	EXPORT int name params                                                 \
	{                                                                      \
		static int(*next) params;                                      \
		void *sym;                                                     \
		int ret;                                                       \
                                                                               \
		if (!next) {                                                   \
			sym = dlsym(RTLD_NEXT, #name);                         \
			memcpy(&next, &sym, sizeof(next));                     \
		}                                                              \
		round_ends();                                                  \
		ret = next args;                                               \
		round_begins();                                                \
		return ret;                                                    \
	}

ROUND(poll, (struct pollfd * fd, nfds_t n, int ms), (fd, n, ms))
ROUND(select, (int n, fd_set *in, fd_set *out, fd_set *ex, struct timeval *t),
      (n, in, out, ex, t))
ROUND(epoll_wait, (int fd, struct epoll_event *ev, int n, int ms),
      (fd, ev, n, ms))
ROUND(epoll_pwait2,
      (int fd, struct epoll_event *ev, int n, const struct timespec *t,
       const sigset_t *set),
      (fd, ev, n, t, set))
