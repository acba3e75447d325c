/* A row of figures as a curve, broken where there are none. */
#pragma once

#include <stdbool.h>

#include "plotter/chart/chart.h"

struct grid;

struct line_style {
	enum chart_role role;
	unsigned colour;
	double weight;
	bool below; /* in the pane beneath */
};

/* `mib`: one for each of the grid's bins, NAN where there is none. 0 or -ENOMEM. */
int line_add(struct chart *chart, const struct grid *grid, const float *mib,
	     const struct line_style *style);
