/* What a figure is drawn on: the canvas with the plot's place on it, and where labels stand
 * already. Part of figure.c and labels.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plotter/chart/chart.h"
#include "plotter/figure/canvas.h"
#include "plotter/figure/painter.h"
#include "plotter/figure/theme.h"

enum { SHEET_TAKEN = 96 };

/* Text sizes in pixels at 96 dpi; the canvas' scale multiplies them, as all lengths here. */
enum { SHEET_LABEL = 12, SHEET_SMALL = 11 };

struct sheet {
	const struct chart *chart;
	const struct canvas *canvas;
	const struct theme *theme;
	const struct painter *painter;
	double s;                              /* scale */
	struct box plot, below, flame, legend; /* without height: there is none */
	double lanes; /* y of the calls' lanes above the plot; 0: there are none */
	double lane;  /* height of one */
	int n_lanes;
	bool small; /* no room for more than the most needful words */
	struct box taken[SHEET_TAKEN];
	size_t n_taken;
};

double sheet_scaled(const struct sheet *f, double pixels);
double sheet_measure(const struct sheet *f, const char *text, double size, bool bold);

/* A hairline of one device pixel is crisp only on pixel centres. */
double sheet_crisp(double v);

/* Data coordinates to device pixels; sheet_y is of the axis on the left. */
double sheet_x(const struct sheet *f, double seconds);
double sheet_y(const struct sheet *f, double mib);
double sheet_on(const struct sheet *f, bool below, double mib);
const struct chart_axis *sheet_axis(const struct sheet *f, bool below);
const struct box *sheet_pane(const struct sheet *f, bool below);
double sheet_bottom(const struct sheet *f); /* of the lowest pane of memory */

/* Draws a text, shortened in the middle to fit `room` device pixels. */
void sheet_text(const struct sheet *f, double x, double y, const char *text, double room,
		const struct text_style *style);

/* Lines, straight ones across and down; the pen's lengths are scaled, as a disc's radius is. */
void sheet_line(const struct sheet *f, const struct raster_point *points, size_t n, struct pen pen);
void sheet_across(const struct sheet *f, double y, double from, double to, struct pen pen);
void sheet_down(const struct sheet *f, double x, double from, double to, struct pen pen);
void sheet_down_panes(const struct sheet *f, double x, struct pen pen); /* through all of memory */
void sheet_disc(const struct sheet *f, struct raster_point centre, double radius, struct ink ink);
void sheet_rect(const struct sheet *f, struct box box, struct ink ink);
/* What follows is that of the chart's things; NULL: nothing in particular. */
void sheet_group(const struct sheet *f, const char *kind, size_t index);
void sheet_clip(const struct sheet *f, struct box box);
void sheet_lift_clip(const struct sheet *f);

/* No label is to stand there. */
void sheet_take(struct sheet *f, struct box box);
