/* SPDX-License-Identifier: GPL-2.0-or-later OR LGPL-2.1-only */
/*
 * --xenstore-image of xl save and xl migrate: the domain takes its part of
 * the xenstore along.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <libxl.h>

#include "xl.h"

bool xl_xenstore_image;

int xl_take_xenstore_image(int argc, char **argv)
{
    int i, kept = 1;

    for (i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--")) /* no options behind it */
            break;
        if (!strcmp(argv[i], "--xenstore-image"))
            xl_xenstore_image = true;
        else
            argv[kept++] = argv[i];
    }
    while (i < argc)
        argv[kept++] = argv[i++];
    argv[kept] = NULL;
    return kept;
}

int xl_request_xenstore_image(uint32_t domid)
{
    if (!xl_xenstore_image)
        return 0;
    if (libxl_domain_suspend_xenstore_image(ctx, domid)) {
        fprintf(stderr, "--xenstore-image: not with this xenstored\n");
        return -1;
    }
    return 0;
}
