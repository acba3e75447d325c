/* The metrics beside the first, and GPUs, as curves with a row each; on the axis to the right where
 * theirs is another scale. */
#pragma once

#include "plotter/chart/chart.h"

/* `top` is the highest of what stands on the left, MiB; `colour` the first free one, and moves on.
 * 0 or -ENOMEM. */
int beside_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
		unsigned *colour, double top);
