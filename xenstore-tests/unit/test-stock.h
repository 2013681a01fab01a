/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-stock: records of the stock formats, as initializers. */
#ifndef TEST_STOCK_H
#define TEST_STOCK_H

#include "stock/format.h"

static inline struct record stock_made(uint32_t type, union stock_record st)
{
	struct record rec = {.type = type};

	*stock_in(&rec) = st;
	return rec;
}

#define STOCK(type, ...) stock_made(type, (union stock_record){__VA_ARGS__})

#endif
