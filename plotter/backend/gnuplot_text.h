/* A gnuplot script being written: lengths, and text that gnuplot takes for nothing else. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "plotter/raster/point.h"

struct canvas;
struct chart;

enum { GNUPLOT_TAKEN = 96 };
enum { GNUPLOT_STRIPS = 6, GNUPLOT_BOXES = 16 }; /* levels of calls that are drawn, at most */

struct script {
	FILE *out;
	const struct chart *chart;
	const struct canvas *canvas;
	double left, right, top, bottom; /* the plot's edges in parts of the canvas, from below */
	double strip_top;                /* of the calls' strips over the plot */
	double legend;                   /* its left edge */
	double beneath, gap; /* of the plot's height: the lower pane, and what is over it */
	double points; /* what the terminal calls a pixel of text: its own size, or the points of a
			  96 dpi screen */
	int objects, labels, arrows;
	struct box taken[GNUPLOT_TAKEN]; /* by labels, and what they are not to cover */
	size_t n_taken;
};

/* Pixels at 96 dpi → the canvas'. */
double gnuplot_px(const struct script *s, double pixels);

/* A figure of memory on the one axis that gnuplot knows of: the upper pane's own, which goes on
 * below its floor. gnuplot_floor: its lower end. */
double gnuplot_y(const struct script *s, bool below, double mib);
double gnuplot_floor(const struct script *s);

/* About how wide a text is; the first is for text_shorten. */
double gnuplot_ems(void *unused, const char *text);

struct gnuplot_text {
	const char *text;
	double size; /* of its letters, at 96 dpi */
	double room; /* pixels of the canvas, at most */
	uint32_t rgb;
};

/* A label; `place` is gnuplot's "at …". */
void gnuplot_label(struct script *s, struct gnuplot_text label, const char *place, ...)
	__attribute__((format(printf, 3, 4)));
