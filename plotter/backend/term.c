#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/backend.h"
#include "plotter/cells.h"
#include "plotter/chart.h"
#include "plotter/theme.h"

enum { LEAST_PLOT = 5, MOST_STRIPS = 4, MOST_LETTERS = 26, COLUMN_GAP = 4, NEAR = 3 };

/* The screen from top to bottom; what has no rows is left out. */
enum part {
	TITLE,
	SUBTITLE,
	MEMORY_TITLE,
	STRIPS, /* the calls, above the curve */
	PLOT,
	AXIS,
	LABELS,
	TIME_TITLE, /* where it does not fit beside the labels */
	FLAME,      /* the calls, as stacked boxes under the curve */
	GAP,
	LEGEND,
	PARTS,
};

struct screen {
	const struct chart *chart;
	const struct theme *theme;
	struct cells cells;
	bool colour;
	int rows[PARTS], top[PARTS];
	struct cell_box plot;
	int label, entry, columns; /* of the legend: cells of a label and of a whole entry */
	int right;                 /* cells of the labels on the right; 0: there are none */
	bool lettered;             /* without colour, curves are told apart by letters */
};

/* ---- colours ---- */

static const struct cell_style plain = { CELL_PLAIN, CELL_PLAIN, false, false };
static const struct cell_style faint = { CELL_PLAIN, CELL_PLAIN, false, true };
static const struct cell_style bold = { CELL_PLAIN, CELL_PLAIN, true, false };

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

/* A terminal's paper may be black or white and does not tell: what is too dark for black is
 * lightened until it can be read on both. */
static int32_t legible(uint32_t rgb)
{
	while (luminance(rgb) < 0.22)
		rgb = lighter(rgb);
	return (int32_t)rgb;
}

static struct cell_style style_of(const struct screen *s, unsigned colour)
{
	struct cell_style style = plain;
	if (colour == CHART_OTHERS)
		return faint;
	style.ink = legible(theme_colour(s->theme, colour));
	return style;
}

/* Text on the colour itself. */
static struct cell_style block_of(const struct screen *s, unsigned colour)
{
	uint32_t paper = theme_colour(s->theme, colour);
	return (struct cell_style){ .ink = luminance(paper) > 0.2 ? 0x000000 : 0xffffff,
				    .paper = (int32_t)paper };
}

static bool is_curve(const struct chart_row *row)
{
	return row->kind == ROW_CURVE || row->kind == ROW_CHILD;
}

static size_t count_curves(const struct chart *chart)
{
	size_t n = 0;
	for (size_t i = 0; i < chart->n_rows; i++)
		n += is_curve(&chart->rows[i]);
	return n;
}

/* Which letter a colour's curve has: by its place among the legend's curves. 0: none. */
static char letter_of(const struct screen *s, unsigned colour)
{
	int n = 0;
	for (size_t i = 0; s->lettered && i < s->chart->n_rows && n < MOST_LETTERS; i++) {
		const struct chart_row *row = &s->chart->rows[i];
		if (is_curve(row) && row->colour == colour)
			return (char)('a' + n);
		n += is_curve(row);
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

static int at_most(int value, int most)
{
	return value < most ? value : most;
}

static int at_least(int value, int least)
{
	return value > least ? value : least;
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
	s->columns = at_least((width + COLUMN_GAP) / (s->entry + COLUMN_GAP), 1);
}

static int plot_rows(const struct screen *s)
{
	int rows = s->cells.height;
	for (int i = 0; i < PARTS; i++)
		rows -= i == PLOT ? 0 : s->rows[i];
	return rows;
}

/* What a low screen does without, in that order. */
static void give_way(struct screen *s)
{
	static const struct {
		enum part part;
		int least; /* rows of the curve for the part to stay */
	} order[] = {
		{ GAP, 8 },
		{ TIME_TITLE, LEAST_PLOT },
		{ MEMORY_TITLE, LEAST_PLOT },
		{ LEGEND, 4 },
		{ SUBTITLE, LEAST_PLOT },
		{ STRIPS, 3 },
		{ FLAME, 3 },
		{ LABELS, 3 },
		{ TITLE, 2 },
		{ AXIS, 1 },
	};
	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		while (s->rows[order[i].part] > 0 && plot_rows(s) < order[i].least)
			s->rows[order[i].part]--;
}

static double share_of(const struct chart_axis *axis, double value)
{
	return (value - axis->low) / (axis->high - axis->low);
}

/* The cell across that a moment is in. */
static int column_of(const struct screen *s, double seconds)
{
	return s->plot.x + (int)lround(share_of(&s->chart->x, seconds) * (2 * s->plot.w - 1)) / 2;
}

/* Half a row above the lower edge is the lowest dot; the edge itself is the axis. */
static double dots_down(const struct screen *s, const struct chart_axis *axis, double mib)
{
	double dots = 4 * s->plot.h;
	return fmin((1 - share_of(axis, mib)) * dots - 0.5, dots - 1);
}

static int row_on(const struct screen *s, const struct chart_axis *axis, double mib)
{
	if (mib <= axis->low)
		return s->plot.y + s->plot.h - (s->rows[AXIS] ? 0 : 1);
	return s->plot.y + at_least((int)floor((dots_down(s, axis, mib) + 0.5) / 4), 0);
}

static int row_of(const struct screen *s, double mib)
{
	return row_on(s, &s->chart->y, mib);
}

static const struct chart_axis *axis_of(const struct screen *s, bool right)
{
	return right ? &s->chart->right : &s->chart->y;
}

/* Where a label under the time axis begins, whole on the screen. */
static int label_start(const struct screen *s, const struct chart_tick *tick)
{
	int width = cells_width(tick->label);
	return at_least(at_most(column_of(s, tick->at) - width / 2, s->cells.width - width), 0);
}

/* Where the time axis' title stands among its labels: at the right end, else left of the last one;
 * -1: it does not fit. */
static int time_title_start(const struct screen *s)
{
	const struct chart_axis *x = &s->chart->x;
	int width = cells_width(x->title), right = s->cells.width - width, ends[2] = { 0 };
	for (size_t i = 0; i < x->n; i++) {
		ends[0] = ends[1];
		ends[1] = label_start(s, &x->ticks[i]) + cells_width(x->ticks[i].label) + 2;
	}
	if (right >= ends[1])
		return right;
	int last = label_start(s, &x->ticks[x->n - 1]), start = last - width - 2;
	return start >= ends[0] ? start - (start - ends[0]) / 2 : -1;
}

static void lay_out_across(struct screen *s)
{
	int width = s->cells.width, labels = gutter(&s->chart->y);
	s->plot.x = labels + 2 <= width / 3 ? labels + 2 : 1;
	if (s->plot.x >= width)
		s->plot.x = 0;
	s->right = gutter(&s->chart->right);
	if (s->right + 2 > width / 5)
		s->right = 0;
	s->plot.w = width - s->plot.x - (s->right ? s->right + 2 : 0);
	lay_out_legend(s);
}

static void lay_out(struct screen *s)
{
	const struct chart *chart = s->chart;
	lay_out_across(s);
	int height = s->cells.height, n_rows = at_most((int)chart->n_rows, height * s->columns);
	s->rows[TITLE] = chart->title[0] ? 1 : 0;
	s->rows[SUBTITLE] = chart->subtitle[0] ? 1 : 0;
	s->rows[MEMORY_TITLE] = s->rows[AXIS] = s->rows[LABELS] = 1;
	s->rows[TIME_TITLE] = time_title_start(s) < 0;
	if (chart->flame)
		s->rows[FLAME] = at_most(chart->levels, height / 2);
	else
		s->rows[STRIPS] = at_most(chart->levels, MOST_STRIPS);
	s->rows[LEGEND] = (n_rows + s->columns - 1) / s->columns;
	s->rows[GAP] = s->rows[LEGEND] || s->rows[FLAME] ? 1 : 0;
	give_way(s);
	s->rows[PLOT] = at_least(plot_rows(s), 1);
	for (int i = 1; i < PARTS; i++)
		s->top[i] = s->top[i - 1] + s->rows[i - 1];
	s->plot.y = s->top[PLOT];
	s->plot.h = s->rows[PLOT];
}

/* ---- parts ---- */

/* A bad end stands out, and is told where there is no room for all. */
static void draw_subtitle(struct screen *s)
{
	const char *alarm = s->chart->alarm > 0 ? s->chart->subtitle + s->chart->alarm : "";
	size_t n = strlen(s->chart->subtitle) - strlen(alarm);
	char *rest = strndup(s->chart->subtitle, n);
	int needed = at_most(cells_width(alarm), s->cells.width), row = s->top[SUBTITLE];
	if (!rest)
		return;
	int used = cells_text(&s->cells, 0, row, rest, s->cells.width - needed, &faint);
	struct cell_style style = bold;
	style.ink = legible(s->theme->peak);
	cells_text(&s->cells, used, row, alarm, needed, &style);
	free(rest);
}

static void draw_heading(struct screen *s)
{
	if (s->rows[TITLE])
		cells_text(&s->cells, 0, s->top[TITLE], s->chart->title, s->cells.width, &bold);
	if (s->rows[SUBTITLE])
		draw_subtitle(s);
}

static void draw_memory_axis(struct screen *s)
{
	const struct chart_axis *y = &s->chart->y;
	int axis = s->plot.x - 1, labelled = -1, floor_row = s->plot.y + s->plot.h;
	if (s->rows[MEMORY_TITLE])
		cells_text(&s->cells, 0, s->top[MEMORY_TITLE], y->title, s->cells.width, &faint);
	for (int row = s->plot.y; row < floor_row; row++)
		cells_put(&s->cells, axis, row, "│", '|', &faint);
	for (size_t i = 0; i < y->n; i++) {
		int row = row_of(s, y->ticks[i].at), width = cells_width(y->ticks[i].label);
		if (row == labelled)
			continue;
		labelled = row;
		if (row < floor_row)
			cells_put(&s->cells, axis, row, "┤", '+', &faint);
		cells_text(&s->cells, axis - 1 - width, row, y->ticks[i].label, axis - 1, &plain);
		for (int x = 2; x < s->plot.w && row < floor_row; x += 3)
			cells_put_soft(&s->cells, s->plot.x + x, row, "·", '.', &faint);
	}
}

/* No lines of its own: they would be taken for those of the other axis. */
static void draw_right_axis(struct screen *s)
{
	const struct chart_axis *right = &s->chart->right;
	int axis = s->plot.x + s->plot.w, width = cells_width(right->title), labelled = -1;
	if (s->right == 0)
		return;
	if (s->rows[MEMORY_TITLE])
		cells_text(&s->cells, at_least(s->cells.width - width, 0), s->top[MEMORY_TITLE],
			   right->title, width, &faint);
	for (int row = s->plot.y; row < s->plot.y + s->plot.h; row++)
		cells_put(&s->cells, axis, row, "│", '|', &faint);
	if (s->rows[AXIS])
		cells_put(&s->cells, axis, s->top[AXIS], "┘", '+', &faint);
	for (size_t i = 0; i < right->n; i++) {
		int row = row_on(s, right, right->ticks[i].at);
		if (row == labelled)
			continue;
		labelled = row;
		if (row < s->plot.y + s->plot.h)
			cells_put(&s->cells, axis, row, "├", '+', &faint);
		cells_text(&s->cells, axis + 2, row, right->ticks[i].label, s->right, &plain);
	}
}

static void draw_time_axis(struct screen *s)
{
	const struct chart_axis *x = &s->chart->x;
	int row = s->top[AXIS], end = 0;
	for (int i = 0; i < s->plot.w && s->rows[AXIS]; i++)
		cells_put(&s->cells, s->plot.x + i, row, "─", '-', &faint);
	if (s->rows[AXIS])
		cells_put(&s->cells, s->plot.x - 1, row, "└", '+', &faint);
	for (size_t i = 0; i < x->n && s->rows[LABELS]; i++) {
		int column = column_of(s, x->ticks[i].at), start = label_start(s, &x->ticks[i]);
		if (s->rows[AXIS] && column > s->plot.x)
			cells_put(&s->cells, column, row, "┬", '+', &faint);
		if (start < end)
			continue;
		end = start + 1 +
		      cells_text(&s->cells, start, s->top[LABELS], x->ticks[i].label,
				 s->cells.width, &plain);
	}
	int width = cells_width(x->title), title = time_title_start(s);
	if (title >= 0 && s->rows[LABELS])
		cells_text(&s->cells, title, s->top[LABELS], x->title, width, &faint);
	else if (s->rows[TIME_TITLE])
		cells_text(&s->cells, at_least(s->cells.width - width, 0), s->top[TIME_TITLE],
			   x->title, width, &faint);
}

/* One call: its name on its colour, or between brackets. */
static void draw_span(struct screen *s, const struct chart_span *span, int row)
{
	double most = s->plot.w;
	int from = (int)fmin(lround(share_of(&s->chart->x, span->from) * most), most - 1);
	int to = (int)fmin(lround(share_of(&s->chart->x, span->to) * most), most);
	int width = at_least(to - from, 1), x = s->plot.x + from;
	const struct cell_style style = s->colour ? block_of(s, span->colour) : plain;
	for (int i = 0; i < width; i++)
		cells_put(&s->cells, x + i, row, s->colour ? " " : "─", '-', &style);
	if (s->colour)
		cells_put(&s->cells, x, row, "▏", '|', &style);
	else
		cells_put(&s->cells, x, row, width > 1 ? "├" : "│", width > 1 ? '[' : '|', &style);
	if (!s->colour && width > 1)
		cells_put(&s->cells, x + width - 1, row, "┤", ']', &style);
	if (width >= 5)
		cells_text(&s->cells, x + 1, row, span->label, width - 2, &style);
}

static void draw_spans(struct screen *s)
{
	enum part part = s->chart->flame ? FLAME : STRIPS;
	for (size_t i = 0; i < s->chart->n_spans; i++)
		if (s->chart->spans[i].level < s->rows[part])
			draw_span(s, &s->chart->spans[i], s->top[part] + s->chart->spans[i].level);
}

/* Where a point lies, in dots from the plot's upper left corner. */
static void to_dots(const struct screen *s, const struct chart_axis *axis,
		    const struct chart_point *point, double dots[2])
{
	dots[0] = share_of(&s->chart->x, point->x) * (2 * s->plot.w - 1);
	dots[1] = dots_down(s, axis, point->y);
}

static void draw_curve(struct screen *s, const struct chart_curve *curve)
{
	bool trend = curve->role == CHART_TREND;
	const struct cell_pen pen = { .style = style_of(s, curve->colour),
				      .letter = trend ? 0 : letter_of(s, curve->colour),
				      .dash = trend ? 3 : 0 };
	for (size_t i = 0; i < curve->n; i++) {
		double from[2], to[2];
		to_dots(s, axis_of(s, curve->right), &curve->points[i ? i - 1 : 0], from);
		to_dots(s, axis_of(s, curve->right), &curve->points[i], to);
		cells_line(&s->cells, &s->plot, from, to, &pen);
	}
}

/* The area under a curve; colour keeps it apart from grid and frame. */
static void draw_area(struct screen *s, const struct chart_curve *curve)
{
	struct cell_style style = style_of(s, curve->colour);
	for (size_t i = 1; i < curve->n; i++) {
		double from[2], to[2];
		to_dots(s, &s->chart->y, &curve->points[i - 1], from);
		to_dots(s, &s->chart->y, &curve->points[i], to);
		cells_shade(&s->cells, &s->plot, from, to, &style);
	}
}

/* In text without colour and with one kind of dots, a child's letter stands at its peak. */
static void draw_letter(struct screen *s, const struct chart_curve *curve)
{
	const char text[] = { letter_of(s, curve->colour), '\0' };
	size_t peak = 0;
	for (size_t i = 1; i < curve->n; i++)
		if (curve->points[i].y > curve->points[peak].y)
			peak = i;
	if (text[0] && curve->n > 0)
		cells_put(&s->cells, column_of(s, curve->points[peak].x),
			  row_on(s, axis_of(s, curve->right), curve->points[peak].y), text, text[0],
			  &bold);
}

/* What was held between the samples: its upper edge, of which every other dot is left out. */
static void draw_band(struct screen *s, const struct chart_band *band)
{
	struct cell_pen pen = { .style = style_of(s, band->colour), .dash = 1 };
	if (s->chart->n_bands == 1)
		pen.style.ink = legible(s->theme->peak);
	for (size_t i = 1; i < band->upper; i++) {
		double from[2], to[2];
		to_dots(s, &s->chart->y, &band->points[i - 1], from);
		to_dots(s, &s->chart->y, &band->points[i], to);
		cells_line(&s->cells, &s->plot, from, to, &pen);
	}
}

/* One recording's curve stands on an area; a trend would be lost in it. */
static bool is_area(const struct screen *s)
{
	size_t n[] = { [CHART_MAIN] = 0, [CHART_CHILD] = 0, [CHART_BESIDE] = 0, [CHART_TREND] = 0 };
	for (size_t i = 0; i < s->chart->n_curves; i++)
		n[s->chart->curves[i].role]++;
	return s->colour && n[CHART_MAIN] == 1 && n[CHART_TREND] == 0;
}

/* The main curve last: where two share a cell, it has the later one's colour. */
static void draw_curves(struct screen *s)
{
	static const enum chart_role order[] = { CHART_CHILD, CHART_BESIDE, CHART_TREND,
						 CHART_MAIN };
	const struct chart *chart = s->chart;
	for (size_t i = 0; i < chart->n_curves && is_area(s); i++)
		if (chart->curves[i].role == CHART_MAIN)
			draw_area(s, &chart->curves[i]);
	for (size_t i = 0; i < chart->n_bands; i++)
		draw_band(s, &chart->bands[i]);
	for (size_t k = 0; k < sizeof order / sizeof *order; k++)
		for (size_t i = chart->n_curves; i-- > 0;)
			if (chart->curves[i].role == order[k])
				draw_curve(s, &chart->curves[i]);
	for (size_t i = chart->n_curves; i-- > 0 && !s->cells.ascii;)
		if (chart->curves[i].role == CHART_CHILD || chart->curves[i].role == CHART_BESIDE)
			draw_letter(s, &chart->curves[i]);
}

/* How far a label lies from its peak, in tenths of a cell; rows count triple, and those below more,
 * since the curve is there. */
static int distance(const struct cell_box *label, int x, int y)
{
	int gap = at_least(at_least(label->x - x, x - (label->x + label->w - 1)), 0);
	int rows = label->y - y;
	return 10 * gap + (rows < 0 ? -30 * rows : 35 * rows) + abs(label->x - (x + 2));
}

/* A blank stays on either side, except at the screen's edge. */
static bool is_free(const struct screen *s, const struct cell_box *label)
{
	int end = label->x + label->w;
	return cells_are_free(&s->cells, label->x - 1, label->y, label->w + 1) &&
	       (end >= s->cells.width || cells_are_free(&s->cells, end, label->y, 1));
}

/* The free place nearest to the peak; across the curve when there is none. */
static struct cell_box place_label(const struct screen *s, int x, int y, int width, bool *found)
{
	const int right = s->plot.x + s->plot.w - width, bottom = s->plot.y + s->plot.h - 1;
	struct cell_box best = { at_least(at_most(x + 2, right), s->plot.x), y, width, 1 };
	int least = INT_MAX;
	*found = false;
	for (int row = at_least(y - NEAR, s->plot.y); row <= at_most(y + NEAR, bottom); row++)
		for (int start = s->plot.x + 1; start <= right; start++) {
			const struct cell_box box = { start, row, width, 1 };
			int far = distance(&box, x, y);
			if (far < least && is_free(s, &box)) {
				least = far;
				best = box;
				*found = true;
			}
		}
	return best;
}

/* "peak 182.0 MiB at 0.50 s": where that is too wide, the value matters more than the time, and
 * that more than the place. */
static char *fitting_label(const struct screen *s, const struct chart_note *note)
{
	const char *label = note->label, *time = strstr(label, " at ");
	char *all = NULL;
	if (note->place && asprintf(&all, "%s · %s", label, note->place) > 0 &&
	    cells_width(all) <= s->plot.w)
		return all;
	free(all);
	if (!time || cells_width(label) <= s->plot.w)
		return strdup(label);
	return strndup(label, (size_t)(time - label));
}

static void draw_note(struct screen *s, const struct chart_note *note, bool alone)
{
	double share = share_of(&s->chart->x, note->at.x);
	if (!(share >= 0 && share <= 1))
		return;
	struct cell_style style = style_of(s, note->colour);
	if (alone)
		style.ink = legible(s->theme->peak);
	style.bold = true;
	int x = column_of(s, note->at.x);
	int y = at_most(row_of(s, note->at.y), s->plot.y + s->plot.h - 1);
	const char mark[] = { letter_of(s, note->colour), '\0' };
	cells_put(&s->cells, x, y, mark[0] ? mark : "●", mark[0] ? (char)(mark[0] - 32) : 'O',
		  &style);
	char *label = fitting_label(s, note);
	bool found;
	if (!label)
		return;
	const struct cell_box box =
		place_label(s, x, y, at_most(cells_width(label), s->plot.w), &found);
	for (int i = -1; i <= box.w; i += box.w + 1)
		if (cells_are_free(&s->cells, box.x + i, box.y, 1))
			cells_put(&s->cells, box.x + i, box.y, " ", ' ', &plain);
	cells_text(&s->cells, box.x, box.y, label, box.w, &style);
	free(label);
}

/* A step on the way to the peak: only where its label has room. */
static void draw_step(struct screen *s, const struct chart_note *note)
{
	double share = share_of(&s->chart->x, note->at.x);
	int width = cells_width(note->label), x = column_of(s, note->at.x);
	int y = at_most(row_of(s, note->at.y), s->plot.y + s->plot.h - 1);
	bool found = false;
	if (!(share >= 0 && share <= 1) || width > s->plot.w)
		return;
	const struct cell_box box = place_label(s, x, y, width, &found);
	if (!found)
		return;
	cells_put(&s->cells, x, y, "○", 'o', &bold);
	for (int i = -1; i <= box.w; i += box.w + 1)
		if (cells_are_free(&s->cells, box.x + i, box.y, 1))
			cells_put(&s->cells, box.x + i, box.y, " ", ' ', &plain);
	cells_text(&s->cells, box.x, box.y, note->label, box.w, &plain);
}

static void draw_notes(struct screen *s)
{
	const struct chart *chart = s->chart;
	size_t peaks = 0;
	for (size_t i = 0; i < chart->n_notes; i++)
		peaks += !chart->notes[i].minor;
	for (size_t i = 0; i < chart->n_notes; i++)
		if (!chart->notes[i].minor)
			draw_note(s, &chart->notes[i], peaks == 1);
	for (size_t i = 0; i < chart->n_notes; i++)
		if (chart->notes[i].minor)
			draw_step(s, &chart->notes[i]);
}

/* ---- lines across and down ---- */

static struct cell_style limit_style(const struct screen *s, const struct chart_limit *limit)
{
	if (!limit->peak && limit->colour != CHART_OTHERS)
		return style_of(s, limit->colour);
	struct cell_style style = plain;
	style.ink = legible(s->theme->peak);
	return style;
}

/* All that comes later may stand on it. */
static void draw_limit(struct screen *s, const struct chart_limit *limit)
{
	const struct cell_style style = limit_style(s, limit);
	int row = row_on(s, axis_of(s, limit->right), limit->at);
	for (int x = 0; x < s->plot.w && row < s->plot.y + s->plot.h; x++)
		cells_put_soft(&s->cells, s->plot.x + x, row, "╌", x % 2 ? ' ' : '-', &style);
}

/* On the line itself, where it is free; else over or under it. */
static void name_limit(struct screen *s, const struct chart_limit *limit)
{
	static const int rows[] = { 0, -1, 1 };
	const struct cell_style style = limit_style(s, limit);
	int row = row_on(s, axis_of(s, limit->right), limit->at);
	int width = cells_width(limit->label) + 2, left = s->plot.x + 2,
	    right = s->plot.x + s->plot.w - width;
	for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
		int x = i % 2 ? left : right, y = row + rows[i / 2];
		if (x < s->plot.x || y < s->plot.y || y >= s->plot.y + s->plot.h ||
		    !cells_are_free(&s->cells, x, y, width))
			continue;
		cells_put(&s->cells, x, y, " ", ' ', &plain);
		cells_put(&s->cells, x + width - 1, y, " ", ' ', &plain);
		cells_text(&s->cells, x + 1, y, limit->label, width - 2, &style);
		return;
	}
}

static bool is_across(const struct screen *s, double x)
{
	return x >= s->chart->x.low && x <= s->chart->x.high;
}

static void draw_mark(struct screen *s, const struct chart_mark *mark)
{
	for (int y = 0; y < s->plot.h && is_across(s, mark->x); y++)
		cells_put_soft(&s->cells, column_of(s, mark->x), s->plot.y + y, "╎", ':', &faint);
}

/* Beside its line at the top, as far down as it takes; where there is no room the line must do. */
static void name_mark(struct screen *s, const struct chart_mark *mark)
{
	int x = column_of(s, mark->x), end = s->plot.x + s->plot.w;
	int width = at_most(cells_width(mark->label), s->plot.w / 3);
	if (!is_across(s, mark->x) || width < 1)
		return;
	int start = x + 1 + width <= end ? x + 1 : x - width;
	for (int y = s->plot.y; y < s->plot.y + at_most(4, s->plot.h); y++) {
		bool apart = start + width >= end || cells_are_free(&s->cells, start + width, y, 1);
		if (start <= s->plot.x || !apart ||
		    !cells_are_free(&s->cells, start - 1, y, width + 1))
			continue;
		cells_text(&s->cells, start, y, mark->label, width, &plain);
		return;
	}
}

static void draw_row(struct screen *s, const struct chart_row *row, int x, int y)
{
	static const struct {
		const char *unicode[2], *ascii;
	} swatches[] = {
		[ROW_CURVE] = { { "━", "━" }, "--" }, [ROW_CHILD] = { { "━", "━" }, "--" },
		[ROW_TREND] = { { "╌", "╌" }, "- " }, [ROW_FUNCTION] = { { "█", "█" }, "[]" },
		[ROW_BAND] = { { "⠒", "⠒" }, "''" },  [ROW_MORE] = { { " ", " " }, "  " },
	};
	struct cell_style style = style_of(s, row->colour);
	if (row->kind == ROW_BAND && s->chart->n_bands == 1)
		style.ink = legible(s->theme->peak);
	const char letter[] = { is_curve(row) ? letter_of(s, row->colour) : '\0', '\0' };
	for (int i = 0; i < 2; i++)
		cells_put(&s->cells, x + i, y, swatches[row->kind].unicode[i],
			  swatches[row->kind].ascii[i], &style);
	for (int i = 0; i < 2 && letter[0]; i += s->cells.ascii ? 1 : 2)
		cells_put(&s->cells, x + i, y, letter, letter[0], &style);
	cells_text(&s->cells, x + 3, y, row->label, at_most(s->label, s->entry - 3),
		   row->kind == ROW_MORE ? &faint : &plain);
	int room = s->entry - 3 - s->label - 2;
	if (room > 6)
		cells_text(&s->cells, x + 3 + s->label + 2, y, row->detail, room, &plain);
}

static void draw_legend(struct screen *s)
{
	int shown = at_most((int)s->chart->n_rows, s->rows[LEGEND] * s->columns);
	for (int i = 0; i < shown; i++)
		draw_row(s, &s->chart->rows[i], i / s->rows[LEGEND] * (s->entry + COLUMN_GAP),
			 s->top[LEGEND] + i % s->rows[LEGEND]);
}

static void draw_lines(struct screen *s)
{
	for (size_t i = 0; i < s->chart->n_limits; i++)
		draw_limit(s, &s->chart->limits[i]);
	for (size_t i = 0; i < s->chart->n_marks; i++)
		draw_mark(s, &s->chart->marks[i]);
}

static void name_lines(struct screen *s)
{
	for (size_t i = 0; i < s->chart->n_limits; i++)
		name_limit(s, &s->chart->limits[i]);
	for (size_t i = 0; i < s->chart->n_marks; i++)
		name_mark(s, &s->chart->marks[i]);
}

static enum cell_colours colours_of(const struct canvas *canvas)
{
	const char *depth = getenv("COLORTERM");
	if (!canvas->colour)
		return COLOURS_NONE;
	return depth && (strcmp(depth, "truecolor") == 0 || strcmp(depth, "24bit") == 0)
		       ? COLOURS_TRUE
		       : COLOURS_256;
}

static int draw(const struct chart *chart, const struct canvas *canvas, FILE *out)
{
	struct screen s = { .chart = chart, .theme = canvas->theme, .colour = canvas->colour };
	int r = cells_open(&s.cells, (int)canvas->width, (int)canvas->height, canvas->ascii);
	if (r < 0)
		return r;
	s.lettered = !canvas->colour && count_curves(chart) > 1;
	lay_out(&s);
	draw_heading(&s);
	draw_memory_axis(&s);
	draw_right_axis(&s);
	draw_time_axis(&s);
	draw_spans(&s);
	draw_lines(&s);
	draw_curves(&s);
	draw_notes(&s);
	name_lines(&s);
	draw_legend(&s);
	cells_print(&s.cells, colours_of(canvas), out);
	cells_close(&s.cells);
	return ferror(out) ? -EIO : 0;
}

const struct backend backend_term = {
	.name = "term",
	.extensions = "txt",
	.summary = "characters: braille with colour on a terminal, ASCII with --ascii",
	.cells = true,
	.draw = draw,
};
