/* Many recordings over equal stretches of time, by what was highest in each stretch: never by a
 * mean, in which one that leaks would be lost. */
#pragma once

#include <stddef.h>

struct fleet;
struct lay;

struct grid {
	size_t members, bins;
	double from, to; /* seconds on the axis */
	float *mib;      /* members × bins, the highest; NAN: that one did not live then, or nobody
			    looked */
	float *least;    /* of each bin, the lowest of all members; NAN: nobody lived */
};

/* 0 or -ENOMEM. */
int grid_make(struct grid *grid, const struct fleet *fleet, const struct lay *lay, double from,
	      double to, size_t bins);
void grid_free(struct grid *grid);

const float *grid_row(const struct grid *grid, size_t member);
double grid_x(const struct grid *grid, size_t bin);       /* its middle, seconds */
size_t grid_highest(const struct grid *grid, size_t row); /* the bin; `bins`: it never lived */
