/* What a figure is drawn with: the few strokes that both a rasterizer and an SVG can do.
 * Coordinates are pixels, y down. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plotter/raster/ink.h"
#include "plotter/raster/point.h"

/* An image of few colours: rows from the top. Its cells are of whole pixels where its box is. */
struct painter_cells {
	struct box box;
	size_t columns, rows;
	const uint8_t *levels; /* columns × rows; 0: nothing is drawn there */
	const uint32_t *rgb;   /* of each level from 1 on */
	size_t n_levels;
};

struct painter {
	void *state;
	/* Width in pixels of a line of UTF-8 text. */
	double (*measure)(void *state, const char *text, double size, bool bold);
	/* x by the anchor, y is the baseline. */
	void (*text)(void *state, struct raster_point at, const char *text,
		     const struct text_style *style);
	/* An open polyline. */
	void (*line)(void *state, const struct raster_point *points, size_t n,
		     const struct pen *pen);
	/* A closed polygon, non-zero winding. */
	void (*area)(void *state, const struct raster_point *points, size_t n, struct ink ink);
	void (*rect)(void *state, struct box box, struct ink ink);
	void (*disc)(void *state, struct raster_point centre, double radius, struct ink ink);
	void (*cells)(void *state, const struct painter_cells *cells);
	/* Nothing is drawn outside until the next call; a box without width lifts it. */
	void (*clip)(void *state, struct box box);
	/* What follows belongs together, until the next call: `kind` is one of a chart's lists
	 * ("curve", "band", "limit", "mark", "note", "span", "row"), `index` a place in it, or
	 * "axis". kind NULL: nothing in particular. A painter that need not know has none. */
	void (*group)(void *state, const char *kind, size_t index);
};
