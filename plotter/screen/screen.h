/* A chart on a screen of characters: which row and column everything has, and which style. Part of
 * the terminal's backend. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "plotter/chart/chart.h"
#include "plotter/figure/theme.h"
#include "plotter/screen/cells.h"

enum { SCREEN_GAP = 4 }; /* cells between the columns of the legend */

/* The screen from top to bottom; what has no rows is left out. */
enum part {
	PART_TITLE,
	PART_SUBTITLE,
	PART_MEMORY_TITLE,
	PART_STRIPS, /* the calls, above the curve */
	PART_PLOT,
	PART_BELOW_TITLE, /* of the pane beneath, on the floor of the one above */
	PART_BELOW,
	PART_AXIS,
	PART_LABELS,
	PART_TIME_TITLE, /* where it does not fit beside the labels */
	PART_FLAME,      /* the calls, as stacked boxes under the curve */
	PART_GAP,
	PART_LEGEND,
	PARTS,
};

struct screen {
	const struct chart *chart;
	const struct theme *theme;
	struct cells cells;
	bool colour;
	int rows[PARTS], top[PARTS];
	struct cell_box plot, below; /* without rows: there is none */
	int label, entry, columns;   /* of the legend: cells of a label and of a whole entry */
	bool lettered;               /* without colour, curves are told apart by letters */
};

extern const struct cell_style screen_plain, screen_faint, screen_bold;

static inline int at_most(int value, int most)
{
	return value < most ? value : most;
}

static inline int at_least(int value, int least)
{
	return value > least ? value : least;
}

void screen_lay_out(struct screen *s);

/* A terminal's paper may be black or white and does not tell: what is too dark for black is
 * lightened until it can be read on both. */
int32_t screen_legible(uint32_t rgb);
struct cell_style screen_style(const struct screen *s, unsigned colour);

/* Text on the colour itself. */
struct cell_style screen_block(const struct screen *s, unsigned colour);

bool screen_is_curve(const struct chart_row *row);

/* Which letter a colour's curve has: by its place among the legend's curves. 0: none. */
char screen_letter(const struct screen *s, unsigned colour);

double screen_share(const struct chart_axis *axis, double value);

/* The cell across that a moment is in. */
int screen_column(const struct screen *s, double seconds);
int screen_row(const struct screen *s, double mib);
int screen_row_on(const struct screen *s, bool below, double mib);
const struct chart_axis *screen_axis(const struct screen *s, bool below);
const struct cell_box *screen_pane(const struct screen *s, bool below);

/* Where a point lies, in dots from its pane's upper left corner. */
void screen_dots(const struct screen *s, bool below, const struct chart_point *point,
		 double dots[2]);

/* Where a label under the time axis begins, whole on the screen. */
int screen_label_start(const struct screen *s, const struct chart_tick *tick);

/* Where the time axis' title stands among its labels: at the right end, else left of the last one;
 * -1: it does not fit. */
int screen_time_title(const struct screen *s);
