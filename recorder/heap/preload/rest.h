/* What takes long is not done often: a share of the time that passes, some of which is saved up. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

int64_t rest_now(void); /* monotonic ns */

/* After what was begun then and has ended now: when it may begin again. `until`: as of before that,
 * 0 at first; a share of 1/`share`. */
int64_t rest_until(int64_t until, int64_t begun, int share);
