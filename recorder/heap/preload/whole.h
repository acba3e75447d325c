/* How much of what malloc's arenas have free is whole pages, where malloc itself does not tell: by
 * how far apart the sampled blocks that live lie there. */
#pragma once

#include <stdint.h>

/* Thousandths, of so many bytes; 1000 where nothing lives. The last answer, where another would
 * cost too much. With the lock not held; one thread at a time. */
unsigned whole_share(uint64_t free);
extern int64_t whole_not_before; /* monotonic ns: when it would answer anew */

void whole_forked(void);
