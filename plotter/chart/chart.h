/* What a picture of recordings shows, in data coordinates. Pure: no pixels, no files, no colours
 * beyond an index. Made by make.h; the chart borrows its profiles and owns everything that it
 * points to. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "share/growth/growth.h"
#include "share/profile/profile.h"

struct chart_point {
	double x, y; /* seconds since the recording's start, MiB */
	bool apart;  /* nothing is known of the time between the point before it and this one */
};

/* Colours that are no index into the theme's series: of what has no row of its own in the legend,
 * and of the peak and whatever shows it. */
#define CHART_OTHERS (~0u)
#define CHART_PEAK   (~0u - 1)

/* From here on: of the classes of a card's bill, which look alike in every picture. */
enum { CHART_CLASS = 1 << 16, CHART_CLASSES = 9 };

/* And from here on of a heat's levels, the lowest first. */
enum { CHART_LEVEL = 1 << 17, CHART_LEVELS = 16 };

/* How many children or functions of one recording are told apart; a ninth colour would look like
 * one of the eight. */
enum { CHART_COLOURS = 8 };

enum chart_role {
	CHART_MAIN,   /* the target (or, of several recordings, one of them) */
	CHART_CHILD,  /* one descendant */
	CHART_BESIDE, /* another metric, or a GPU's memory */
	CHART_TREND,  /* a straight line, dashed */
};

struct chart_curve {
	enum chart_role role;
	unsigned colour; /* index into the theme's series colours, modulo their number */
	struct chart_point *points;
	size_t n;
	bool below;  /* in the pane beneath, by its own axis */
	bool gpu;    /* a device's memory */
	bool sparse; /* few enough samples that each may be shown as a dot */
	bool filled; /* stands on an area of its colour */
	bool dashed;
	double weight; /* the line's width in pixels at 96 dpi */
	size_t row;    /* of the legend, + 1, where another one has its colour too; 0: by colour */
};

struct chart_band { /* a closed area between the samples and the marks of their intervals */
	unsigned colour;
	struct chart_point *points;
	size_t n;
	size_t upper; /* so many of them, the first ones, are the upper edge */
	bool stacked; /* one of several that stand on each other */
	bool below;   /* in the pane beneath */
};

struct chart_limit { /* a level that cannot be passed, or that was once reached: a line across */
	double at;   /* MiB */
	bool peak;   /* the latter */
	unsigned colour;
	bool below;
	char *label; /* "limit 8.0 GiB" */
};

struct chart_mark {        /* a moment with a name: a line down */
	double x;          /* seconds */
	const char *label; /* the recording's */
	bool decisive;     /* its label is there whatever others there are */
};

struct chart_tick {
	double at; /* seconds or MiB */
	char label[24];
};

struct chart_axis {
	double low, high; /* data coordinates at the two ends */
	struct chart_tick *ticks;
	size_t n;
	char title[48]; /* "time (min:s)", "memory (GiB)" */
	double top; /* of memory: the highest that is shown, whose unit is the axis'; 0: `high` */
	/* Above that the scale is another, since what lies there is far from all else: up to it
	 * goes so much of the axis' length. knee 0: one scale. */
	double knee, share;
};

/* Where on an axis something stands: 0 at its low end, 1 at its high one. */
static inline double chart_share(const struct chart_axis *axis, double value)
{
	if (axis->knee <= axis->low)
		return (value - axis->low) / (axis->high - axis->low);
	if (value <= axis->knee)
		return (value - axis->low) / (axis->knee - axis->low) * axis->share;
	return axis->share + (value - axis->knee) / (axis->high - axis->knee) * (1 - axis->share);
}

/* An image in place of curves: rows from the top, of equal height, in all of the plot. */
struct chart_heat {
	size_t columns, rows; /* 0: there is none */
	uint8_t *levels;      /* columns × rows: 0 nothing, else 1 to CHART_LEVELS */
	double high;          /* MiB, the upper end of the highest level; the lowest begins at 0 */
	char most[32];        /* "9.62 GiB": that */
};

struct chart_note { /* a peak: a dot with a label */
	struct chart_point at;
	unsigned colour; /* its curve's */
	bool minor;  /* no peak but a step on the way: smaller, and left out where there is no room
		      */
	bool alone;  /* the only peak: in the peak's colour, with lines to the axes */
	char *label; /* "peak 182.0 MiB at 0.60 s" */
	size_t head; /* so many bytes of it say enough where it does not fit; 0: all */
	char *place; /* "matrix train.py:15", or NULL */
};

struct chart_span { /* one call (or, with flame, one box): [from, to] seconds at a depth from 0 */
	double from, to;
	int level;
	unsigned colour;   /* the function's */
	const char *label; /* the function's short name */
};

enum chart_row_kind { ROW_CURVE, ROW_CHILD, ROW_TREND, ROW_FUNCTION, ROW_BAND, ROW_AREA, ROW_MORE };

struct chart_row { /* of the legend */
	enum chart_row_kind kind;
	unsigned colour;
	char *label;  /* "load_data" */
	char *detail; /* "1 call · 0.74 s · +7.6 MiB" */
};

struct chart {
	char *title;    /* the command line, or the user's; UTF-8, one line, not yet shortened */
	char *subtitle; /* when, how long, how it ended; "" when there is nothing to say */
	size_t alarm;   /* from this byte on the subtitle tells of a bad end; 0: nothing does */
	char *failure;  /* "GPU 0 had no memory left (data: one batch)"; NULL: none had that */
	double growth;  /* MiB/h, of the one recording that goes on growing; else 0 */
	double end;     /* seconds: how long the longest recording lasted, samples or not */
	struct chart_axis x, y;
	/* Of memory too, in a pane beneath, of devices and what is far larger; without a tick there
	 * is none. */
	struct chart_axis below;
	struct chart_curve *curves;
	size_t n_curves;
	struct chart_band *bands;
	size_t n_bands;
	struct chart_limit *limits;
	size_t n_limits;
	struct chart_mark *marks;
	size_t n_marks;
	struct chart_note *notes;
	size_t n_notes;
	struct chart_span *spans;
	size_t n_spans;
	int levels; /* depth of the spans: highest level + 1, 0 when there are none */
	bool flame; /* spans are stacked boxes in a band of their own, not shades behind the curve
		     */
	struct chart_row *rows;
	size_t n_rows;
	struct chart_heat heat; /* then the axis of memory is one of rows */
};

struct chart_wish {
	size_t columns;  /* how many points across the picture can tell apart */
	double headroom; /* above the highest point, in parts of it: for the peak's label */
	unsigned x_ticks, y_ticks; /* about how many labels fit */
	unsigned rows;             /* how many legend rows fit, “N more” included */
	unsigned recordings;       /* how many of them several recordings may take; 0: all */
	const char *title;         /* NULL: the command line */
	growth_own own;            /* what is the user's own code beside what is so anyway */
	double from, to;           /* window in seconds; both 0: everything */
	/* How several lie over each other, where that is not each from its own start: words, and
	 * the mark at which they meet, at so many seconds, or NULL. */
	const char *aligned, *meeting;
	double meets;
	bool functions; /* show FUNC calls */
	bool flame, slope;
	bool heap;   /* a sampled heap by line, instead of what else stands beside the curve */
	bool bill;   /* what it consisted of, as areas: of a single recording */
	bool apart;  /* processes of one name each by itself */
	bool coarse; /* characters: a trend would be lost in an area, and no calls shade it */
};

void chart_free(struct chart *chart);
