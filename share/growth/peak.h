/* Which place made the peak of a recording. */
#pragma once

#include <stddef.h>

#include "share/growth/growth.h"

/* The rise that ended in the peak, by its last third: of the line of the user's that had most of
 * that, the innermost frame that had most. What comes last of all may be a trifle. *frame is 0
 * where it was no known place. 0 or -ENOMEM. */
int growth_peak_maker(const struct growth *growth, size_t *frame);
