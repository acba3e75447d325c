/* What is held after each round of work: the floors of a curve, one a window, of which a trend can
 * be asked. Samples hang together, and so would lie about any trend; the floors of windows that are
 * longer than a round hardly do. */
#pragma once

#include <stddef.h>

#include "share/growth/curve.h"

enum { FLOORS_MOST = 24, FLOORS_FEWEST = 6 };

struct floors {
	double at[FLOORS_MOST], mib[FLOORS_MOST]; /* seconds, MiB */
	size_t n;                                 /* those of `windows` that have samples */
	size_t windows;
	double from, to;  /* seconds: what they are of */
	double period;    /* seconds of a round of work; 0: none was found */
	double shortfall; /* of fewer than FLOORS_FEWEST: how many seconds more would do */
};

/* Where the end begins at which what is held is given back: points[from … result) come before it.
 */
size_t floors_end(const struct curve_point *points, size_t from, size_t n);

/* Of the rounds between n moments, neighbours put together where there are too many; `at` counts
 * rounds. */
void floors_of_rounds(struct floors *floors, const struct curve *curve, const double *moments,
		      size_t n);

/* Of n points. 0 or -ENOMEM. */
int floors_find(struct floors *floors, const struct curve_point *points, size_t n);
