/* How far the axes reach. */
#pragma once

#include "plotter/chart/chart.h"

/* The highest that stands on one of the two axes inside the window, MiB. */
double ranges_top(const struct chart *chart, const struct chart_wish *wish, bool below);

/* The furthest that a curve, a call or a window reaches. */
void ranges_set(struct chart *chart, const struct chart_wish *wish);
