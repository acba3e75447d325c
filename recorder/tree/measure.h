/* Measuring a member. */
#pragma once

#include <stdint.h>

struct family;
struct member;

/* What it holds now, and what that shows besides: that it has ended, or has another name. `now` is
 * monotonic ns. */
void measure(struct family *family, struct member *member, int64_t now);
