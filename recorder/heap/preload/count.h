/* Counting bytes down to the next sample: before a block is asked for, so that nothing is left to
 * do where none is due. One that is then refused was counted: it is no block, and any other is as
 * likely to be sampled as before. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RARELY(x) __builtin_expect(x, 0)

extern _Thread_local uint64_t count_left; /* bytes to the next sample */

/* There are fewer left than so many, or nothing was drawn yet: is a sample due? */
bool count_beyond(size_t size);

static inline bool count_is_beyond(size_t size)
{
	if (RARELY(count_left < size))
		return true;
	count_left -= size;
	return false;
}
