/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xs-threads: a program with many threads in dom0 that uses Debian's
 * libxenstore in all its ways and counts each reply and each event: none may be
 * lost, duplicated or wrong. Some threads share one handle, others have their
 * own. It reports counts like a simulated guest (xensim/guest-stats.h).
 * Independent of the daemon. Run by the end-to-end tests.
 */
#include "xs-threads.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOST_US	    30000000u
#define THREADS_MAX 24

struct guest_stats *stats;
const char *base;
bool stopping, bad;

/* What a thread is doing; only the watchdog reads it from outside. */
struct thread {
	pthread_t id;
	void *(*run)(void *arg);
	void *arg;
	const char *what;
	uint64_t since_us; /* atomic; 0: no call */
};

static struct thread threads[THREADS_MAX];
static unsigned int nthreads;
static __thread struct thread *me = &threads[0]; /* main's, at first */

static uint64_t time_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000u + (uint64_t)ts.tv_nsec / 1000u;
}

/* ---- called by the threads ---- */

void finding(uint64_t *counter, const char *format, ...)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	char text[sizeof(stats->text)];
	va_list ap;

	va_start(ap, format); /* with %m, so before anything else */
	(void)vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	add(counter, 1);
	pthread_mutex_lock(&lock);
	fprintf(stderr, "xs-threads %s: %s\n", base, text);
	if (!stats->text[0])
		memcpy(stats->text, text, sizeof(text));
	pthread_mutex_unlock(&lock);
	__atomic_store_n(&bad, true, __ATOMIC_RELEASE);
	__atomic_store_n(&stopping, true, __ATOMIC_RELEASE);
}

void call_begin(const char *what)
{
	add(&stats->sent, 1);
	me->what = what;
	__atomic_store_n(&me->since_us, time_us(), __ATOMIC_RELEASE);
}

void call_end(void)
{
	int error = errno;
	uint64_t took = time_us() - me->since_us;
	uint64_t most = __atomic_load_n(&stats->gap_max_us, __ATOMIC_RELAXED);

	__atomic_store_n(&me->since_us, 0, __ATOMIC_RELEASE);
	add(&stats->answered, 1);
	while (took > most && !__atomic_compare_exchange_n(
				      &stats->gap_max_us, &most, took, true,
				      __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
	errno = error;
}

const char *at(char *buf, const char *format, ...)
{
	int n = snprintf(buf, PATH_SIZE, "%s/", base);
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(buf + n, PATH_SIZE - (size_t)n, format, ap);
	va_end(ap);
	return buf;
}

void put(struct xs_handle *xs, xs_transaction_t t, const char *path,
	 uint64_t value)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%llu", (unsigned long long)value);

	if (!CALL(xs_write(xs, t, path, text, (unsigned int)n)))
		finding(&stats->wrong, "cannot write %s: %m", path);
}

uint64_t get(struct xs_handle *xs, xs_transaction_t t, const char *path)
{
	unsigned int len = 0;
	char *text = CALL(xs_read(xs, t, path, &len)), *end = NULL;
	uint64_t value = UINT64_MAX;

	if (!text) {
		finding(&stats->wrong, "cannot read %s: %m", path);
		return value;
	}
	value = strtoull(text, &end, 10);
	if (!len || end != text + len)
		finding(&stats->wrong, "%s: expected a number", path);
	free(text);
	return value;
}

void expect(struct xs_handle *xs, xs_transaction_t t, const char *path,
	    uint64_t value)
{
	uint64_t is_there = get(xs, t, path);

	if (is_there != value)
		finding(&stats->wrong, "%s: seen %llu, expected %llu", path,
			(unsigned long long)is_there,
			(unsigned long long)value);
}

xs_transaction_t tx_start(struct xs_handle *xs)
{
	xs_transaction_t t = CALL(xs_transaction_start(xs));

	if (t == XBT_NULL)
		finding(&stats->wrong, "cannot start a transaction: %m");
	else
		add(&stats->tx_open, 1);
	return t;
}

bool tx_end(struct xs_handle *xs, xs_transaction_t t, bool abort)
{
	bool done = CALL(xs_transaction_end(xs, t, abort));
	int error = errno;

	add(&stats->tx_open, UINT64_MAX); /* one less */
	if (done && !abort)
		add(&stats->tx_committed, 1);
	if (done)
		return true;
	if (error == EAGAIN && !abort) {
		add(&stats->tx_again, 1);
		return false;
	}
	errno = error;
	finding(error == ENOENT ? &stats->tx_lost : &stats->wrong,
		"a transaction did not end: %m");
	return false;
}

char **event_next(struct xs_handle *xs)
{
	struct pollfd p = {xs_fileno(xs), POLLIN, 0};
	uint64_t until = time_us() + EVENT_S * 1000000u;
	char **v;

	for (;;) {
		v = xs_check_watch(xs);
		if (v || errno != EAGAIN || time_us() > until || is(&bad))
			return v;
		(void)poll(&p, 1, 100);
	}
}

void event_polled(struct xs_handle *xs, const char *path, const char *token)
{
	char **v = event_next(xs);

	if (!v) {
		finding(&stats->events_lost, "no event %s %s: %m", path, token);
		return;
	}
	add(&stats->events, 1);
	if (strcmp(v[XS_WATCH_PATH], path) || strcmp(v[XS_WATCH_TOKEN], token))
		finding(&stats->wrong, "event: seen %s %s, expected %s %s",
			v[XS_WATCH_PATH], v[XS_WATCH_TOKEN], path, token);
	free(v);
}

void no_event(struct xs_handle *xs, const char *when)
{
	char **v;

	(void)get(xs, XBT_NULL, CONST);
	v = xs_check_watch(xs);
	if (!v && errno == EAGAIN)
		return;
	finding(&stats->events_surplus, "%s: %s", when,
		v ? v[XS_WATCH_TOKEN] : strerror(errno));
	free(v);
}

/* ---- main ---- */

static void *start(void *thread)
{
	me = thread;
	return me->run(me->arg);
}

static struct thread *spawn(void *(*run)(void *arg), void *arg)
{
	struct thread *t = &threads[++nthreads]; /* 0 is main's */

	t->run = run;
	t->arg = arg;
	errno = pthread_create(&t->id, NULL, start, t);
	if (errno) {
		perror("xs-threads: no thread");
		exit(2);
	}
	return t;
}

/* Ends the process if a call does not return. */
static void watchdog(void)
{
	unsigned int i;

	for (i = 0; i <= nthreads; i++) {
		uint64_t since =
			__atomic_load_n(&threads[i].since_us, __ATOMIC_ACQUIRE);

		if (!since || time_us() < since + LOST_US)
			continue;
		finding(&stats->lost, "no reply to %s", threads[i].what);
		stats->state = GUEST_FAILED;
		_exit(1);
	}
}

static void until_stopped(void)
{
	struct timespec second = {.tv_sec = 1};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	while (!is(&stopping)) {
		if (sigtimedwait(&set, NULL, &second) > 0)
			__atomic_store_n(&stopping, true, __ATOMIC_RELEASE);
		watchdog();
	}
}

/* After an error a thread may wait for an event that will not come. */
static void join(struct thread *t)
{
	struct timespec until;
	int tries;

	for (tries = 0; !is(&bad) || tries < 2; tries++) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec++;
		if (!pthread_timedjoin_np(t->id, NULL, &until))
			return;
		watchdog();
	}
}

static bool map_stats(const char *file)
{
	int fd = open(file, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || ftruncate(fd, sizeof(*stats)))
		return false;
	stats = mmap(NULL, sizeof(*stats), PROT_READ | PROT_WRITE, MAP_SHARED,
		     fd, 0);
	close(fd);
	if (stats == MAP_FAILED)
		return false;
	stats->version = GUEST_STATS_VERSION;
	stats->pid = (uint64_t)getpid();
	__atomic_store_n(&stats->magic, GUEST_STATS_MAGIC, __ATOMIC_RELEASE);
	return true;
}

/* A handle on the read-only socket, or NULL if the daemon has none. */
static struct xs_handle *open_read_only(void)
{
	char *path = getenv("XENSTORED_PATH"), file[PATH_SIZE + 4];
	struct xs_handle *xs;

	snprintf(file, sizeof(file), "%s_ro", path ? path : xs_daemon_socket());
	if (access(file, F_OK))
		return NULL;
	path = path ? strdup(path) : NULL;
	setenv("XENSTORED_PATH", file, 1);
	xs = xs_open(XS_OPEN_READONLY);
	if (path)
		setenv("XENSTORED_PATH", path, 1);
	else
		unsetenv("XENSTORED_PATH");
	free(path);
	return xs;
}

static void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* The functions that do not need the daemon. */
static void without_daemon(void)
{
	struct xs_permissions p[3];

	if (!xs_path_is_subpath("/a/b", "/a/b/c") ||
	    !xs_path_is_subpath("/a/b", "/a/b") ||
	    xs_path_is_subpath("/a/b", "/a/bc"))
		finding(&stats->wrong, "xs_path_is_subpath");
	if (!xs_strings_to_perms(p, 3, "n0\0r1\0b32751") || p[2].id != 32751 ||
	    p[1].perms != XS_PERM_READ || xs_strings_to_perms(p, 1, "x0"))
		finding(&stats->wrong, "xs_strings_to_perms");
}

/*
 * A child closes its copy of a handle; the parent's still works. Done before
 * other threads open and close handles: if one held the library's lock during a
 * fork, the child would have it locked for ever.
 */
static void fork_one(void)
{
	struct xs_handle *xs = xs_open(0);
	char path[PATH_SIZE];
	int status = 0;
	pid_t pid;

	at(path, "fork");
	OK(xs_watch(xs, path, "fork"));
	event_polled(xs, path, "fork");
	pid = fork();
	if (!pid) {
		xs_daemon_destroy_postfork(xs);
		_exit(0);
	}
	if (pid < 0 || CALL(waitpid(pid, &status, 0)) != pid || status)
		finding(&stats->wrong, "fork: %m, status %d", status);
	put(xs, XBT_NULL, path, 1);
	event_polled(xs, path, "fork");
	no_event(xs, "fork");
	xs_close(xs);
}

static void run(struct xs_handle *ro, unsigned int *domids)
{
	static unsigned int numbers[WORKERS];
	struct thread *readers[READERS];
	unsigned int i, first;

	for (i = 0; i < READERS; i++)
		readers[i] = spawn(reader, NULL);
	first = nthreads + 1;
	for (i = 0; i < WORKERS; i++) {
		numbers[i] = i;
		spawn(worker, &numbers[i]);
	}
	spawn(ping, NULL);
	spawn(pong, NULL);
	spawn(hammer, NULL);
	spawn(filtering, NULL);
	spawn(short_lived, NULL);
	spawn(control, NULL);
	if (ro)
		spawn(read_only, ro);
	if (domids[0])
		spawn(domains, domids);
	stats->state = GUEST_RUNNING;
	until_stopped();
	for (i = first; i <= nthreads; i++)
		join(&threads[i]);
	if (is(&bad))
		return; /* readers may wait for ever */
	shared_quit();
	for (i = 0; i < READERS; i++)
		join(readers[i]);
	shared_check();
}

int main(int argc, char **argv)
{
	unsigned int domids[3] = {0}, i;
	struct xs_handle *ro;
	char path[PATH_SIZE];

	if (argc < 3 || argc > 4 || strlen(argv[1]) > 40 ||
	    !map_stats(argv[2])) {
		fprintf(stderr, "usage: xs-threads NAME STATS-FILE [DOMID]\n"
				"DOMID and the two after it are released, "
				"introduced and so on\n");
		return 2;
	}
	for (i = 0; argc > 3 && i < 3; i++)
		domids[i] = (unsigned int)atoi(argv[3]) + i;
	snprintf(path, sizeof(path), "/tool/threads/%s", argv[1]);
	base = path;
	block_signals();
	ro = open_read_only();
	if (shared_init()) {
		perror("xs-threads");
		return 2;
	}
	own_init();
	without_daemon();
	fork_one();
	run(ro, domids);
	xs_close(ro);
	stats->state = is(&bad) ? GUEST_FAILED : GUEST_DONE;
	printf("%llu calls, %llu events, %llu transactions, %llu again%s\n",
	       (unsigned long long)stats->answered,
	       (unsigned long long)stats->events,
	       (unsigned long long)stats->tx_committed,
	       (unsigned long long)stats->tx_again,
	       ro ? "" : ", no read-only socket");
	fflush(stdout);
	_exit(is(&bad)); /* a reader may be in the library */
}
