/* Where labels stand in the plot of a gnuplot script already, and where there is room for another:
 * in pixels of the canvas, as gnuplot draws it at first. How wide a text is it only guesses. */
#pragma once

#include <stdbool.h>

#include "plotter/backend/gnuplot_text.h"
#include "plotter/raster/point.h"

/* Of seconds and of what gnuplot's axis of memory says. */
struct raster_point gnuplot_at(const struct script *s, double seconds, double y);

struct box gnuplot_pane(const struct script *s, bool below);

/* As large as a text of such letters; at no place yet. */
struct box gnuplot_box(const struct script *s, const char *text, double size);

void gnuplot_take(struct script *s, struct box box); /* no label is to stand there */
bool gnuplot_is_free(const struct script *s, bool below, struct box box);
bool gnuplot_is_clear(const struct script *s, bool below,
		      struct box box); /* and no curve runs through it */

/* Where a label is put: "left offset …", from the point that it belongs to. Returns `out`. */
enum { GNUPLOT_OFFSET = 80 };
char *gnuplot_offset(char out[GNUPLOT_OFFSET], const struct script *s, struct raster_point from,
		     struct box box);
