/* What a page's script has to know of a picture: a JSON object, which tells where and how
 * everything stands, with every point in it as points.h packs them. */
#pragma once

#include <stdio.h>

#include "plotter/figure/figure.h"
#include "share/growth/growth.h"

struct canvas;
struct chart;
struct chart_curve;
struct profile;

struct page_data {
	const struct chart *chart; /* with every point that there is */
	const struct chart *drawn; /* as it is drawn, in `place` */
	struct figure_place place;
	const struct canvas *canvas;
	const struct profile *profile; /* whose growth is told; NULL: of several */
	growth_own own;
};

/* What the page calls a curve: as the legend does. */
const char *data_name(const struct page_data *data, const struct chart_curve *curve);

/* 0 or -ENOMEM. */
int data_put(FILE *out, const struct page_data *data);
