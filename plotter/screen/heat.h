/* A chart's image as cells of a terminal: two rows a cell by colour, else a shade each. */
#pragma once

struct screen;

void heat_cells(struct screen *s);
