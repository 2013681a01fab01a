/* SPDX-License-Identifier: GPL-2.0-or-later */
/* report: see report.h.  Called by update.c. */
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/parse.h"

#define TEXT(m)	     #m, offsetof(struct report, m), sizeof(((struct report *)0)->m)
#define NUMBER(n, m) (n), offsetof(struct report, m), 0

static const struct {
	const char *name;
	size_t member;
	size_t size; /* of a text in bytes; 0: a number */
} lines[] = {
	{TEXT(state)},
	{TEXT(step)},
	{TEXT(last)},
	{TEXT(file)},
	{TEXT(reason)},
	{TEXT(how)},
	{NUMBER("elapsed-ms", elapsed_ms)},
	{NUMBER("nodes", nodes)},
	{NUMBER("connections", conns)},
	{NUMBER("watches", watches)},
	{NUMBER("transactions", txs)},
	{NUMBER("image-bytes", image_bytes)},
	{NUMBER("rehearsal-ms", rehearsal_ms)},
	{NUMBER("pause-us", pause_us)},
};

/* Sets the member with that name.  Returns 0 also for an unknown name. */
static int parse_line(const char *name, const char *value, struct report *r)
{
	char *at;
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (strcmp(name, lines[i].name))
			continue;
		at = (char *)r + lines[i].member;
		if (!lines[i].size)
			return parse_u64(value, UINT64_MAX,
					 (uint64_t *)(void *)at);
		snprintf(at, lines[i].size, "%s", value);
	}
	return 0;
}

int report_parse(const char *text, struct report *ret)
{
	char line[2 * REPORT_TEXT], *value;
	const char *end;
	size_t len;

	memset(ret, 0, sizeof(*ret));
	if (strncmp(text, REPORT_TITLE, strlen(REPORT_TITLE)))
		return EINVAL;
	text += strlen(REPORT_TITLE);
	for (; *text; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		len = (size_t)(end - text);
		if (len >= sizeof(line))
			len = sizeof(line) - 1;
		memcpy(line, text, len);
		line[len] = '\0';
		value = strchr(line, ' ');
		if (!value)
			continue;
		*value++ = '\0';
		if (parse_line(line, value, ret))
			return EINVAL;
	}
	return 0;
}

void report_print(FILE *f, const struct report *r)
{
	bool beside = !strcmp(r->how, "beside");

	if (!strcmp(r->last, "failed")) {
		fprintf(f, "live update to %s failed: %s; nothing changed\n",
			r->file, r->reason);
		return;
	}
	if (strcmp(r->last, "ok")) {
		fprintf(f, "no live update yet\n");
		return;
	}
	fprintf(f, "live update to %s: done\n", r->file);
	fprintf(f,
		"carried over: %" PRIu64 " nodes, %" PRIu64 " connections, "
		"%" PRIu64 " watches, %" PRIu64 " transactions\n",
		r->nodes, r->conns, r->watches, r->txs);
	if (!r->pause_us) { /* taken over from a stock daemon */
		fprintf(f, "image: %" PRIu64 " bytes\n", r->image_bytes);
		return;
	}
	fprintf(f,
		"%s: %" PRIu64 " bytes; %s: %" PRIu64 " ms; pause: %" PRIu64
		".%" PRIu64 " ms\n",
		beside ? "sent" : "image", r->image_bytes,
		beside ? "loaded beside in" : "rehearsal", r->rehearsal_ms,
		r->pause_us / 1000, r->pause_us % 1000 / 100);
}
