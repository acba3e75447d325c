/* Profiles → chart: puts the parts together. */
#pragma once

#include "plotter/chart/chart.h"

/* 0 or -ENOMEM. A chart of profiles without samples has n_curves == 0. */
int chart_make(struct chart *chart, const struct profile *const profiles[], size_t n,
	       const struct chart_wish *wish);
