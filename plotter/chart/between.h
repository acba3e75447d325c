/* What growth records tell of a process between its samples: where those are few, the curve would
 * be a ramp across all that happened. */
#pragma once

#include "share/profile/profile.h"

/* The samples of `memory` with what GROW records tell that was held, in order; into a series that
 * is {0}, which stays empty where they tell of something else than the curve does. The caller frees
 * its columns. 0 or -ENOMEM. */
int between_make(struct profile_series *made, const struct profile *profile);

/* The highest of those records in that time (seconds from the start; both 0: of all); us 0: there
 * is none. */
struct sample between_highest(const struct profile *profile, double from, double to);
