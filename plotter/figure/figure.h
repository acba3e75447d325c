/* Where everything of a chart stands on a canvas of pixels: the layout that png and svg share. */
#pragma once

#include "plotter/raster/point.h"

struct canvas;
struct chart;
struct painter;

/* The chart's axes reach from edge to edge of them; without height there is no pane beneath. */
struct figure_place {
	struct box plot, below;
};

struct figure_place figure_draw(const struct chart *chart, const struct canvas *canvas,
				const struct painter *painter);
