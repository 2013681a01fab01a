/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * version: the version of this tree.  Each program prints it for --version.
 */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define XENSTORED_VERSION "1.0"
/* The daemon, in its images and for --version. */
#define XENSTORED_NAME "xenstored " XENSTORED_VERSION

#endif
