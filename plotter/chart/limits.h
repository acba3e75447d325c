/* What the recording says that the program was allowed, where a curve comes near it. */
#pragma once

#include "plotter/chart/chart.h"

/* `top` as in beside.h. 0 or -ENOMEM. */
int limits_show(struct chart *chart, const struct profile *profile, double top);
