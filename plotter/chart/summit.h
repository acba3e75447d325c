/* The peak as a dot with a label, and where it is known that more was held, how much. */
#pragma once

#include "plotter/chart/chart.h"

/* What a row of the legend says of it: "exact peak 182.0 MiB". NULL: no memory. */
char *summit_say(const struct profile *profile, const struct chart_wish *wish);

/* `brief`: one of several, only its figure is told. 0 or -ENOMEM. */
int summit_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
		unsigned colour, bool brief);
