/* SPDX-License-Identifier: GPL-2.0-or-later OR LGPL-2.1-only */
/*
 * See libxl_xenstore_image.h.  Talks to xenstored by xs_control_command(),
 * and hands images over in files below libxl's run directory.
 */
#include "libxl_osdeps.h" /* must come before any other headers */

#include "libxl_internal.h"

#define IMAGE_MAX (256u << 20)

static const char *image_path(libxl__gc *gc, uint32_t domid)
{
    return GCSPRINTF("%s/xenstore-image.%"PRIu32, libxl__run_dir_path(),
                     domid);
}

/*
 * A command and its words, each with its NUL.  xenstored answers OK or says
 * why not.
 */
static int control(libxl__gc *gc, uint32_t domid, const char *cmd,
                   const char *const *words)
{
    size_t len = 0;
    char *data, *to, *answer;
    const char *const *w;
    int rc = 0;

    for (w = words; *w; w++)
        len += strlen(*w) + 1;
    to = data = libxl__malloc(gc, len + 1);
    for (w = words; *w; w++)
        to = stpcpy(to, *w) + 1;

    answer = xs_control_command(CTX->xsh, cmd, data, len);
    if (!answer) {
        LOGED(ERROR, domid, "xenstored does not take %s", cmd);
        rc = ERROR_FAIL;
    } else if (strcmp(answer, "OK")) {
        LOGD(ERROR, domid, "xenstored, %s: %s", cmd, answer);
        rc = ERROR_FAIL;
    }
    free(answer);
    return rc;
}

/*----- what the application asks for -----*/

int libxl_domain_suspend_xenstore_image(libxl_ctx *ctx, uint32_t domid)
{
    GC_INIT(ctx);
    char none = 0, *commands;
    int rc = 0;

    commands = xs_control_command(ctx->xsh, "help", &none, 0);
    if (!commands || !strstr(commands, "migrate-save")) {
        LOGD(ERROR, domid, "this xenstored cannot write images of a domain");
        rc = ERROR_NI;
    } else {
        CTX_LOCK;
        ctx->xenstore_image_wanted = true;
        ctx->xenstore_image_domid = domid;
        CTX_UNLOCK;
    }
    free(commands);
    GC_FREE;
    return rc;
}

bool libxl__xenstore_image_wanted(libxl__gc *gc, uint32_t domid)
{
    bool wanted;

    CTX_LOCK;
    wanted = CTX->xenstore_image_wanted &&
             CTX->xenstore_image_domid == domid;
    if (wanted)
        CTX->xenstore_image_wanted = false;
    CTX_UNLOCK;
    return wanted;
}

/*----- save -----*/

int libxl__xenstore_image_freeze(libxl__domain_save_state *dss)
{
    STATE_AO_GC(dss->ao);
    const char *words[] = { GCSPRINTF("%"PRIu32, dss->domid), NULL };
    int rc;

    if (!dss->xenstore_image.wanted)
        return 0;
    rc = control(gc, dss->domid, "migrate-freeze", words);
    if (!rc) {
        CTX_LOCK;
        CTX->xenstore_image_frozen = true;
        CTX->xenstore_image_domid = dss->domid;
        CTX_UNLOCK;
    }
    return rc;
}

void libxl__xenstore_image_thaw(libxl__gc *gc, uint32_t domid)
{
    const char *words[] = { GCSPRINTF("%"PRIu32, domid), NULL };
    bool frozen;

    CTX_LOCK;
    frozen = CTX->xenstore_image_frozen &&
             CTX->xenstore_image_domid == domid;
    if (frozen)
        CTX->xenstore_image_frozen = false;
    CTX_UNLOCK;
    /* A guest without its xenstore hangs: say so, but resume it. */
    if (frozen && control(gc, domid, "migrate-thaw", words))
        LOGD(ERROR, domid, "its xenstore stays frozen: "
             "xenstore-control migrate-thaw %"PRIu32, domid);
}

int libxl__xenstore_image_collect(libxl__domain_save_state *dss)
{
    STATE_AO_GC(dss->ao);
    libxl__xenstore_image *image = &dss->xenstore_image;
    const char *path = image_path(gc, dss->domid);
    /*
     * Backends are set up anew by whoever restores.  So is the console: with
     * its old nodes xenconsoled would take it before libxl has made it.
     */
    const char *words[] = {
        "--no-backends", "--leave-out",
        GCSPRINTF("/local/domain/%"PRIu32"/console", dss->domid),
        GCSPRINTF("%"PRIu32, dss->domid), path, NULL
    };
    int rc, len = 0;
    void *data = NULL;

    if (!image->wanted || image->collected)
        return 0;

    libxl__remove_file(gc, path);
    rc = control(gc, dss->domid, "migrate-save", words);
    if (rc)
        goto out;
    if (libxl_read_file_contents(CTX, path, &data, &len) ||
        len <= 0 || len > IMAGE_MAX) {
        LOGD(ERROR, dss->domid, "no image of the xenstore in %s", path);
        rc = ERROR_FAIL;
        goto out;
    }
    libxl__ptr_add(gc, data);
    image->data = data;
    image->len = len;
    image->collected = true;
    data = NULL;
    rc = 1;

 out:
    free(data);
    libxl__remove_file(gc, path);
    return rc;
}

/*----- restore -----*/

#define IMAGE_IDENT   "xenstore"
#define IMAGE_HEAD    16
#define RECORD_HEAD   8
#define RECORD_CONN   2
#define CONN_TYPE     4
#define CONN_DOMID    8
#define CONN_MIN      12

static uint32_t get(const uint8_t *p, unsigned int bytes, bool big)
{
    uint32_t v = 0;
    unsigned int i;

    for (i = 0; i < bytes; i++)
        v |= (uint32_t)p[big ? bytes - 1 - i : i] << (8 * i);
    return v;
}

/*
 * Whose image it is: the domain of its first ring.  xenstored would put it
 * there, whichever domain libxl has made.
 */
static int image_domid(const uint8_t *p, size_t len, uint32_t *domid_r)
{
    size_t at = IMAGE_HEAD;
    uint64_t body;
    bool big;

    if (len < IMAGE_HEAD || memcmp(p, IMAGE_IDENT, 8))
        return ERROR_INVAL;
    big = p[IMAGE_HEAD - 1] & 1;
    while (len - at >= RECORD_HEAD) {
        body = get(p + at + 4, 4, big);
        if (body > len - at - RECORD_HEAD)
            return ERROR_INVAL;
        if (get(p + at, 4, big) == RECORD_CONN && body >= CONN_MIN &&
            get(p + at + RECORD_HEAD + CONN_TYPE, 2, big) == 0) {
            *domid_r = get(p + at + RECORD_HEAD + CONN_DOMID, 2, big);
            return 0;
        }
        body = (body + 7) & ~7ULL;
        if (body > len - at - RECORD_HEAD)
            return ERROR_INVAL;
        at += RECORD_HEAD + body;
    }
    return ERROR_INVAL;
}

static int write_image(libxl__gc *gc, const char *path, const void *data,
                       uint32_t len)
{
    libxl__carefd *carefd;
    int fd, rc = 0;

    libxl__remove_file(gc, path);
    libxl__carefd_begin();
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    carefd = libxl__carefd_opened(CTX, fd);
    if (fd < 0) {
        LOGE(ERROR, "%s", path);
        return ERROR_FAIL;
    }
    if (libxl_write_exactly(CTX, fd, data, len, path, "xenstore image"))
        rc = ERROR_FAIL;
    if (libxl__carefd_close(carefd) && !rc) {
        LOGE(ERROR, "%s", path);
        rc = ERROR_FAIL;
    }
    return rc;
}

int libxl__xenstore_image_restore(libxl__domain_create_state *dcs,
                                  const void *data, uint32_t len)
{
    STATE_AO_GC(dcs->ao);
    const uint32_t domid = dcs->guest_domid;
    const char *path = image_path(gc, domid);
    /*
     * --merge: libxl has made nodes of the domain already.  The event channel
     * is the one that libxl has made for xenstored.
     */
    const char *words[] = {
        "--merge", "--evtchn",
        GCSPRINTF("%u", (unsigned)dcs->build_state.store_port),
        path, NULL
    };
    uint32_t whose;
    int rc;

    rc = image_domid(data, len, &whose);
    if (rc) {
        LOGD(ERROR, domid, "the xenstore image in the stream is damaged");
        return rc;
    }
    if (whose != domid) {
        LOGD(ERROR, domid, "the xenstore image in the stream is that of"
             " domain %"PRIu32"; a domid cannot change on the way", whose);
        return ERROR_INVAL;
    }
    rc = write_image(gc, path, data, len);
    if (!rc)
        rc = control(gc, domid, "migrate-restore", words);
    libxl__remove_file(gc, path);
    return rc;
}

/*
 * Local variables:
 * mode: C
 * c-basic-offset: 4
 * indent-tabs-mode: nil
 * End:
 */
