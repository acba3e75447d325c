/* What a sampled heap held, moment by moment, as areas that stand on each other: a row each for the
 * lines that held most, the rest as “N others” on top. */
#pragma once

#include "plotter/chart/chart.h"

/* With at most so many rows, of colours from `colour` on; when the ranges are set. 0 or -ENOMEM. */
int stack_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
	       unsigned colour, size_t rows);
