/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * err: a failure that an administrator has to understand.
 *
 * An errno value for the program and a sentence for the administrator: what
 * failed and where, why, and what to do.  Functions that set one also return
 * its code, so that `return err_set(err, EINVAL, ...)` works.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#define __must_check __attribute__((warn_unused_result))

struct err {
	int code;	/* 0 or a positive errno */
	char text[320]; /* no trailing newline; "" when code is 0; a long
			   sentence loses its middle */
};

/*
 * Sets code and text, which is escaped as a line (escape.h).  Does nothing if
 * err is NULL.  Returns code.
 */
int err_set(struct err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Puts "fmt: " before the text and keeps the code.  Returns the code; 0 if err
 * is NULL.
 */
int err_prefix(struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
