// SPDX-License-Identifier: GPL-2.0-or-later
/* say: programs and received bytes as text; see model.h. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "model.h"
#include "wire/wire.h"

static const char *const word[] = {"req_cons",	 "req_prod",   "rsp_cons",
				   "rsp_prod",	 "connection", "error",
				   "evtchn_port"};

static void say_bytes(const uint8_t *p, size_t n)
{
	size_t i, run;

	for (i = 0; i < n; i += run) {
		for (run = 1; i + run < n && p[i + run] == p[i]; run++)
			;
		if (run < 8)
			run = 1;
		if (isprint(p[i]) && p[i] != '\\')
			putchar(p[i]);
		else
			printf("\\x%02x", p[i]);
		if (run > 1)
			printf("{%zu}", run);
	}
}

/* Whole messages are decoded, the rest printed as bytes. */
static void say_messages(const uint8_t *p, size_t n, const char *indent)
{
	while (n) {
		struct wire_header h = {0};
		const char *name = NULL;

		if (n >= WIRE_HEADER_SIZE) {
			wire_get_header(p, &h);
			name = wire_type_name(h.type);
		}
		if (!name || h.len > n - WIRE_HEADER_SIZE) {
			printf("%s(%zu bytes) ", indent, n);
			say_bytes(p, n);
			putchar('\n');
			return;
		}
		printf("%s%s req %u tx %u len %u: ", indent, name, h.req_id,
		       h.tx_id, h.len);
		say_bytes(p + WIRE_HEADER_SIZE, h.len);
		putchar('\n');
		p += WIRE_HEADER_SIZE + h.len;
		n -= WIRE_HEADER_SIZE + h.len;
	}
}

static void say_name(unsigned int peer)
{
	if (peer < SOCKETS)
		printf("%c", 'a' + (int)peer);
	else
		printf("%u", (peer - SOCKETS + 1) % (DOMAINS + 1));
}

static void say_step(const struct step *s)
{
	static const char *const name[] = {
		"sends",
		"takes",
		"connects",
		"closes",
		"is created",
		"dies",
		"dies with",
		"dies, another is created",
		"is dying",
		"shuts down",
		"continues",
		"port",
		"ring",
		"reconnects",
		"is paused",
		"is silent",
		"clears its page",
		"time",
	};

	say_name(s->peer);
	printf(" %s", name[s->kind]);
	if (s->kind == STEP_TAKES && s->a == TAKES_ALL)
		printf(" all");
	else if (s->kind == STEP_TAKES || s->kind == STEP_PORT)
		printf(" %u", s->a);
	else if (s->kind == STEP_SILENT)
		printf(": %s", s->a ? "yes" : "no");
	else if (s->kind == STEP_DEATHS)
		printf(" %u", s->a - FIRST_DOM + 1);
	else if (s->kind == STEP_CLOCK)
		printf(" += %u", s->a);
	else if (s->kind == STEP_WORD)
		printf(" %s = %u", word[s->a % 7], s->b);
	putchar('\n');
	if (s->kind == STEP_SEND)
		say_messages(s->bytes, s->len, "\t");
}

void say_program(const struct program *p)
{
	unsigned int i;

	for (i = 0; i < p->n; i++) {
		printf("  %u: ", i);
		say_step(&p->step[i]);
	}
}

void say_streams(const struct world *plain, const struct world *other)
{
	unsigned int i;

	for (i = 0; i < PEERS; i++) {
		const struct sh_bytes *a = &plain->all[i], *b = &other->all[i];

		if (a->len == b->len &&
		    (!a->len || !memcmp(a->p, b->p, a->len)))
			continue;
		printf("  peer ");
		say_name(i);
		printf(" received, without an update:\n");
		say_messages(a->p, a->len, "\t");
		printf("  ... with updates:\n");
		say_messages(b->p, b->len, "\t");
	}
}
