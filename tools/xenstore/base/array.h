/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * array: talloc arrays that double when they are full.
 */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stddef.h>
#include <talloc.h>

#define ARRAY_FIRST 16u

/*
 * Makes room for one more element in an array of n elements with room for size
 * (NULL, 0 and 0 at first), whose talloc context is ctx.  False without memory;
 * nothing has changed then.  array and size are evaluated more than once.
 */
#define array_room(ctx, array, n, size)                                        \
	({                                                                     \
		__typeof__(array) room_ = (array);                             \
		size_t size_ = (size);                                         \
                                                                               \
		if ((n) == size_) {                                            \
			size_ = size_ ? size_ * 2 : ARRAY_FIRST;               \
			room_ = talloc_realloc_size(ctx, room_,                \
						    size_ * sizeof(*room_));   \
			if (room_) {                                           \
				(array) = room_;                               \
				(size) = (__typeof__(size))size_;              \
			}                                                      \
		}                                                              \
		room_ != NULL;                                                 \
	})

#endif
