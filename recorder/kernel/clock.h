/* The clocks that the recorder reads, in nanoseconds. */
#pragma once

#include <stdint.h>

int64_t clock_now(void);   /* monotonic */
int64_t clock_epoch(void); /* of the epoch */
int64_t clock_cpu(void);   /* CPU time that this thread has had */
