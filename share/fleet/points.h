/* A member's points, as many as are wished for. */
#pragma once

#include "share/fleet/fleet.h"

struct points {
	struct fleet_point *all;
	size_t n, allocated;
	size_t limit; /* most that are left by points_end */
};

/* Of a recording's columns, and what its marks tell of the time between samples. 0 or -ENOMEM. */
int points_of_profile(struct points *points, const struct profile *profile);

/* One more, later than those before. 0 or -ENOMEM. */
int points_add(struct points *points, const struct fleet_point *point);

/* No more follow: `all` is sorted and within the limit. */
void points_end(struct points *points);
