/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * err: a failure that a person has to understand.
 *
 * An errno value for the program and a sentence for the administrator: what
 * went wrong, where, and what to do.  Functions that fill one in also return
 * its code, so that `return err_set(err, EINVAL, ...)` reads well.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#define __must_check __attribute__((warn_unused_result))

struct err {
	int code;	/* 0 or a positive errno */
	char text[320]; /* without a trailing newline; "" when code is 0; of a
			   long sentence the middle is left out */
};

/*
 * Sets code and text, which is escaped as a line (escape.h).  err may be NULL
 * (the text is dropped).  Returns code.
 */
int err_set(struct err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Puts "fmt: " in front of the text that is there and keeps the code.
 * Returns the code.
 */
int err_prefix(struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
