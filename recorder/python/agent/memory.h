/* What this process holds. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "share/profile/sample.h"

void memory_open(void); /* once there is something to look at: no descriptors before */
void memory_forked(void);
int64_t memory_now(void);                 /* monotonic ns */
struct sample memory_sample(int64_t rss); /* this figure, at this moment */

/* Bytes now, or those of a moment ago where nothing can have happened since. *peak rises to the
 * highest since the last reset of the process's mark, where that is known. */
int64_t memory_measure(int64_t *peak);
extern bool memory_break_due; /* --break-at: set by memory_measure, once */
