/* The recordings' own curves, each with its peak and a row. */
#pragma once

#include "plotter/chart/chart.h"

struct recordings_shown {
	size_t all, named; /* those with samples; of them, those with a colour and a row */
};

/* The colour of each recording, for free(); NULL: no memory. Where the legend has no room for all,
 * one row is left for “N more”, and those with the highest peaks keep a colour: the others have
 * CHART_OTHERS. */
unsigned *recordings_colours(const struct profile *const profiles[], size_t n,
			     const struct chart_wish *wish, struct recordings_shown *shown);

/* 0 or -ENOMEM. */
int recordings_show(struct chart *chart, const struct profile *const profiles[], size_t n,
		    const unsigned colours[], const struct chart_wish *wish);
