/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties of Xen that a xenstored relies on, tested through Xen's own
 * libraries: event channels (in loopback, dom0 with itself), grants and the
 * death of a domain. Independent of the hypervisor's implementation, so it also
 * runs on real Xen. Run by the script beside it.
 *
 *   props evtchn
 *   props domain DOMID REVOKE-COMMAND GRANT-COMMAND SHUTDOWN-COMMAND \
 *                DESTROY-COMMAND
 */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <xenctrl.h>
#include <xenevtchn.h>

#define NO_DOMAIN 29999u
#define EVENT_MS  60000

static xc_interface *xc;

/* Returns EVTCHNSTAT_* of one of dom0's ports. */
static uint32_t status_of(int port)
{
	xc_evtchn_status_t status = {.dom = DOMID_SELF,
				     .port = (evtchn_port_t)port};

	return xc_evtchn_status(xc, &status) ? ~0u : status.status;
}

bool readable(xenevtchn_handle *xce)
{
	struct pollfd pfd = {.fd = xenevtchn_fd(xce), .events = POLLIN};

	return poll(&pfd, 1, 0) == 1 && (pfd.revents & POLLIN);
}

/*
 * Takes exactly this event and unmasks the port; false if it does not come. Xen
 * announces the end of a domain a moment later.
 */
bool take(xenevtchn_handle *xce, int port)
{
	struct pollfd pfd = {.fd = xenevtchn_fd(xce), .events = POLLIN};

	return poll(&pfd, 1, EVENT_MS) == 1 && xenevtchn_pending(xce) == port &&
	       !xenevtchn_unmask(xce, (evtchn_port_t)port);
}

/* The end that offers and the end that binds. */
struct pair {
	xenevtchn_handle *a, *b;
	int pa, pb;
};

static struct pair pair_new(unsigned int flags)
{
	struct pair p;

	p.a = xenevtchn_open(NULL, 0);
	p.b = xenevtchn_open(NULL, flags);
	if (!p.a || !p.b) {
		fprintf(stderr, "props: cannot open event channels: %s\n",
			strerror(errno));
		exit(2);
	}
	p.pa = xenevtchn_bind_unbound_port(p.a, 0);
	p.pb = xenevtchn_bind_interdomain(p.b, 0, (evtchn_port_t)p.pa);
	if (p.pa < 0 || p.pb < 0) {
		fprintf(stderr, "props: cannot bind in loopback: %s\n",
			strerror(errno));
		exit(2);
	}
	return p;
}

static void pair_free(struct pair *p)
{
	xenevtchn_close(p->a);
	if (p->b)
		xenevtchn_close(p->b);
}

static void test_descriptor(void)
{
	xenevtchn_handle *a = xenevtchn_open(NULL, 0), *b;
	int fd = xenevtchn_fd(a);

	check("the descriptor is close-on-exec by default",
	      fcntl(fd, F_GETFD) & FD_CLOEXEC);
	b = xenevtchn_open(NULL, XENEVTCHN_NO_CLOEXEC);
	check("XENEVTCHN_NO_CLOEXEC is honoured",
	      b && !(fcntl(xenevtchn_fd(b), F_GETFD) & FD_CLOEXEC));
	check("an unknown flag fails with EINVAL",
	      !xenevtchn_open(NULL, 0x80) && errno == EINVAL);
	check("fdopen refuses XENEVTCHN_NO_CLOEXEC",
	      !xenevtchn_fdopen(NULL, fd, XENEVTCHN_NO_CLOEXEC) &&
		      errno == EINVAL);
	check("nothing is pending at first", !readable(a) && !readable(b));
	xenevtchn_close(a);
	xenevtchn_close(b);
}

static void test_events(void)
{
	struct pair p = pair_new(0);
	struct epoll_event ev = {.events = EPOLLIN}, got;
	int ep = epoll_create1(EPOLL_CLOEXEC);
	evtchn_port_t pa = (evtchn_port_t)p.pa, pb = (evtchn_port_t)p.pb;

	check("ports are small integers",
	      p.pa > 0 && p.pa < 4096 && p.pb > 0 && p.pb < 4096);
	check("a fresh binding starts pending, for the binder only",
	      readable(p.b) && !readable(p.a));
	check("... once", take(p.b, p.pb) && !readable(p.b));
	check("notify reaches the far end",
	      !xenevtchn_notify(p.a, pa) && readable(p.b));
	epoll_ctl(ep, EPOLL_CTL_ADD, xenevtchn_fd(p.b), &ev);
	check("epoll is level-triggered while unread",
	      epoll_wait(ep, &got, 1, 0) == 1 &&
		      epoll_wait(ep, &got, 1, 0) == 1);
	check("pending names the port", xenevtchn_pending(p.b) == p.pb);
	check("... and is read then", epoll_wait(ep, &got, 1, 0) == 0);
	xenevtchn_notify(p.a, pa);
	xenevtchn_notify(p.a, pa);
	check("events while masked wait", !readable(p.b));
	xenevtchn_unmask(p.b, pb);
	check("... and come at unmask", readable(p.b));
	check("... once", take(p.b, p.pb) && !readable(p.b));
	check("the other direction works",
	      !xenevtchn_notify(p.b, pb) && take(p.a, p.pa));
	check("notify by a handle that does not own the port fails",
	      xenevtchn_notify(p.b, pa) == -1 && errno == ENOTCONN);
	check("unbind of a port of another handle fails",
	      xenevtchn_unbind(p.b, pa) == -1 && errno == ENOTCONN);
	close(ep);
	pair_free(&p);
}

static void test_binding(void)
{
	struct pair p = pair_new(0);
	evtchn_port_t pa = (evtchn_port_t)p.pa;
	int port;

	check("binding a bound port fails with EINVAL",
	      xenevtchn_bind_interdomain(p.b, 0, pa) == -1 && errno == EINVAL);
	check("binding a port that is closed fails with EINVAL",
	      xenevtchn_bind_interdomain(p.b, 0, 4000) == -1 &&
		      errno == EINVAL);
	check("binding to a missing domain fails with ESRCH",
	      xenevtchn_bind_interdomain(p.b, NO_DOMAIN, 1) == -1 &&
		      errno == ESRCH);
	port = xenevtchn_bind_unbound_port(p.a, 1);
	check("binding a port that is for another domain fails with EINVAL",
	      port > 0 &&
		      xenevtchn_bind_interdomain(p.b, 0, (evtchn_port_t)port) ==
			      -1 &&
		      errno == EINVAL);
	check("unbind works",
	      take(p.b, p.pb) && !xenevtchn_unbind(p.b, (evtchn_port_t)p.pb));
	check("... the far end is unbound then",
	      status_of(p.pa) == EVTCHNSTAT_unbound);
	check("notify on an unbound port is lost",
	      !xenevtchn_notify(p.a, pa) && !readable(p.b));
	port = xenevtchn_bind_interdomain(p.b, 0, pa);
	check("... it can be bound again, and starts pending once",
	      port > 0 && take(p.b, port) && !readable(p.b));
	xenevtchn_close(p.b);
	check("closing the handle closes its ports",
	      status_of(port) == EVTCHNSTAT_closed &&
		      status_of(p.pa) == EVTCHNSTAT_unbound);
	p.b = NULL;
	pair_free(&p);
}

static void test_virq(void)
{
	xenevtchn_handle *a = xenevtchn_open(NULL, 0);
	xenevtchn_handle *b = xenevtchn_open(NULL, 0);
	int port = xenevtchn_bind_virq(a, VIRQ_DOM_EXC);

	check("VIRQ_DOM_EXC can be bound", port > 0);
	check("... not twice: EEXIST",
	      xenevtchn_bind_virq(b, VIRQ_DOM_EXC) == -1 && errno == EEXIST);
	xenevtchn_unbind(a, (evtchn_port_t)port);
	check("... again after unbind",
	      xenevtchn_bind_virq(b, VIRQ_DOM_EXC) > 0);
	xenevtchn_close(b);
	check("... and after close", xenevtchn_bind_virq(a, VIRQ_DOM_EXC) > 0);
	xenevtchn_close(a);
}

/*
 * Starts a child that does @act with its copy of the handle and exits only
 * then.
 */
static pid_t start_child(int act, struct pair *p, int *ret_fd)
{
	int fds[2], go[2];
	char fd_arg[16], port_arg[16], byte;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) || pipe2(go, O_CLOEXEC))
		exit(2);
	pid = fork();
	if (pid) {
		close(fds[1]);
		close(go[0]);
		/* The child sends a byte when it is ready. */
		if (read(fds[0], &byte, 1) != 1)
			byte = 0;
		close(fds[0]);
		*ret_fd = go[1];
		return pid;
	}
	close(go[1]);
	close(fds[0]);
	(void)dup2(fds[1], 1);
	(void)dup2(go[0], 0);
	(void)snprintf(fd_arg, sizeof(fd_arg), "%d", xenevtchn_fd(p->b));
	(void)snprintf(port_arg, sizeof(port_arg), "%d", p->pb);
	close(xenevtchn_fd(p->a));
	if (act == 'e')
		execl("/proc/self/exe", "props", "adopt", fd_arg, port_arg,
		      (char *)NULL);
	if (act == 'c')
		execl("/proc/self/exe", "props", "hold", (char *)NULL);
	byte = 'r';
	if (write(1, &byte, 1) != 1)
		_exit(2);
	_exit(read(0, &byte, 1) < 0 ? 2 : 0);
}

static void end_child(pid_t pid, int fd, int sig)
{
	if (sig)
		kill(pid, sig);
	close(fd);
	(void)waitpid(pid, NULL, 0);
}

static void test_processes(void)
{
	struct pair p = pair_new(0);
	pid_t pid;
	int fd;

	pid = start_child('f', &p, &fd);
	xenevtchn_close(p.b);
	check("a fork's copy keeps the ports bound",
	      status_of(p.pa) == EVTCHNSTAT_interdomain);
	end_child(pid, fd, 0);
	check("... until it exits", status_of(p.pa) == EVTCHNSTAT_unbound);
	p.b = xenevtchn_open(NULL, 0);
	p.pb = xenevtchn_bind_interdomain(p.b, 0, (evtchn_port_t)p.pa);
	check("... then it can be bound again", p.pb > 0);
	pid = start_child('f', &p, &fd);
	xenevtchn_close(p.b);
	end_child(pid, fd, SIGKILL);
	p.b = xenevtchn_open(NULL, 0);
	p.pb = xenevtchn_bind_interdomain(p.b, 0, (evtchn_port_t)p.pa);
	check("kill -9 closes it, and it can be bound at once", p.pb > 0);
	pid = start_child('c', &p, &fd);
	xenevtchn_close(p.b);
	check("exec closes it when close-on-exec is set",
	      status_of(p.pa) == EVTCHNSTAT_unbound);
	end_child(pid, fd, 0);
	p.b = NULL;
	pair_free(&p);
}

static void test_adoption(void)
{
	struct pair p = pair_new(XENEVTCHN_NO_CLOEXEC);
	evtchn_port_t pa = (evtchn_port_t)p.pa;
	pid_t pid;
	int fd;

	/*
	 * One event read before the exec, masked across it, and one more behind
	 * it.
	 */
	check("before exec: one event is read, one behind it",
	      xenevtchn_pending(p.b) == p.pb && !xenevtchn_notify(p.a, pa));
	pid = start_child('e', &p, &fd);
	xenevtchn_close(p.b);
	check("the ports survive an exec without close-on-exec",
	      status_of(p.pa) == EVTCHNSTAT_interdomain);
	check("the successor adopted the handle and found the event behind",
	      readable(p.a) && take(p.a, p.pa));
	xenevtchn_notify(p.a, pa);
	if (write(fd, "x", 1) != 1)
		exit(2);
	check("the successor gets events and sends them",
	      poll(&(struct pollfd){.fd = xenevtchn_fd(p.a), .events = POLLIN},
		   1, 10000) == 1 &&
		      take(p.a, p.pa));
	end_child(pid, fd, SIGKILL);
	check("killing the successor closes the ports",
	      status_of(p.pa) == EVTCHNSTAT_unbound);
	p.b = NULL;
	pair_free(&p);
}

/* The exec'd child of 'e': sends events if everything is right. */
static int adopt(const char *fd_arg, const char *port_arg)
{
	int fd = (int)strtol(fd_arg, NULL, 10);
	int port = (int)strtol(port_arg, NULL, 10);
	xenevtchn_handle *b = xenevtchn_fdopen(NULL, fd, 0);
	char byte = 'r';

	if (!b || readable(b))
		return 1; /* masked still: nothing may be readable */
	xenevtchn_unmask(b, (evtchn_port_t)port);
	if (take(b, port) && !readable(b))
		xenevtchn_notify(b, (evtchn_port_t)port);
	if (write(1, &byte, 1) != 1 || read(0, &byte, 1) != 1)
		return 1;
	if (take(b, port))
		xenevtchn_notify(b, (evtchn_port_t)port);
	return read(0, &byte, 1) < 0;
}

static int hold(void)
{
	char byte = 'r';

	return write(1, &byte, 1) != 1 || read(0, &byte, 1) < 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "hold"))
		return hold();
	if (argc == 4 && !strcmp(argv[1], "adopt"))
		return adopt(argv[2], argv[3]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	xc = xc_interface_open(NULL, NULL, 0);
	if (!xc) {
		fprintf(stderr,
			"props: no Xen here: %s; run me by: "
			"xensim run DIR props ...\n",
			strerror(errno));
		return 2;
	}
	if (argc == 2 && !strcmp(argv[1], "evtchn")) {
		test_descriptor();
		test_events();
		test_binding();
		test_virq();
		test_processes();
		test_adoption();
	} else if (argc == 7 && !strcmp(argv[1], "domain")) {
		test_domain(xc, argv + 2);
	} else if (argc > 3 && !strcmp(argv[1], "move")) {
		return test_move(argc - 2, argv + 2);
	} else {
		fprintf(stderr, "usage: props evtchn | domain DOMID "
				"REVOKE GRANT SHUTDOWN DESTROY | "
				"move DOMID WHAT ...\n");
		return 2;
	}
	xc_interface_close(xc);
	return check_summary();
}
