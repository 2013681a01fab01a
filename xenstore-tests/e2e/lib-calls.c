/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lib-calls: calls of Debian's libxenstore, one line for each result, to
 * compare two daemons.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenstore.h>

#define BASE "/tool/lib-calls"

static struct xs_handle *xs;

static void tell(const char *what, bool ok)
{
	int err = errno;

	printf("%s: %s\n", what, ok ? "yes" : strerror(err));
}

static void tell_read(const char *what, xs_transaction_t t, const char *path)
{
	unsigned int len = 0, i;
	char *v = xs_read(xs, t, path, &len);

	if (!v) {
		tell(what, false);
		return;
	}
	printf("%s: %u bytes", what, len);
	for (i = 0; i < len && i < 16; i++)
		printf(" %02x", (unsigned char)v[i]);
	printf("\n");
	free(v);
}

static void tell_list(const char *what, xs_transaction_t t, const char *path)
{
	unsigned int n = 0, i;
	char **v = xs_directory(xs, t, path, &n);

	if (!v) {
		tell(what, false);
		return;
	}
	printf("%s: %u", what, n);
	for (i = 0; i < n && i < 12; i++)
		printf(" %s", v[i]);
	printf("\n");
	free(v);
}

static void tell_perms(const char *what, const char *path)
{
	unsigned int n = 0, i;
	struct xs_permissions *p = xs_get_permissions(xs, XBT_NULL, path, &n);

	if (!p) {
		tell(what, false);
		return;
	}
	printf("%s:", what);
	for (i = 0; i < n; i++)
		printf(" %u/%u", p[i].id, (unsigned int)p[i].perms);
	printf("\n");
	free(p);
}

static void nodes(void)
{
	static const char nul[] = {'a', 0, 'b', (char)0xff, 0};
	struct xs_permissions perms[3] = {
		{0, XS_PERM_NONE}, {1, XS_PERM_READ}, {2, XS_PERM_WRITE}};
	struct xs_permissions unknown[2] = {{4000, XS_PERM_NONE},
					    {0, XS_PERM_READ}};
	char big[4097], long_path[3200];

	memset(big, 'x', sizeof(big));
	memset(long_path, 'p', sizeof(long_path) - 1);
	long_path[0] = '/';
	long_path[sizeof(long_path) - 1] = '\0';
	tell("rm of nothing", xs_rm(xs, XBT_NULL, BASE));
	tell("write", xs_write(xs, XBT_NULL, BASE "/n", nul, sizeof(nul)));
	tell_read("read", XBT_NULL, BASE "/n");
	tell_read("read of the parent", XBT_NULL, BASE);
	tell_read("read of nothing", XBT_NULL, BASE "/none");
	tell("write of nothing", xs_write(xs, XBT_NULL, BASE "/e", "", 0));
	tell_read("read of an empty one", XBT_NULL, BASE "/e");
	tell("mkdir", xs_mkdir(xs, XBT_NULL, BASE "/d/deep/er"));
	tell("mkdir again", xs_mkdir(xs, XBT_NULL, BASE "/d/deep/er"));
	tell_list("directory", XBT_NULL, BASE);
	tell_list("directory of a leaf", XBT_NULL, BASE "/n");
	tell_list("directory of nothing", XBT_NULL, BASE "/none");
	tell("write of 2000", xs_write(xs, XBT_NULL, BASE "/b", big, 2000));
	tell("write of 4000", xs_write(xs, XBT_NULL, BASE "/b", big, 4000));
	tell("a long path", xs_write(xs, XBT_NULL, long_path, "", 0));
	tell("no path", xs_write(xs, XBT_NULL, "", "v", 1));
	tell("double slash", xs_write(xs, XBT_NULL, BASE "//x", "v", 1));
	tell("slash at the end", xs_write(xs, XBT_NULL, BASE "/x/", "v", 1));
	tell("wild letters", xs_write(xs, XBT_NULL, BASE "/x y", "v", 1));
	tell("relative", xs_write(xs, XBT_NULL, "lib-calls-rel", "v", 1));
	tell_read("... is", XBT_NULL, "/local/domain/0/lib-calls-rel");
	tell("set perms",
	     xs_set_permissions(xs, XBT_NULL, BASE "/n", perms, 3));
	tell_perms("get perms", BASE "/n");
	tell("set perms, unknown owner",
	     xs_set_permissions(xs, XBT_NULL, BASE "/n", unknown, 2));
	tell_perms("get perms of nothing", BASE "/none");
	tell_perms("get perms of @", "@releaseDomain");
	tell("rm", xs_rm(xs, XBT_NULL, BASE "/d"));
	tell("rm again", xs_rm(xs, XBT_NULL, BASE "/d"));
	tell("rm below nothing", xs_rm(xs, XBT_NULL, BASE "/no/where"));
	tell("rm of the root", xs_rm(xs, XBT_NULL, "/"));
}

static void many(void)
{
	char path[80];
	int i;

	for (i = 0; i < 400; i++) {
		snprintf(path, sizeof(path), BASE "/many/child-number-%d", i);
		if (!xs_write(xs, XBT_NULL, path, "", 0))
			tell(path, false);
	}
	tell_list("400 children", XBT_NULL, BASE "/many");
	tell("rm of all", xs_rm(xs, XBT_NULL, BASE "/many"));
}

static void transactions(void)
{
	struct xs_handle *other = xs_open(0);
	xs_transaction_t t = xs_transaction_start(xs);

	printf("transaction %u\n", (unsigned int)t);
	tell("write in it", xs_write(xs, t, BASE "/t", "in", 2));
	tell_read("in it", t, BASE "/t");
	tell_read("beside it", XBT_NULL, BASE "/t");
	tell_list("list in it", t, BASE);
	tell("end", xs_transaction_end(xs, t, false));
	tell_read("after it", XBT_NULL, BASE "/t");
	tell("end again", xs_transaction_end(xs, t, false));
	tell_read("in an ended one", t, BASE "/t");
	t = xs_transaction_start(xs);
	tell_read("read in a second", t, BASE "/t");
	tell("write beside", xs_write(other, XBT_NULL, BASE "/t", "out", 3));
	tell("write in it", xs_write(xs, t, BASE "/t", "in again", 8));
	tell("end of the second", xs_transaction_end(xs, t, false));
	tell_read("who won", XBT_NULL, BASE "/t");
	t = xs_transaction_start(xs);
	tell("rm in a third", xs_rm(xs, t, BASE "/t"));
	tell_read("... in it", t, BASE "/t");
	tell("abort", xs_transaction_end(xs, t, true));
	tell_read("... after it", XBT_NULL, BASE "/t");
	xs_close(other);
}

static void tell_event(const char *what)
{
	struct pollfd p = {xs_fileno(xs), POLLIN, 0};
	char **v = xs_check_watch(xs);
	int tries = 0;

	while (!v && tries++ < 10) {
		(void)poll(&p, 1, 500);
		v = xs_check_watch(xs);
	}
	printf("%s: %s %s\n", what, v ? v[XS_WATCH_PATH] : "no event",
	       v ? v[XS_WATCH_TOKEN] : "");
	free(v);
}

static void watches(void)
{
	tell("watch", xs_watch(xs, BASE "/w", "tok"));
	tell_event("at first");
	tell("watch again", xs_watch(xs, BASE "/w", "tok"));
	tell("write", xs_write(xs, XBT_NULL, BASE "/w/below", "x", 1));
	tell_event("a write below");
	tell("rm", xs_rm(xs, XBT_NULL, BASE "/w"));
	tell_event("a removal");
	tell("unwatch", xs_unwatch(xs, BASE "/w", "tok"));
	tell("unwatch again", xs_unwatch(xs, BASE "/w", "tok"));
	tell("watch of @", xs_watch(xs, "@introduceDomain", "in"));
	tell_event("at first");
	tell("watch of @nothing", xs_watch(xs, "@nothing", "in"));
	tell("relative watch", xs_watch(xs, "rel", "r"));
	tell_event("at first");
	tell("write", xs_write(xs, XBT_NULL, "rel", "x", 1));
	tell_event("a relative event");
}

static void domains(void)
{
	char *path = xs_get_domain_path(xs, 1);

	printf("path of 1: %s\n", path ? path : "none");
	free(path);
	path = xs_get_domain_path(xs, 999);
	printf("path of 999: %s\n", path ? path : "none");
	free(path);
	printf("introduced: 0 %d 1 %d 999 %d\n", xs_is_domain_introduced(xs, 0),
	       xs_is_domain_introduced(xs, 1),
	       xs_is_domain_introduced(xs, 999));
	tell("target of nobody", xs_set_target(xs, 999, 1));
	tell("target", xs_set_target(xs, 1, 2));
	tell("release of nobody", xs_release_domain(xs, 999));
	tell("resume of nobody", xs_resume_domain(xs, 999));
	tell("resume", xs_resume_domain(xs, 1));
	tell("introduce nobody", xs_introduce_domain(xs, 999, 1, 1));
	tell("release", xs_release_domain(xs, 2));
	tell("release again", xs_release_domain(xs, 2));
}

int main(void)
{
	xs = xs_open(0);
	if (!xs) {
		perror("lib-calls");
		return 2;
	}
	nodes();
	many();
	transactions();
	watches();
	domains();
	xs_close(xs);
	return 0;
}
