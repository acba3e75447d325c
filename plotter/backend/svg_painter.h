/* A chart as an <svg> element: a file by itself, or a part of a page. */
#pragma once

#include <stdio.h>

#include "plotter/figure/figure.h"

struct canvas;
struct chart;

/* Writes the element at the canvas' size. With an `id`, which may stand in XML as it is, it is for
 * a page that may hold several: every id in it begins with that one, and each of the chart's things
 * stands in a <g class="KIND" data-index="INDEX">, KIND being curve, band, limit, mark, note, span
 * or row, and INDEX its place in the chart; a mark has two, its line and its label. NULL: nothing
 * is named. Tells where the plot is on the canvas; write errors are left in ferror(out). */
struct figure_place svg_draw(const struct chart *chart, const struct canvas *canvas, const char *id,
			     FILE *out);
