/* What the script of a page of many has to know: a JSON object with what they held in each column
 * of the picture, and who the most. As large for thousands as for a dozen. */
#pragma once

#include <stdio.h>

#include "plotter/figure/figure.h"

struct canvas;
struct chart;
struct many;

/* 0 or -ENOMEM. */
int columns_put(FILE *out, const struct many *many, const struct chart *chart,
		const struct canvas *canvas, const struct figure_place *place);
