/* Boxes of labels, and what lies over them. */
#pragma once

#include <stdbool.h>

#include "plotter/raster/point.h"

bool box_overlaps(const struct box *a, const struct box *b);

/* Does a straight line between two points touch it? */
bool box_is_crossed(const struct box *box, struct raster_point a, struct raster_point b);
