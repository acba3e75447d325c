/* The curve, as rows of a terminal. */
#pragma once

#include <stdio.h>

#include "plotter/figure/canvas.h"
#include "plotter/live/recent.h"

struct picture_of {
	const struct profile *profile; /* with a sample */
	const struct recent *recent;
	const struct profile_gpu *gpu; /* that device's memory; NULL: MEM */
	unsigned seconds;              /* the last ones, RECENT_MINUTE or RECENT_MINUTES; 0: all */
};

/* As many lines as the canvas is high, in cells. 0 or -errno. */
int picture_draw(const struct picture_of *of, const struct canvas *canvas, FILE *out);
