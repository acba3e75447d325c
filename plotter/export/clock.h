/* Where on one axis of time several recordings stand. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct profile;

/* µs: what to add to each recording's moments. 0 where they ran at the same time, or one after
 * another without longer pauses than they lasted; else each begins where the first does. */
void clock_align(const struct profile *const profiles[], size_t n, int64_t shift[]);
