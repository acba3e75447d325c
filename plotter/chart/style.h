/* How things look that every picture draws the same way, decided once: what is alone, what is
 * filled, how heavy a line is. */
#pragma once

#include "plotter/chart/chart.h"

/* When all is in the chart and its ranges are set. */
void style_settle(struct chart *chart, const struct chart_wish *wish);
