/* What several descendants held at one time. */
#pragma once

#include "share/profile/profile.h"

/* Into a series that is {0}; the caller frees its columns. 0 or -ENOMEM. */
int together_make(struct profile_series *sum, const struct profile_child *const members[],
		  size_t n);
