/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A separate library: makes the clock of the program that loads it run
 * XENSIM_CLOCK times as fast, and shortens its timeouts in poll() accordingly.
 * A daemon that slows its clients down by the clock can then be tested at full
 * speed.  Knows nothing of Xen; `xensim run --clock` loads it.
 */
#include "sim.h"

#include <dlfcn.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#define EXPORT __attribute__((visibility("default")))
#define NSEC   1000000000ll

typedef int gettime_fn(clockid_t, struct timespec *);

static gettime_fn *real_gettime;
static int64_t rate = 1;

/* Called at the first use, which may be before any constructor has run. */
static void clock_begin(void)
{
	const char *text = getenv(SIM_ENV_CLOCK);
	void *sym = dlsym(RTLD_NEXT, "clock_gettime");
	long n = text ? strtol(text, NULL, 10) : 0;

	if (n > 0 && n <= SIM_CLOCK_MAX)
		rate = n;
	memcpy(&real_gettime, &sym, sizeof(real_gettime));
}

/* The value of this clock when it was first read. */
static int64_t *first_of(clockid_t id)
{
	static int64_t first[16];

	return id >= 0 && id < 16 ? &first[id] : NULL;
}

EXPORT int clock_gettime(clockid_t id, struct timespec *ts)
{
	int64_t *first = first_of(id), ns;

	if (!real_gettime)
		clock_begin();
	if (real_gettime(id, ts))
		return -1;
	if (!first)
		return 0;
	ns = ts->tv_sec * NSEC + ts->tv_nsec;
	if (!*first)
		*first = ns;
	ns = *first + (ns - *first) * rate;
	ts->tv_sec = ns / NSEC;
	ts->tv_nsec = ns % NSEC;
	return 0;
}

EXPORT time_t time(time_t *ret)
{
	struct timespec ts = {0};

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	if (ret)
		*ret = ts.tv_sec;
	return ts.tv_sec;
}

EXPORT int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec ts = {0};

	(void)zone;
	(void)clock_gettime(CLOCK_REALTIME, &ts);
	tv->tv_sec = ts.tv_sec;
	tv->tv_usec = ts.tv_nsec / 1000;
	return 0;
}

EXPORT int poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
	struct timespec ts = {0};
	int64_t ns;

	if (!real_gettime)
		clock_begin();
	ns = timeout_ms * 1000000ll / rate;
	ts.tv_sec = ns / NSEC;
	ts.tv_nsec = ns % NSEC;
	return ppoll(fds, n, timeout_ms < 0 ? NULL : &ts, NULL);
}
