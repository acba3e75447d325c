/* How far apart many are, stretch by stretch: of those that live then. */
#pragma once

#include <stddef.h>

struct grid;

struct spread_bin {
	float low, middle, high; /* MiB: 5 %, 50 % and 95 % of the living hold no more than that */
	float least, most;
	size_t alive; /* 0: the figures are none */
};

struct spread {
	struct spread_bin *bins;
	size_t n;
	size_t alive; /* the most at once */
	/* MiB: the highest of `high` while at least half as many lived, and of all. A few that are
	 * left over at the end are no band. */
	double usual, most;
};

/* 0 or -ENOMEM. */
int spread_make(struct spread *spread, const struct grid *grid);
void spread_free(struct spread *spread);
