/* The largest descendants as curves with a row each, those of one name as one; the rest as “N
 * others”, or where they have no names as thin lines. */
#pragma once

#include "plotter/chart/chart.h"

/* With at most so many rows. Each has a colour of its own from that one on; of several recordings
 * (`overlaid`) all have that one. 0 or -ENOMEM. */
int children_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
		  unsigned colour, size_t rows, bool overlaid);
