/* SPDX-License-Identifier: GPL-2.0-or-later OR LGPL-2.1-only */
/*
 * The image of a domain's xenstore (connection, watches, transactions, nodes)
 * as a record of libxl's stream.  libxl does not look into it: xenstored
 * writes and reads it, asked by the commands migrate-*.
 *
 * Save side, if the application has asked for it:
 *
 *	guest suspended --> freeze --> libxc's last pages --> collect --> END
 *
 * The ring is frozen before libxc copies the last pages, so that the page
 * with the ring and the image agree.  A domain that is resumed is thawed.
 *
 * Restore side: the record comes behind libxc's part, when the domain's
 * memory and grants are there, and before the domain is introduced.
 */
#ifndef LIBXL_XENSTORE_IMAGE_H
#define LIBXL_XENSTORE_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

/* To be given by the Xen project: the first number free at the moment. */
#define REC_TYPE_XENSTORE_IMAGE 0x00000006U

/* Part of libxl__domain_save_state. */
typedef struct libxl__xenstore_image {
    bool wanted;    /* libxl_domain_suspend_xenstore_image() */
    bool collected; /* the record has been made */
    void *data;     /* belongs to the ao's gc */
    uint32_t len;
} libxl__xenstore_image;

struct libxl__domain_save_state;
struct libxl__domain_create_state;
struct libxl__gc;

/* Whether the application has asked for it, for this domain; once. */
_hidden bool libxl__xenstore_image_wanted(struct libxl__gc *gc,
                                          uint32_t domid);
/* The guest is suspended.  0 or an ERROR_*. */
_hidden int libxl__xenstore_image_freeze(struct libxl__domain_save_state *dss);
/* The guest is about to go on here.  Nothing, if it was not frozen. */
_hidden void libxl__xenstore_image_thaw(struct libxl__gc *gc, uint32_t domid);
/*
 * Fetches the image.  1: dss->xenstore_image has it, write the record;
 * 0: there is none to be written, or it has been; or an ERROR_*.
 */
_hidden int
libxl__xenstore_image_collect(struct libxl__domain_save_state *dss);
/* The record has come.  0 or an ERROR_*. */
_hidden int
libxl__xenstore_image_restore(struct libxl__domain_create_state *dcs,
                              const void *data, uint32_t len);

#endif
