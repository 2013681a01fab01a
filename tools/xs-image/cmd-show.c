// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd-show: prints every record of an image, as text or JSON.  Keeps one record
 * at a time.
 */
#include <errno.h>
#include <inttypes.h>

#include "xs-image.h"

#include "image/text.h"

static void show_preamble(const struct tool *t, const struct input *in,
			  const struct image_reader *r)
{
	const char *order = r->buf.big_endian ? "big" : "little";
	const char *dialect = input_dialect(in);

	if (t->opt.json)
		printf("{\"image\":\"xenstore\",\"version\":%" PRIu32
		       ",\"byte-order\":\"%s\",\"dialect\":\"%s\"}\n",
		       r->version, order, dialect);
	else
		printf("image version %" PRIu32 ", %s-endian, dialect %s, by "
		       "%s\n",
		       r->version, order, dialect, input_evidence(in));
}

static int show(struct tool *t, struct input *in)
{
	struct image_reader r;
	struct record rec;
	struct wbuf line;
	struct err err = {0};
	bool more = true;
	int rc;

	wbuf_init(&line, t->ctx);
	rc = input_reader(t, in, &r, &err);
	if (!rc)
		show_preamble(t, in, &r);
	while (more && !rc) {
		more = image_read(&r, &rec, &rc, &err);
		if (rc)
			break;
		line.len = 0;
		if (t->opt.json) {
			json_record(&line, &rec);
		} else {
			printf("%" PRIu64 " @%" PRIu64 " ", rec.index,
			       rec.offset);
			image_text(&line, &rec);
		}
		fwrite(line.data, 1, line.len, stdout);
		if (line.failed)
			rc = err_set(&err, ENOMEM, "out of memory");
	}
	image_reader_fini(&r);
	wbuf_fini(&line);
	return rc ? input_complain(in, rc, &err) : EXIT_GOOD;
}

int cmd_show(struct tool *t)
{
	struct input in;
	int rc = input_open(t, t->argv[0], false, &in);

	if (rc)
		return rc;
	rc = show(t, &in);
	input_close(&in);
	return rc;
}
