/* What most of a pickle is: numbers, and values of the memo, one behind the other. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "share/snapshot/bytes.h"
#include "share/snapshot/stack.h"

/* Runs those at the front, as long as they stand whole in the block and there is room for them: the
 * same as one step each, without a call for any. There has been a step before. */
void plain_run(struct bytes *bytes, struct stack *stack);

/* Two's complement of n bytes, 1 to 8. */
static inline int64_t plain_signed(uint64_t value, size_t n)
{
	unsigned unused = 64 - 8 * (unsigned)n;
	return (int64_t)(value << unused) >> unused;
}
