#include "plotter/screen/screen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_PLOT = 5, LEAST_BELOW = 2, MOST_STRIPS = 4, MOST_LETTERS = 26 };

/* ---- colours ---- */

const struct cell_style screen_plain = { CELL_PLAIN, CELL_PLAIN, false, false };
const struct cell_style screen_faint = { CELL_PLAIN, CELL_PLAIN, false, true };
const struct cell_style screen_bold = { CELL_PLAIN, CELL_PLAIN, true, false };

/* Relative luminance, roughly (WCAG 2's with a gamma of 2). */
static double luminance(uint32_t rgb)
{
	double r = (rgb >> 16 & 0xff) / 255.0, g = (rgb >> 8 & 0xff) / 255.0,
	       b = (rgb & 0xff) / 255.0;
	return 0.2126 * r * r + 0.7152 * g * g + 0.0722 * b * b;
}

static uint32_t lighter(uint32_t rgb)
{
	uint32_t result = 0;
	for (int shift = 0; shift <= 16; shift += 8) {
		uint32_t channel = rgb >> shift & 0xff;
		result |= (channel + (255 - channel + 7) / 8) << shift;
	}
	return result;
}

int32_t screen_legible(uint32_t rgb)
{
	while (luminance(rgb) < 0.22)
		rgb = lighter(rgb);
	return (int32_t)rgb;
}

struct cell_style screen_style(const struct screen *s, unsigned colour)
{
	struct cell_style style = screen_plain;
	if (colour == CHART_OTHERS)
		return screen_faint;
	style.ink = screen_legible(theme_colour(s->theme, colour));
	return style;
}

struct cell_style screen_block(const struct screen *s, unsigned colour)
{
	uint32_t paper = theme_colour(s->theme, colour);
	return (struct cell_style){ .ink = luminance(paper) > 0.2 ? 0x000000 : 0xffffff,
				    .paper = (int32_t)paper };
}

bool screen_is_curve(const struct chart_row *row)
{
	return row->kind == ROW_CURVE || row->kind == ROW_CHILD || row->kind == ROW_AREA;
}

static size_t count_curves(const struct chart *chart)
{
	size_t n = 0;
	for (size_t i = 0; i < chart->n_rows; i++)
		n += screen_is_curve(&chart->rows[i]);
	return n;
}

char screen_letter(const struct screen *s, unsigned colour)
{
	int n = 0;
	for (size_t i = 0; s->lettered && i < s->chart->n_rows && n < MOST_LETTERS; i++) {
		const struct chart_row *row = &s->chart->rows[i];
		if (screen_is_curve(row) && row->colour == colour)
			return (char)('a' + n);
		n += screen_is_curve(row);
	}
	return 0;
}

/* ---- layout ---- */

static int gutter(const struct chart_axis *axis)
{
	int widest = 0;
	for (size_t i = 0; i < axis->n; i++) {
		int width = cells_width(axis->ticks[i].label);
		widest = width > widest ? width : widest;
	}
	return widest;
}

/* "── label  detail", the details under each other; as many columns as fit. */
static void lay_out_legend(struct screen *s)
{
	int label = 0, detail = 0, width = s->cells.width;
	for (size_t i = 0; i < s->chart->n_rows; i++) {
		label = at_least(cells_width(s->chart->rows[i].label), label);
		detail = at_least(cells_width(s->chart->rows[i].detail), detail);
	}
	s->label = at_most(label, at_least(width - 3 - 2 - detail, width / 3));
	s->entry = at_most(3 + s->label + 2 + detail, width);
	s->columns = at_least((width + SCREEN_GAP) / (s->entry + SCREEN_GAP), 1);
}

static int plot_rows(const struct screen *s)
{
	int rows = s->cells.height;
	for (int i = 0; i < PARTS; i++)
		rows -= i == PART_PLOT ? 0 : s->rows[i];
	return rows;
}

/* What a low screen does without, in that order. */
static void give_way(struct screen *s)
{
	static const struct {
		enum part part;
		int least; /* rows of the curve for the part to stay */
	} order[] = {
		{ PART_GAP, 8 },
		{ PART_TIME_TITLE, LEAST_PLOT },
		{ PART_MEMORY_TITLE, LEAST_PLOT },
		{ PART_LEGEND, 4 },
		{ PART_BELOW, 4 },
		{ PART_SUBTITLE, LEAST_PLOT },
		{ PART_STRIPS, 3 },
		{ PART_FLAME, 3 },
		{ PART_LABELS, 3 },
		{ PART_TITLE, 2 },
		{ PART_AXIS, 1 },
	};
	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		while (s->rows[order[i].part] > 0 && plot_rows(s) < order[i].least)
			s->rows[order[i].part]--;
	if (s->rows[PART_BELOW] < LEAST_BELOW)
		s->rows[PART_BELOW] = s->rows[PART_BELOW_TITLE] = 0;
}

double screen_share(const struct chart_axis *axis, double value)
{
	return chart_share(axis, value);
}

int screen_column(const struct screen *s, double seconds)
{
	return s->plot.x +
	       (int)lround(screen_share(&s->chart->x, seconds) * (2 * s->plot.w - 1)) / 2;
}

/* Half a row above the lower edge is the lowest dot; the edge itself is the axis. */
static double dots_down(const struct screen *s, bool below, double mib)
{
	double dots = 4 * screen_pane(s, below)->h;
	return fmin((1 - screen_share(screen_axis(s, below), mib)) * dots - 0.5, dots - 1);
}

int screen_row_on(const struct screen *s, bool below, double mib)
{
	const struct cell_box *pane = screen_pane(s, below);
	bool floored = s->rows[s->rows[PART_BELOW] && !below ? PART_BELOW_TITLE : PART_AXIS] > 0;
	if (mib <= screen_axis(s, below)->low)
		return pane->y + pane->h - (floored ? 0 : 1);
	return pane->y + at_least((int)floor((dots_down(s, below, mib) + 0.5) / 4), 0);
}

int screen_row(const struct screen *s, double mib)
{
	return screen_row_on(s, false, mib);
}

const struct chart_axis *screen_axis(const struct screen *s, bool below)
{
	return below ? &s->chart->below : &s->chart->y;
}

const struct cell_box *screen_pane(const struct screen *s, bool below)
{
	return below ? &s->below : &s->plot;
}

int screen_label_start(const struct screen *s, const struct chart_tick *tick)
{
	int width = cells_width(tick->label);
	return at_least(at_most(screen_column(s, tick->at) - width / 2, s->cells.width - width), 0);
}

int screen_time_title(const struct screen *s)
{
	const struct chart_axis *x = &s->chart->x;
	int width = cells_width(x->title), right = s->cells.width - width, ends[2] = { 0 };
	for (size_t i = 0; i < x->n; i++) {
		ends[0] = ends[1];
		ends[1] = screen_label_start(s, &x->ticks[i]) + cells_width(x->ticks[i].label) + 2;
	}
	if (right >= ends[1])
		return right;
	int last = screen_label_start(s, &x->ticks[x->n - 1]), start = last - width - 2;
	return start >= ends[0] ? start - (start - ends[0]) / 2 : -1;
}

static void lay_out_across(struct screen *s)
{
	int width = s->cells.width,
	    labels = at_least(gutter(&s->chart->y), gutter(&s->chart->below));
	s->plot.x = labels + 2 <= width / 3 ? labels + 2 : 1;
	if (s->plot.x >= width)
		s->plot.x = 0;
	s->plot.w = width - s->plot.x;
	lay_out_legend(s);
}

void screen_lay_out(struct screen *s)
{
	const struct chart *chart = s->chart;
	s->lettered = !s->colour && count_curves(chart) > 1;
	lay_out_across(s);
	int height = s->cells.height, n_rows = at_most((int)chart->n_rows, height * s->columns);
	s->rows[PART_TITLE] = chart->title[0] ? 1 : 0;
	s->rows[PART_SUBTITLE] = chart->subtitle[0] ? 1 : 0;
	s->rows[PART_MEMORY_TITLE] = s->rows[PART_AXIS] = s->rows[PART_LABELS] = 1;
	s->rows[PART_TIME_TITLE] = screen_time_title(s) < 0;
	if (chart->flame)
		s->rows[PART_FLAME] = at_most(chart->levels, height / 2);
	else
		s->rows[PART_STRIPS] = at_most(chart->levels, MOST_STRIPS);
	s->rows[PART_LEGEND] = (n_rows + s->columns - 1) / s->columns;
	s->rows[PART_GAP] = s->rows[PART_LEGEND] || s->rows[PART_FLAME] ? 1 : 0;
	s->rows[PART_BELOW_TITLE] = chart->below.n > 0;
	s->rows[PART_BELOW] = chart->below.n > 0 ? at_least(height / 4, LEAST_BELOW) : 0;
	give_way(s);
	s->rows[PART_PLOT] = at_least(plot_rows(s), 1);
	for (int i = 1; i < PARTS; i++)
		s->top[i] = s->top[i - 1] + s->rows[i - 1];
	s->plot.y = s->top[PART_PLOT];
	s->plot.h = s->rows[PART_PLOT];
	s->below =
		(struct cell_box){ s->plot.x, s->top[PART_BELOW], s->plot.w, s->rows[PART_BELOW] };
}

void screen_dots(const struct screen *s, bool below, const struct chart_point *point,
		 double dots[2])
{
	dots[0] = screen_share(&s->chart->x, point->x) * (2 * s->plot.w - 1);
	dots[1] = dots_down(s, below, point->y);
}
