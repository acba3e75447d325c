/* The points of a picture's curves for a page's script: a JSON object, which tells where they
 * stand, and the points themselves in it: of each curve the moments (ms) and then the figures
 * (KiB), each less the one before, zigzag, in groups of seven bits, low ones first, all of it as
 * gzip in base64. */
#pragma once

#include <stdio.h>

#include "plotter/figure/figure.h"
#include "share/growth/growth.h"

struct chart;
struct chart_curve;
struct profile;

struct page_data {
	const struct chart *chart; /* with every point that there is */
	const struct chart *drawn; /* as it is drawn, in `place` */
	struct figure_place place;
	const struct profile *profile; /* whose growth is told; NULL: of several */
	growth_own own;
};

/* What the page calls a curve: as the legend does. */
const char *data_name(const struct page_data *data, const struct chart_curve *curve);

/* 0 or -ENOMEM. */
int data_put(FILE *out, const struct page_data *data);
