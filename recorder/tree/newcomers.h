/* Who is new in the family, found by looking. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct family;

/* Looks, where there can be anybody new at `now` (monotonic ns), and measures them. */
void newcomers_look(struct family *family, int64_t now);

/* The same in the end, when there is no later look: whoever was forked since the last one. */
void newcomers_look_again(struct family *family, int64_t now);
