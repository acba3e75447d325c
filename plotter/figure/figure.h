/* Where everything of a chart stands on a canvas of pixels: the layout that png and svg share. */
#pragma once

#include "plotter/raster/point.h"

struct canvas;
struct chart;
struct painter;

/* Tells where the plot is: the chart's axes reach from edge to edge of it. */
struct box figure_draw(const struct chart *chart, const struct canvas *canvas,
		       const struct painter *painter);
