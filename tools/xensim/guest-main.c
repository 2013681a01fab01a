/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xensim-guest: a guest's kernel as a process, which puts a load on the
 * xenstore daemon and checks its answers.  This file has the options, the main
 * loop, the last line and the exit code.  One process for each domain.
 */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "xenstore/base/version.h"

static const char *const mode_names[MODE_COUNT] = {
	"counters", "transactions", "watches", "nul", "big", "reconnect"};

static volatile sig_atomic_t terminated;
static struct sim_dom *wake_dom;

static void on_signal(int sig)
{
	(void)sig;
	terminated = 1;
	/* without it a signal just before the sleep would not end that */
	__atomic_fetch_add(&wake_dom->event, 1, __ATOMIC_SEQ_CST);
}

static int usage(FILE *out)
{
	fprintf(out,
		"Usage: xensim-guest DIR DOMID [OPTION]...\n\nOptions:\n"
		"  --seconds S        stop after S seconds (default: at SIGTERM)\n"
		"  --count N          stop after N requests\n"
		"  --rate R           requests per second (0: back to back)\n"
		"  --depth N          requests in flight, up to %u (default 4)\n"
		"  --modes LIST       of counters,transactions,watches,nul,big,\n"
		"                     reconnect (default: all)\n"
		"  --seed N           seed of the random choices (default 1)\n"
		"  --stats FILE       write live numbers to FILE (guest-stats.h)\n"
		"  --hold-tx          keep one transaction open all the time\n"
		"  --hold-ms N        ... each for N ms (default 500)\n"
		"  --timeout S        an answer is lost after S seconds "
		"(default 30)\n"
		"  --tolerate-refire  allow watches to fire for no reason\n"
		"  --quiet            print no last line when all is well\n"
		"  --help             show this help, and exit\n"
		"  --version          show the version, and exit\n",
		GUEST_MAX_DEPTH);
	if (out == stderr)
		return 2;
	return fflush(stdout) ? 1 : 0;
}

static int parse_modes(const char *text, uint32_t *ret_modes)
{
	uint32_t modes = 0, i;

	while (*text) {
		size_t len = strcspn(text, ",");

		for (i = 0; i < MODE_COUNT; i++)
			if (strlen(mode_names[i]) == len &&
			    !strncmp(mode_names[i], text, len))
				break;
		if (i == MODE_COUNT)
			return EINVAL;
		modes |= 1u << i;
		text += len;
		text += *text == ',';
	}
	*ret_modes = modes;
	return modes ? 0 : EINVAL;
}

static int parse_option(struct guest_config *config, const char *name,
			const char *value, bool *ret_took_value)
{
	const struct {
		const char *name;
		uint32_t max, *value;
	} numbers[] = {
		{"--seconds", 10000000, &config->seconds},
		{"--count", UINT32_MAX, &config->count},
		{"--rate", 1000000, &config->rate},
		{"--depth", GUEST_MAX_DEPTH, &config->depth},
		{"--hold-ms", 3600000, &config->hold_ms},
		{"--timeout", 86400, &config->timeout_s},
	};
	uint32_t number;
	size_t i;

	*ret_took_value = false;
	if (!strcmp(name, "--hold-tx"))
		config->hold_tx = true;
	else if (!strcmp(name, "--tolerate-refire"))
		config->tolerate_refire = true;
	else if (!strcmp(name, "--quiet"))
		config->quiet = true;
	else
		*ret_took_value = true;
	if (!*ret_took_value)
		return 0;
	if (!value)
		return EINVAL;
	if (!strcmp(name, "--stats")) {
		config->stats_file = value;
		return 0;
	}
	if (!strcmp(name, "--modes"))
		return parse_modes(value, &config->modes);
	if (!strcmp(name, "--seed")) {
		if (sim_parse_u32(value, UINT32_MAX, &number))
			return EINVAL;
		config->seed = number;
		return 0;
	}
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (!strcmp(name, numbers[i].name))
			return sim_parse_u32(value, numbers[i].max,
					     numbers[i].value);
	return EINVAL;
}

static int parse_args(struct guest_config *config, int argc, char **argv)
{
	bool took_value;
	int i;

	config->depth = 4;
	config->modes = (1u << MODE_COUNT) - 1;
	config->seed = 1;
	config->timeout_s = 30;
	config->hold_ms = 500;
	for (i = 3; i < argc; i += took_value ? 2 : 1)
		if (parse_option(config, argv[i], argv[i + 1], &took_value)) {
			fprintf(stderr,
				"xensim-guest: unknown option or bad value: %s\n",
				argv[i]);
			return EINVAL;
		}
	return config->depth ? 0 : EINVAL;
}

static int open_stats(struct load *load)
{
	static struct guest_stats own;
	const char *file = load->config.stats_file;
	int fd, err = 0;

	load->stats = &own;
	if (file) {
		fd = open(file, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		if (fd < 0)
			return errno;
		if (ftruncate(fd, sizeof(own)))
			err = errno;
		else
			load->stats =
				mmap(NULL, sizeof(own), PROT_READ | PROT_WRITE,
				     MAP_SHARED, fd, 0);
		if (!err && load->stats == MAP_FAILED)
			err = errno;
		close(fd);
		if (err)
			return err;
	}
	load->stats->version = GUEST_STATS_VERSION;
	load->stats->domid = load->ring.domid;
	load->stats->pid = (uint64_t)getpid();
	__atomic_store_n(&load->stats->magic, GUEST_STATS_MAGIC,
			 __ATOMIC_RELEASE);
	return 0;
}

/* The domain was moved while paused: continue as its kernel there. */
static bool follow(struct load *load)
{
	sigset_t both, before;
	int err;

	sigemptyset(&both);
	sigaddset(&both, SIGTERM);
	sigaddset(&both, SIGINT);
	sigprocmask(SIG_BLOCK, &both, &before);
	err = ring_follow(&load->ring);
	wake_dom = load->ring.dom;
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (err)
		fprintf(stderr,
			"xensim-guest: domain %u: cannot follow its move: "
			"%s\n",
			load->ring.domid, strerror(err));
	return !err;
}

/* Time in which the vcpu was paused does not count as a delay. */
static void sleep_while_paused(struct load *load, uint32_t seen)
{
	uint64_t before = time_us(), slept;
	uint32_t i;

	ring_wait(&load->ring, seen, 1000000);
	slept = time_us() - before;
	load->gap_since_us += slept;
	for (i = 0; i < load->slot_count; i++) {
		load->slots[i].sent_us += slept;
		load->slots[i].want[0].since_us += slept;
		load->slots[i].want[1].since_us += slept;
	}
}

static bool drain(struct load *load)
{
	const struct msg *msg;
	int err;

	while (!(err = ring_get(&load->ring, &msg)))
		(void)load_handle(load, msg);
	if (err == EAGAIN)
		return true;
	load_finding(load, &load->stats->wrong, "%s (error word %u)",
		     err == EIO ? "the daemon gave up the ring"
				: "impossible indices or length in the ring",
		     load->ring.page->error);
	return false;
}

static void run(struct load *load)
{
	const struct guest_config *config = &load->config;
	uint64_t end = config->seconds
			       ? time_us() + config->seconds * 1000000ull
			       : UINT64_MAX;

	stat_set(&load->stats->state, GUEST_RUNNING);
	while (!load->failed) {
		uint32_t seen = sim_load(&load->ring.dom->event);
		uint32_t flags = sim_dom_enter(load->ring.dom);

		if (!(flags & SIM_DOM_EXISTS) ||
		    (flags & (SIM_DOM_DYING | SIM_DOM_SHUTDOWN)))
			return;
		load->now_us = time_us();
		if (flags & SIM_DOM_PAUSED) {
			if (terminated)
				return;
			if (!(flags & SIM_DOM_MOVED) || !follow(load))
				sleep_while_paused(load, seen);
			continue;
		}
		if (terminated || load->now_us >= end ||
		    (config->count && load->stats->sent >= config->count)) {
			load->stopping = true;
			stat_set(&load->stats->state, GUEST_FINISHING);
		}
		if (ring_usable(&load->ring)) {
			if (!drain(load))
				return;
			load_start(load);
			if (load->stopping && load_idle(load))
				return;
			(void)ring_flush(&load->ring);
		} else if (load->stopping) {
			return;
		}
		load_check_time(load);
		ring_wait(&load->ring, seen, load_timeout_us(load));
	}
}

static int report(const struct load *load, uint64_t took_us)
{
	struct guest_stats *s = load->stats;
	bool failed = s->lost || s->duplicated || s->wrong || s->tx_lost ||
		      s->events_lost;

	if (!failed && load->config.quiet)
		goto out;
	printf("xensim-guest: domid %u: %s: sent %" PRIu64 " answered %" PRIu64
	       " lost %" PRIu64 " duplicated %" PRIu64 " wrong %" PRIu64
	       "; tx %" PRIu64 " again %" PRIu64 " lost %" PRIu64
	       "; events %" PRIu64 " lost %" PRIu64 " surplus %" PRIu64
	       " refired %" PRIu64 "; reconnects %" PRIu64 "; gap max %" PRIu64
	       " us; %" PRIu64 " requests/s\n",
	       load->ring.domid, failed ? "FAILED" : "ok", s->sent, s->answered,
	       s->lost, s->duplicated, s->wrong, s->tx_committed, s->tx_again,
	       s->tx_lost, s->events, s->events_lost, s->events_surplus,
	       s->events_refired, s->reconnects, s->gap_max_us,
	       took_us ? s->answered * 1000000u / took_us : 0);
out:
	stat_set(&s->state, failed ? GUEST_FAILED : GUEST_DONE);
	return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
	static struct load load;
	struct sigaction action = {.sa_handler = on_signal};
	uint64_t start;
	uint32_t domid;
	int err;

	if (argc == 2 && !strcmp(argv[1], "--help"))
		return usage(stdout);
	if (argc == 2 && !strcmp(argv[1], "--version"))
		return puts("xensim-guest " XENSTORED_VERSION) < 0 ||
		       fflush(stdout);
	if (argc < 3 || sim_parse_u32(argv[2], SIM_MAX_DOMID - 1, &domid) ||
	    parse_args(&load.config, argc, argv))
		return usage(stderr);
	err = ring_attach(&load.ring, argv[1], domid);
	if (!err)
		err = open_stats(&load);
	if (err) {
		fprintf(stderr,
			"xensim-guest: cannot be domain %u of %s: "
			"%s%s\n",
			domid, argv[1], strerror(err),
			err == ESRCH   ? "; create it with: xensim boot"
			: err == EBUSY ? "; another process is its kernel"
				       : "");
		return 1;
	}
	signal(SIGPIPE, SIG_IGN);
	wake_dom = load.ring.dom;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	load_init(&load);
	start = time_us();
	run(&load);
	return report(&load, time_us() - start);
}
