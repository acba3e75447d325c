/* What the memory consisted of, as areas that stand on each other and add up to it. */
#pragma once

#include "plotter/chart/chart.h"

/* Where wish->bill asks for it and the recording holds any; `colour` is the next one that is free.
 * 0 or -ENOMEM. */
int bill_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
	      unsigned *colour);
