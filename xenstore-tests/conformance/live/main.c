// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main: runs stories against a real daemon; see live.h.
 *
 *   live-stories --top DIR --tmp DIR --mode MODE --daemon PROGRAM
 *                --table FILE [--release 4.17] STORY...
 *   live-stories --document --table FILE
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "live.h"

static const char *const mode_names[LIVE_MODES] = {
	"ours", "stock", "beside", "lib", "tools",
};

static const char *const no_options[] = {"-N", NULL};

int live_cannot(struct live *l, const char *why)
{
	l->cannot = why;
	return 1;
}

/* ---- lines ---- */

/* A story uses 1 and 1 for a domain's frame and port. */
static void real_domain(struct live *l, struct word *w, int n)
{
	struct peer *p;
	struct ring *ring;

	if (n < 5 || !word_is(&w[1], "INTRODUCE") || !word_is(&w[3], "1") ||
	    !word_is(&w[4], "1"))
		return;
	p = peer_find(&l->run, w[2].p);
	ring = p && p->ring ? live_of(p)->link.ring : NULL;
	if (!ring)
		return;
	live_of(p)->dead = false;
	w[3].p = talloc_asprintf(l, "%llu", (unsigned long long)ring->dom->gfn);
	w[3].len = strlen(w[3].p);
	w[4].p = talloc_asprintf(l, "%u", ring->dom->xs_port);
	w[4].len = strlen(w[4].p);
}

static void note_release(struct live *l, const struct word *w, int n)
{
	struct peer *p = n > 2 && word_is(&w[1], "RELEASE")
				 ? peer_find(&l->run, w[2].p)
				 : NULL;

	if (p && p->ring)
		live_of(p)->dead = true;
}

/* Other peers wait for replies: the daemon sends those before this line. */
static int others_first(struct live *l, const struct peer *p)
{
	const struct peer *other;

	list_for_each (other, &l->run.peers, next)
		if (other != p && !list_empty(&other->sent))
			return live_settle(l);
	return 0;
}

/* Runs a line, whatever the mode. */
static int tell(struct run *r, struct word *w, int n)
{
	struct live *l = to_live(r);
	size_t len = strlen(w[0].p);
	char dir = len > 1 ? w[0].p[len - 1] : 0;
	struct peer *p = NULL;
	int rc;

	if (dir == '>' || dir == '<') {
		w[0].p[len - 1] = 0;
		p = peer_find(r, w[0].p);
		w[0].p[len - 1] = dir;
	}
	if (dir != '<' && others_first(l, p))
		return 1;
	if (p && dir == '>') {
		real_domain(l, w, n);
		note_release(l, w, n);
	}
	l->watched |= p && n > 1 && word_is(&w[1], "WATCH");
	if (p && live_by_other_means(l, p)) {
		if (dir == '<' && client_skips(l, p, w + 1, n - 1)) {
			l->n.apart++;
			return l->cannot != NULL;
		}
		rc = dir == '>' ? client_request(l, p, w + 1, n - 1) : -1;
		if (rc >= 0)
			return rc;
	}
	rc = run_message(r, w, n);
	return rc < 0 ? live_verb(r, w, n) : rc;
}

/* Runs other lines, separated by ;, in place of a line. */
static int tell_instead(struct run *r, const char *instead)
{
	struct word *w = talloc_array(r, struct word, STORY_WORDS);
	char *all = talloc_strdup(r, instead), *one;
	int n, rc = 0;

	to_live(r)->n.differences++;
	if (!strcmp(instead, "stop"))
		return live_cannot(to_live(r), "the stock daemon differs from "
					       "here on");
	while (!rc && (one = strsep(&all, ";"))) {
		rc = words_split(r, one, w, &n);
		if (!rc && n)
			rc = tell(r, w, n);
	}
	return rc;
}

static int live_line(struct run *r, struct word *w, int n)
{
	struct live *l = to_live(r);
	size_t len = strlen(w[0].p);
	const char *instead = NULL;
	int rc;

	if (l->mode == LIVE_STOCK)
		instead = table_instead(l);
	if (!len || w[0].p[len - 1] != '<')
		l->cause = talloc_strdup(l, r->text + strspn(r->text, " \t"));
	rc = instead ? tell_instead(r, instead) : tell(r, w, n);
	l->n.lines += !rc;
	return rc ? rc : live_update(l);
}

/* ---- a story ---- */

static int begin(struct live *l, const char *top, const char *tmp,
		 const char *program, const char *text)
{
	int err = side_start(&l->side, "daemon", top, tmp, program, no_options,
			     NULL);
	struct peer *p;

	if (err)
		return run_fail(&l->run, "the daemon did not start: %s",
				strerror(err));
	err = link_open_socket(&l->ctl, l->side.sock);
	l->program = program;
	if (!err && l->mode == LIVE_BESIDE)
		err = link_open_socket(&l->updater, l->side.sock);
	if (err)
		return run_fail(&l->run, "cannot connect: %s", strerror(err));
	if (!strstr(text, "\ndom0\n") && strncmp(text, "dom0\n", 5) != 0)
		return 0;
	p = peer_new(&l->run, "0");
	p->ring = true;
	err = live_open_ring(l, p);
	return err ? run_fail(&l->run, "cannot open dom0's ring: %s",
			      strerror(err))
		   : 0;
}

static void end(struct live *l)
{
	struct peer *p;

	if (l->run.hold)
		kill(l->side.daemon_pid, SIGCONT);
	(void)live_update_end(l); /* else it would serve on */
	list_for_each (p, &l->run.peers, next)
		live_close(p);
	link_close(&l->ctl);
	link_close(&l->updater);
	side_stop(&l->side);
}

struct options {
	const char *top, *tmp, *program, *table;
	const char *release; /* which rows of the table hold; NULL: all */
	enum live_mode mode;
	bool document;
};

static struct live *tell_once(const struct options *o, const char *file,
			      const char *text, const char *raw)
{
	struct live *l = talloc_zero(NULL, struct live);
	struct run *r = &l->run;
	struct peer *p;
	int rc;

	r->file = file;
	r->text = "";
	l->cause = talloc_strdup(l, "");
	l->raw = raw;
	l->mode = o->mode;
	l->ctl.fd = l->updater.fd = -1;
	list_init(&r->peers);
	list_init(&r->vars);
	rc = begin(l, o->top, o->tmp, o->program, text) ||
	     story_lines(r, text, live_line) || live_update_end(l);
	list_for_each (p, &r->peers, next)
		if (!rc && !r->hold)
			rc = peer_silent(r, p);
	end(l);
	return l;
}

static unsigned int lines_behind(const char *text, unsigned int line)
{
	unsigned int n = 0, at;

	for (at = 1; *text; at++) {
		size_t len = strcspn(text, "\n");

		n += at >= line && len && *text != '#';
		text += len + (text[len] == '\n');
	}
	return n;
}

/*
 * Returns whether the story passed. If the library cannot play a peer, the
 * story is run again with that peer on a socket.
 */
static bool tell_story(const struct options *o, const char *file,
		       struct counts *sum)
{
	void *ctx = talloc_new(NULL);
	char *text = story_read(ctx, file), *raw = talloc_strdup(ctx, ",");
	struct live *l;
	bool ok;

	if (!text) {
		printf("%s: cannot read the story\n", file);
		return false;
	}
	for (;;) {
		l = tell_once(o, file, text, raw);
		if (!l->become_raw)
			break;
		raw = talloc_asprintf(ctx, "%s%s,", raw, l->become_raw);
		talloc_free(l);
	}
	table_told(file);
	ok = l->cannot || !l->run.failed;
	if (l->cannot && !l->run.failed)
		l->n.left = lines_behind(text, l->run.line);
	if (!ok)
		printf("%s:%u: [%s] %s\n"
		       "run alone: MODES=%s make check-live STORIES=%s\n",
		       file, l->run.line, mode_names[o->mode], l->run.failed,
		       mode_names[o->mode], file);
	else if (l->cannot)
		printf("%s:%u: [%s] ends here: %s\n", file, l->run.line,
		       mode_names[o->mode], l->cannot);
	sum->stories += ok;
	sum->lines += l->n.lines;
	sum->through += l->n.through;
	sum->left += l->n.left;
	sum->differences += l->n.differences;
	sum->updates += l->n.updates;
	talloc_free(l);
	talloc_free(ctx);
	return ok;
}

static const struct option longopts[] = {
	{"top", required_argument, NULL, 't'},
	{"tmp", required_argument, NULL, 'd'},
	{"daemon", required_argument, NULL, 'p'},
	{"mode", required_argument, NULL, 'm'},
	{"table", required_argument, NULL, 'T'},
	{"release", required_argument, NULL, 'R'},
	{"document", no_argument, NULL, 'D'},
	{0},
};

static int parse(int argc, char **argv, struct options *o)
{
	int c;

	o->mode = LIVE_MODES;
	while ((c = getopt_long(argc, argv, "", longopts, NULL)) != -1) {
		switch (c) {
		case 't':
			o->top = optarg;
			break;
		case 'd':
			o->tmp = optarg;
			break;
		case 'p':
			o->program = optarg;
			break;
		case 'm':
			for (o->mode = 0; o->mode < LIVE_MODES; o->mode++)
				if (!strcmp(optarg, mode_names[o->mode]))
					break;
			break;
		case 'T':
			o->table = optarg;
			break;
		case 'R':
			o->release = optarg;
			break;
		case 'D':
			o->document = true;
			break;
		default:
			return EINVAL;
		}
	}
	if (o->document && o->table)
		return 0;
	return o->top && o->tmp && o->program && o->table &&
			       o->mode < LIVE_MODES
		       ? 0
		       : EINVAL;
}

static void summary(const struct options *o, const struct counts *sum)
{
	printf("%s: %u stories, %u lines", mode_names[o->mode], sum->stories,
	       sum->lines);
	if (o->mode == LIVE_LIB)
		printf(", %u requests through libxenstore", sum->through);
	if (o->mode == LIVE_TOOLS)
		printf(", %u requests by xenstore-read, -exists, -list, "
		       "-write, -rm, -chmod, -ls",
		       sum->through);
	if (o->mode == LIVE_STOCK)
		printf(", %u intended differences", sum->differences);
	if (o->mode == LIVE_BESIDE)
		printf(", %u updates", sum->updates);
	printf("; %u lines not run\n", sum->left);
}

int main(int argc, char **argv)
{
	struct options o = {0};
	struct counts sum = {0};
	unsigned int failed = 0, passed = 0;

	if (parse(argc, argv, &o) || table_load(o.table, o.release)) {
		fprintf(stderr, "usage: see conformance/live/main.c\n");
		return 2;
	}
	if (o.document) {
		table_as_document(stdout);
		return 0;
	}
	signal(SIGPIPE, SIG_IGN);
	for (; optind < argc; optind++) {
		if (tell_story(&o, argv[optind], &sum))
			passed++;
		else
			failed++;
		fflush(stdout);
	}
	if (o.mode == LIVE_STOCK)
		failed += table_unmet(o.top);
	summary(&o, &sum);
	printf("%u passed, %u failed\n", passed, failed);
	return failed ? 1 : 0;
}
