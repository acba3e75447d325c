/* Where in a Python program the memory grew: the peak's place and the largest steps. */
#pragma once

#include "plotter/chart/chart.h"

/* After summit_show. 0 or -ENOMEM. */
int places_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish);
