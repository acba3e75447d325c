/* An image of few colours in an SVG, as strokes: no larger than a page can bear. */
#pragma once

#include <stdio.h>

struct painter_cells;

void svg_cells(FILE *out, const struct painter_cells *cells);
