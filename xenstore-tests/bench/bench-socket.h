/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench-socket: a client for the benches that speaks the protocol itself, so
 * that it costs the same with every daemon. Used by xsbench and hostile-*.c;
 * any error ends the program.
 */
#ifndef BENCH_SOCKET_H
#define BENCH_SOCKET_H

#include <stddef.h>
#include <stdint.h>

#include <xen/io/xs_wire.h>

_Noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
double now(void); /* seconds of a monotonic clock */
int open_socket(const char *path);
void read_all(int fd, void *buf, size_t len);
void write_all(int fd, const void *buf, size_t len);
/* Puts a message in buf; returns its length. */
size_t put(char *buf, uint32_t type, uint32_t tx, const void *body, size_t len);
/*
 * Receives the next reply, skipping events: its body and type; returns its
 * length.
 */
size_t get_any(int fd, char *body, uint32_t *ret_type);
/* The same for a reply that must have this type. */
size_t get(int fd, uint32_t type, char *body);
/* put() and get(). */
size_t ask(int fd, uint32_t type, uint32_t tx, const void *body, size_t len,
	   char *answer);

#endif
