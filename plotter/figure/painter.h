/* What a figure is drawn with: the few strokes that both a rasterizer and an SVG can do.
 * Coordinates are pixels, y down. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plotter/raster/point.h"

enum anchor { ANCHOR_LEFT, ANCHOR_MIDDLE, ANCHOR_RIGHT };

struct ink {
	uint32_t rgb;
	double alpha; /* 0 … 1 */
};

struct text_style {
	double size; /* pixels an em */
	bool bold;
	enum anchor anchor;
	struct ink ink;
};

struct painter {
	void *state;
	/* Width in pixels of a line of UTF-8 text. */
	double (*measure)(void *state, const char *text, double size, bool bold);
	/* x by the anchor, y is the baseline. */
	void (*text)(void *state, double x, double y, const char *text,
		     const struct text_style *style);
	/* An open polyline with round joins and butt ends; dash is the length of dash and gap, 0:
	 * solid. */
	void (*line)(void *state, const struct raster_point *points, size_t n, double width,
		     double dash, struct ink ink);
	/* A closed polygon, non-zero winding. */
	void (*area)(void *state, const struct raster_point *points, size_t n, struct ink ink);
	void (*rect)(void *state, double x, double y, double width, double height, struct ink ink);
	void (*disc)(void *state, double x, double y, double radius, struct ink ink);
	/* Nothing is drawn outside until the next call; width <= 0 lifts it. */
	void (*clip)(void *state, double x, double y, double width, double height);
	/* What follows belongs together, until the next call: `kind` is one of a chart's lists
	 * ("curve", "band", "limit", "mark", "note", "span", "row"), `index` a place in it. kind
	 * NULL: nothing in particular. A painter that need not know has none. */
	void (*group)(void *state, const char *kind, size_t index);
};
