/* A polyline as the outline of its stroke. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct raster_edges;
struct raster_point;

struct stroke_pen {
	double width;         /* pixels */
	double dash;          /* on and off, in pixels; 0: solid */
	bool round;           /* ends; a single point is then a dot */
	double low_x, high_x; /* what may be seen: the rest is left out before it costs anything */
	double low_y, high_y;
};

/* Adds the outline to `edges`, every piece turning the same way, so that their windings add up.
 * Points that are not finite are skipped. */
void stroke_outline(struct raster_edges *edges, const struct raster_point *points, size_t n,
		    const struct stroke_pen *pen);
