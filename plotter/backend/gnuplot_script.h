/* A chart as a gnuplot script, in data coordinates and with gnuplot's own axes, so that a window
 * can be zoomed. What comes from a recording stands in single quotes, where gnuplot (help quotes)
 * substitutes nothing, as text that is not “enhanced”. */
#pragma once

#include <stdio.h>

struct canvas;
struct chart;

/* Write errors are left in ferror(out). */
void gnuplot_script(const struct chart *chart, const struct canvas *canvas, FILE *out);
