/* Sums of figures that a file may have made up: what is beyond all bounds stays at them. Each can
 * be negated. */
#pragma once

#include <stdint.h>

static inline int64_t sum_of(int64_t a, int64_t b)
{
	int64_t sum;
	if (!__builtin_add_overflow(a, b, &sum) && sum != INT64_MIN)
		return sum;
	return b > 0 ? INT64_MAX : -INT64_MAX;
}
