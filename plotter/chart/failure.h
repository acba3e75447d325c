/* That a GPU had no memory left: when, what held it then, as areas that stand on each other and add
 * up to the card, and what was wanted beside that; and in what the program was before, as far as is
 * known. */
#pragma once

#include "plotter/chart/chart.h"

/* After beside.h, on whose curve of the device it stands. 0 or -ENOMEM. */
int failure_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish);
