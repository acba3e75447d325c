/* What a recording that goes on growing never gives back: a thin line below its curve. */
#pragma once

#include "plotter/chart/chart.h"

/* Nothing where it does not grow, or only a window of it is shown. Sets chart->growth. 0 or
 * -ENOMEM.
 */
int floor_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
	       unsigned colour);
