#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/backend.h"
#include "plotter/chart.h"
#include "plotter/screen.h"
#include "plotter/theme.h"
#include "share/text.h"

enum { NARROWEST = 16, LOWEST = 4, MOST_STRIPS = 3, MOST_BOXES = 12 };

/* Where things stand, in cells. */
struct term {
	const struct chart *chart;
	const struct canvas *canvas;
	struct screen screen;
	int left, top, width, height; /* of the plot */
	int strips, n_strips;         /* rows of the calls, under the time axis */
	int legend, n_legend;
};

static double cells_of(void *context, const char *text)
{
	(void)context;
	double n = 0;
	for (uint32_t c; (c = text_next(&text));)
		n += text_cells(c);
	return n;
}

static uint32_t colour_of(const struct term *t, unsigned index)
{
	return theme_colour(t->canvas->theme, index);
}

/* Writes a text cut to `room` cells; returns the cells used. */
static int put(struct term *t, int x, int y, int room, const char *text, bool coloured,
	       uint32_t rgb, bool bold)
{
	char *copy = strdup(text);
	if (!copy || room <= 0) {
		free(copy);
		return 0;
	}
	text_shorten(copy, room, cells_of, NULL);
	int used = screen_text(&t->screen, x, y, room, copy, coloured, rgb, bold);
	free(copy);
	return used;
}

static int put_muted(struct term *t, int x, int y, int room, const char *text)
{
	return put(t, x, y, room, text, true, t->canvas->theme->muted, false);
}

/* ---- layout ---- */

static int gutter(const struct chart *chart)
{
	double widest = 3;
	for (size_t i = 0; i < chart->y.n; i++)
		widest = fmax(widest, cells_of(NULL, chart->y.ticks[i].label));
	return (int)widest + 2;
}

static void lay_out(struct term *t)
{
	int height = t->screen.height, heading = height >= 10 ? 3 : height >= 6 ? 1 : 0;
	int most = t->chart->flame ? MOST_BOXES : MOST_STRIPS;
	t->n_strips = t->chart->levels < most ? t->chart->levels : most;
	if (t->n_strips > height / 4)
		t->n_strips = height / 4;
	t->n_legend = (int)t->chart->n_rows < height / 3 ? (int)t->chart->n_rows : height / 3;
	t->left = gutter(t->chart);
	t->top = heading;
	t->width = t->screen.width - t->left - 1;
	t->height = height - heading - 2 - t->n_strips - t->n_legend;
	t->strips = t->top + t->height + 2;
	t->legend = t->strips + t->n_strips;
}

static int dot_x(const struct term *t, double seconds)
{
	const struct chart_axis *x = &t->chart->x;
	return 2 * t->left +
	       (int)lround((seconds - x->low) / (x->high - x->low) * (2 * t->width - 1));
}

static int dot_y(const struct term *t, double mib)
{
	const struct chart_axis *y = &t->chart->y;
	return 4 * t->top +
	       (int)lround((1 - (mib - y->low) / (y->high - y->low)) * (4 * t->height - 1));
}

/* ---- parts ---- */

static void draw_heading(struct term *t)
{
	char line[128];
	if (t->top == 0)
		return;
	put(t, 0, 0, t->screen.width, t->chart->title, false, 0, true);
	if (t->top < 3)
		return;
	int used = put_muted(t, 0, 1, t->screen.width, t->chart->subtitle);
	snprintf(line, sizeof line, "%s%s", used > 0 ? " · " : "", t->chart->y.title);
	put_muted(t, used, 1, t->screen.width - used, line);
}

static void draw_axes(struct term *t)
{
	const uint32_t frame = t->canvas->theme->frame;
	int floor_row = t->top + t->height, end = 0;
	for (int y = t->top; y < floor_row; y++)
		screen_text(&t->screen, t->left - 1, y, 1, "│", true, frame, false);
	screen_text(&t->screen, t->left - 1, floor_row, 1, "└", true, frame, false);
	for (int x = 0; x < t->width; x++)
		screen_text(&t->screen, t->left + x, floor_row, 1, "─", true, frame, false);
	for (size_t i = 0; i < t->chart->y.n; i++) {
		const struct chart_tick *tick = &t->chart->y.ticks[i];
		int row = dot_y(t, tick->at) / 4;
		row = row >= floor_row ? floor_row - 1 : row;
		int width = (int)cells_of(NULL, tick->label);
		put_muted(t, t->left - 2 - width, row, width, tick->label);
		screen_text(&t->screen, t->left - 1, row, 1, "┤", true, frame, false);
	}
	for (size_t i = 0; i < t->chart->x.n; i++) {
		const struct chart_tick *tick = &t->chart->x.ticks[i];
		int column = dot_x(t, tick->at) / 2, width = (int)cells_of(NULL, tick->label);
		int start = column - width / 2;
		if (start < end || start + width > t->screen.width)
			continue;
		screen_text(&t->screen, column, floor_row, 1, "┬", true, frame, false);
		put_muted(t, start, floor_row + 1, width, tick->label);
		end = start + width + 1;
	}
	int width = (int)cells_of(NULL, t->chart->x.title);
	if (end + width <= t->screen.width)
		put_muted(t, t->screen.width - width, floor_row + 1, width, t->chart->x.title);
}

static bool is_shown(const struct term *t, int x, int y)
{
	return x >= 2 * t->left && x < 2 * (t->left + t->width) && y >= 4 * t->top &&
	       y < 4 * (t->top + t->height);
}

static void draw_curve(struct term *t, const struct chart_curve *curve)
{
	uint32_t rgb = colour_of(t, curve->colour);
	int before_x = 0, before_y = 0;
	for (size_t i = 0; i < curve->n; i++) {
		int x = dot_x(t, curve->points[i].x), y = dot_y(t, curve->points[i].y);
		bool shown = is_shown(t, x, y), joined = i > 0 && is_shown(t, before_x, before_y);
		if (shown && joined)
			screen_line(&t->screen, before_x, before_y, x, y, rgb);
		else if (shown)
			screen_dot(&t->screen, x, y, rgb);
		before_x = x;
		before_y = y;
	}
}

static void draw_curves(struct term *t)
{
	static const enum chart_role order[] = { CHART_CHILD, CHART_TREND, CHART_MAIN };
	for (size_t k = 0; k < sizeof order / sizeof *order; k++)
		for (size_t i = t->chart->n_curves; i-- > 0;)
			if (t->chart->curves[i].role == order[k])
				draw_curve(t, &t->chart->curves[i]);
}

/* A dot on the peak and its label beside it, on the row above where there is one. */
static void draw_note(struct term *t, const struct chart_note *note)
{
	int x = dot_x(t, note->at.x), y = dot_y(t, note->at.y);
	uint32_t rgb = t->chart->n_notes == 1 ? t->canvas->theme->peak : colour_of(t, note->colour);
	if (!is_shown(t, x, y))
		return;
	int column = x / 2, row = y / 4, width = (int)cells_of(NULL, note->label);
	screen_text(&t->screen, column, row, 1, "●", true, rgb, true);
	row -= row > t->top;
	int start = column + 2 + width <= t->left + t->width ? column + 2 : column - 1 - width;
	start = start < t->left ? t->left : start;
	put(t, start, row, t->left + t->width - start, note->label, true, rgb, true);
}

static void draw_span(struct term *t, const struct chart_span *span)
{
	int from = dot_x(t, span->from) / 2, to = dot_x(t, span->to) / 2,
	    row = t->strips + span->level;
	int end = t->left + t->width;
	to = to >= end ? end - 1 : to;
	int width = to - from > 0 ? to - from : 1;
	if (t->screen.colour) {
		screen_fill(&t->screen, from, row, width, colour_of(t, span->colour));
		put(t, from, row, width, width >= 3 ? span->label : "", false, 0, false);
		return;
	}
	screen_text(&t->screen, from, row, 1, "|", false, 0, false);
	for (int i = 1; i < width; i++)
		screen_text(&t->screen, from + i, row, 1, "─", false, 0, false);
	if (width >= 5)
		put(t, from + 1, row, width - 2, span->label, false, 0, false);
}

static void draw_legend(struct term *t)
{
	for (int i = 0; i < t->n_legend; i++) {
		const struct chart_row *row = &t->chart->rows[i];
		int y = t->legend + i, x = 2, room = t->screen.width;
		bool cut = i + 1 == t->n_legend && t->n_legend < (int)t->chart->n_rows;
		if (cut) {
			char more[32];
			snprintf(more, sizeof more, "%d more", (int)t->chart->n_rows - i);
			put_muted(t, x, y, room - x, more);
			return;
		}
		if (row->kind != ROW_MORE)
			screen_text(&t->screen, 0, y, 1,
				    row->kind == ROW_FUNCTION ? "█"
				    : row->kind == ROW_TREND  ? "╌"
							      : "━",
				    true, colour_of(t, row->colour), false);
		x += put(t, x, y, room / 2 - x, row->label, false, 0, false);
		x = x < room / 3 ? room / 3 : x + 2;
		put_muted(t, x, y, room - x, row->detail);
	}
}

static int draw(const struct chart *chart, const struct canvas *canvas, FILE *out)
{
	struct term t = { .chart = chart, .canvas = canvas };
	int r = screen_open(&t.screen, (int)fmax(canvas->width, NARROWEST),
			    (int)fmax(canvas->height, LOWEST), canvas->ascii, canvas->colour);
	if (r < 0)
		return r;
	lay_out(&t);
	draw_heading(&t);
	if (t.width > 0 && t.height > 0) {
		draw_axes(&t);
		draw_curves(&t);
		for (size_t i = 0; i < chart->n_notes; i++)
			draw_note(&t, &chart->notes[i]);
		for (size_t i = 0; i < chart->n_spans; i++)
			if (chart->spans[i].level < t.n_strips)
				draw_span(&t, &chart->spans[i]);
	}
	draw_legend(&t);
	screen_print(&t.screen, out);
	screen_close(&t.screen);
	return 0;
}

const struct backend backend_term = {
	.name = "term",
	.extensions = "txt",
	.summary = "characters for a terminal: braille, or ASCII",
	.cells = true,
	.draw = draw,
};
