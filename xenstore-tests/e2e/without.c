/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * without CALLS COMMAND...: runs a command as on an older kernel: the system
 * calls of the list, separated by commas, fail with ENOSYS; noexec: memfd_create
 * refuses MFD_NOEXEC_SEAL, as before Linux 6.3. Run by e2e/surroundings.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOEXEC_SEAL 0x0008u

static const struct {
	const char *name;
	uint32_t number;
} calls[] = {
	{"close_range", SYS_close_range},
	{"epoll_pwait2", SYS_epoll_pwait2},
	{"execveat", SYS_execveat},
	{"getrandom", SYS_getrandom},
	{"memfd_create", SYS_memfd_create},
	{"pidfd_open", SYS_pidfd_open},
	{"pidfd_send_signal", SYS_pidfd_send_signal},
};

#define FIELD(name) ((uint32_t)offsetof(struct seccomp_data, name))
#define LOW_WORD                                                               \
	(__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? (uint32_t)sizeof(uint32_t)   \
						: 0u)

static struct sock_filter filter[64];
static unsigned short len;

static void put(uint16_t code, uint32_t k, uint8_t jt, uint8_t jf)
{
	filter[len++] = (struct sock_filter){code, jt, jf, k};
}

/* The number is loaded. */
static void refuse(uint32_t number)
{
	put(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1);
	put(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS, 0, 0);
}

static void refuse_noexec(void)
{
	put(BPF_JMP | BPF_JEQ | BPF_K, SYS_memfd_create, 0, 4);
	put(BPF_LD | BPF_W | BPF_ABS, FIELD(args[1]) + LOW_WORD, 0, 0);
	put(BPF_JMP | BPF_JSET | BPF_K, NOEXEC_SEAL, 0, 1);
	put(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL, 0, 0);
	put(BPF_LD | BPF_W | BPF_ABS, FIELD(nr), 0, 0);
}

static int add(const char *name)
{
	size_t i;

	if (!strcmp(name, "noexec")) {
		refuse_noexec();
		return 0;
	}
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (strcmp(name, calls[i].name) != 0)
			continue;
		refuse(calls[i].number);
		return 0;
	}
	fprintf(stderr, "without: %s is not in its list\n", name);
	return 1;
}

int main(int argc, char **argv)
{
	struct sock_fprog program = {.filter = filter};
	char *name, *rest;

	if (argc < 3) {
		fprintf(stderr, "usage: without CALL,CALL... COMMAND...\n");
		return 2;
	}
	put(BPF_LD | BPF_W | BPF_ABS, FIELD(nr), 0, 0);
	for (name = strtok_r(argv[1], ",", &rest); name;
	     name = strtok_r(NULL, ",", &rest))
		if (len > 50 || add(name))
			return 2;
	put(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	program.len = len;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
		fprintf(stderr, "without: seccomp: %s\n", strerror(errno));
		return 2;
	}
	execvp(argv[2], argv + 2);
	fprintf(stderr, "without: %s: %s\n", argv[2], strerror(errno));
	return 2;
}
