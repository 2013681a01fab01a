// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd-convert: writes an image in another dialect or byte order.  Reports on
 * standard error what the new dialect cannot express, a line for each kind.
 */
#include <inttypes.h>

#include "xs-image.h"

static int put(void *arg, const struct record *rec, struct err *err)
{
	return output_put(arg, rec, err);
}

void losses_print(const struct image_losses *losses)
{
	unsigned int i;

	for (i = 0; i < LOSS_COUNT; i++) {
		if (losses->n[i])
			fprintf(stderr, "xs-image: lost: %" PRIu64 " %s\n",
				losses->n[i], image_loss_text(i));
	}
}

static int convert(struct tool *t, struct input *in)
{
	bool was_big =
		in->len >= IMAGE_PREAMBLE_SIZE && in->data[15] & IMAGE_FLAG_BIG;
	bool big = t->opt.big || (was_big && !t->opt.little);
	struct image_losses losses;
	struct output out;
	struct image_convert c = {
		.from = in->guess.format,
		.to = t->opt.to ? t->opt.to : in->guess.format,
		.other_order = big != was_big,
		.put = put,
		.arg = &out,
	};
	struct err err = {0};
	int rc = output_open(t, &out, big, c.to);

	if (rc)
		return rc;
	rc = image_convert(t->ctx, in->data, in->len, &c, &losses, &err);
	if (rc) {
		output_drop(&out);
		return input_complain(in, rc, &err);
	}
	rc = output_finish(&out);
	if (!rc)
		losses_print(&losses);
	return rc;
}

int cmd_convert(struct tool *t)
{
	struct input in;
	int rc = input_open(t, t->argv[0], true, &in);

	if (rc)
		return rc;
	rc = convert(t, &in);
	input_close(&in);
	return rc;
}
