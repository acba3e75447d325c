/* Who of many stands out: those that held most, and those that ended long before the others. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct fleet;
struct grid;
struct lay;

enum { STANDING_HIGHEST = 3 };

struct standing {
	size_t highest[STANDING_HIGHEST]; /* members, the highest first */
	size_t n_highest;
	size_t *order; /* all that are shown, by their peaks */
	size_t n;
	size_t *early; /* members: those that ended badly, then the others, the first to end first
			*/
	size_t n_early, n_bad;
	double middle; /* MiB: the median of the peaks */
};

/* Of what is shown: peaks are those inside the grid. 0 or -ENOMEM. */
int standing_make(struct standing *standing, const struct fleet *fleet, const struct grid *grid,
		  const struct lay *lay);
void standing_free(struct standing *standing);

/* MiB: the highest inside the grid; 0: it did not live then. */
double standing_peak(const struct grid *grid, size_t member);
