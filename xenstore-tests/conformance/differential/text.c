/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text: steps and messages as text. Used only for reports. */
#include "diff.h"

#include <ctype.h>
#include <string.h>

static const char *const names[] = {
	"CONTROL",
	"DIRECTORY",
	"READ",
	"GET_PERMS",
	"WATCH",
	"UNWATCH",
	"TRANSACTION_START",
	"TRANSACTION_END",
	"INTRODUCE",
	"RELEASE",
	"GET_DOMAIN_PATH",
	"WRITE",
	"MKDIR",
	"RM",
	"SET_PERMS",
	"WATCH_EVENT",
	"ERROR",
	"IS_DOMAIN_INTRODUCED",
	"RESUME",
	"SET_TARGET",
	"RESTRICT",
	"RESET_WATCHES",
	"DIRECTORY_PART",
};

const char *type_name(uint32_t type)
{
	return type < sizeof(names) / sizeof(names[0]) ? names[type]
						       : "an unknown type";
}

/* Repeated characters are counted, other bytes shown as in C. */
void text_bytes(FILE *out, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t i, run;

	fputc('"', out);
	for (i = 0; i < len; i += run) {
		for (run = 1; i + run < len && p[i + run] == p[i]; run++)
			;
		if (run < 12)
			run = 1;
		else
			fprintf(out, "{%zu times}", run);
		if (!p[i])
			fputc('|', out);
		else if (isprint(p[i]))
			fputc(p[i], out);
		else
			fprintf(out, "\\x%02x", p[i]);
	}
	fputc('"', out);
}

static void text_conn(FILE *out, uint8_t conn)
{
	if (conn < SOCKETS)
		fprintf(out, "socket %u", conn);
	else
		fprintf(out, "domain %u", conn - DOM0_RING);
}

void text_step(FILE *out, const struct step *s)
{
	fprintf(out, "%6u  ", s->number);
	switch (s->kind) {
	case STEP_CREATE:
		fprintf(out, "domain %u is created\n", s->domid);
		return;
	case STEP_SHUTDOWN:
		fprintf(out, "domain %u shuts down\n", s->domid);
		return;
	case STEP_DESTROY:
		fprintf(out, "domain %u dies\n", s->domid);
		return;
	case STEP_WALK:
		fprintf(out, "(the stores are compared)\n");
		return;
	}
	text_conn(out, s->conn);
	if (s->kind == STEP_RECONNECT) {
		fprintf(out, ": closed and opened again\n");
		return;
	}
	fprintf(out, ": %s", type_name(s->type));
	if (s->kind == STEP_REQUEST && s->type >= 23)
		fprintf(out, " %u", s->type);
	if (s->tx == TX_ODD)
		fprintf(out, " (unknown transaction)");
	else if (s->tx)
		fprintf(out, " (transaction %c)", 'A' + s->tx - 1);
	fputc(' ', out);
	if (s->kind == STEP_INTRODUCE)
		fprintf(out, "domain %u", s->domid);
	else
		text_bytes(out, s->body, s->len);
	fputc('\n', out);
}

const char *message_error(const struct message *m)
{
	return m->type == XS_ERROR ? (const char *)m->body : "OK";
}

void text_message(FILE *out, const struct message *m)
{
	fprintf(out, "%s ", type_name(m->type));
	text_bytes(out, m->body, m->len);
	fputc('\n', out);
}

void text_events(FILE *out, const struct events *e)
{
	size_t at = 0;
	uint32_t len;

	if (!e->n)
		fprintf(out, "    none\n");
	while (at < e->len) {
		memcpy(&len, e->data + at, sizeof(len));
		at += sizeof(len);
		fprintf(out, "    ");
		text_bytes(out, e->data + at, len);
		fputc('\n', out);
		at += len;
	}
}
