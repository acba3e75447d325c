/* What was held between the samples, over the curve added last. */
#pragma once

#include "plotter/chart/chart.h"

/* `alone`: it is the only recording, and has a row of its own. 0 or -ENOMEM. */
int band_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
	      unsigned colour, bool alone);
