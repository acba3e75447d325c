/* The growth of a recording once it has warmed up, as a dashed line. */
#pragma once

#include "plotter/chart/chart.h"

/* Nothing where there are too few samples for one. `row`: with its slope in the legend. 0 or
 * -ENOMEM. */
int trend_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
	       unsigned colour, bool row);

/* The dashed line itself, from one point to another. 0 or -ENOMEM. */
int trend_draw(struct chart *chart, unsigned colour, struct chart_point from,
	       struct chart_point to);
