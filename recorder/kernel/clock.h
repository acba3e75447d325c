/* The clocks that the recorder reads, in nanoseconds. Its own moments are all of one, clock_now:
 * what comes from elsewhere is turned where it comes in. */
#pragma once

#include <stdint.h>

int64_t clock_now(void);   /* monotonic */
int64_t clock_epoch(void); /* of the epoch */
int64_t clock_cpu(void);   /* CPU time that this thread has had */

/* The kernel's monotonic clock itself, which the moments that it tells are of and all processes
 * have in common: no time namespace and nothing that was preloaded changes it. */
int64_t clock_kernel(void);

/* What must be added to its moments to make them ours; as a rule 0. */
int64_t clock_ahead(void);
