/* FUNC calls as spans, a row a function. */
#pragma once

#include "plotter/chart/chart.h"

/* With at most so many rows. 0 or -ENOMEM. */
int flame_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
	       unsigned colour, size_t rows);
