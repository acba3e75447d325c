#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/backend/backend.h"
#include "plotter/chart/chart.h"
#include "plotter/figure/theme.h"
#include "plotter/screen/cells.h"
#include "plotter/screen/heat.h"
#include "plotter/screen/screen.h"
#include "plotter/screen/tags.h"

/* A bad end stands out, and is told where there is no room for all. */
static void draw_subtitle(struct screen *s)
{
	const char *alarm = s->chart->alarm > 0 ? s->chart->subtitle + s->chart->alarm : "";
	size_t n = strlen(s->chart->subtitle) - strlen(alarm);
	char *rest = strndup(s->chart->subtitle, n);
	int needed = at_most(cells_width(alarm), s->cells.width), row = s->top[PART_SUBTITLE];
	if (!rest)
		return;
	int used = cells_text(&s->cells, 0, row, rest, s->cells.width - needed, &screen_faint);
	struct cell_style style = screen_bold;
	style.ink = screen_legible(s->theme->peak);
	cells_text(&s->cells, used, row, alarm, needed, &style);
	free(rest);
}

static void draw_heading(struct screen *s)
{
	if (s->rows[PART_TITLE])
		cells_text(&s->cells, 0, s->top[PART_TITLE], s->chart->title, s->cells.width,
			   &screen_bold);
	if (s->rows[PART_SUBTITLE])
		draw_subtitle(s);
}

/* The title of the pane beneath stands on the floor of the one above. */
static void draw_title(struct screen *s, bool below)
{
	const char *title = screen_axis(s, below)->title;
	int row = s->top[below ? PART_BELOW_TITLE : PART_MEMORY_TITLE];
	if (!below && s->rows[PART_MEMORY_TITLE])
		cells_text(&s->cells, 0, row, title, s->cells.width, &screen_faint);
	if (!below)
		return;
	cells_put(&s->cells, s->plot.x - 1, row, "└", '+', &screen_faint);
	int width = at_most(cells_width(title), at_least(s->plot.w - 4, 0));
	for (int i = 0; i < s->plot.w; i++)
		if (i < 1 || i > width + 2)
			cells_put(&s->cells, s->plot.x + i, row, "─", '-', &screen_faint);
	cells_text(&s->cells, s->plot.x + 2, row, title, width, &screen_faint);
}

static void draw_memory_axis(struct screen *s, bool below)
{
	const struct chart_axis *y = screen_axis(s, below);
	const struct cell_box *pane = screen_pane(s, below);
	int axis = pane->x - 1, labelled = -1, floor_row = pane->y + pane->h;
	for (int row = pane->y; row < floor_row; row++)
		cells_put(&s->cells, axis, row, "│", '|', &screen_faint);
	draw_title(s, below);
	for (size_t i = 0; i < y->n; i++) {
		int row = screen_row_on(s, below, y->ticks[i].at),
		    width = cells_width(y->ticks[i].label);
		if (row == labelled)
			continue;
		labelled = row;
		if (row < floor_row)
			cells_put(&s->cells, axis, row, "┤", '+', &screen_faint);
		cells_text(&s->cells, axis - 1 - width, row, y->ticks[i].label, axis - 1,
			   &screen_plain);
		for (int x = 2; x < pane->w && row < floor_row; x += 3)
			cells_put_soft(&s->cells, pane->x + x, row, "·", '.', &screen_faint);
	}
}

static void draw_time_axis(struct screen *s)
{
	const struct chart_axis *x = &s->chart->x;
	int row = s->top[PART_AXIS], end = 0;
	for (int i = 0; i < s->plot.w && s->rows[PART_AXIS]; i++)
		cells_put(&s->cells, s->plot.x + i, row, "─", '-', &screen_faint);
	if (s->rows[PART_AXIS])
		cells_put(&s->cells, s->plot.x - 1, row, "└", '+', &screen_faint);
	for (size_t i = 0; i < x->n && s->rows[PART_LABELS]; i++) {
		int column = screen_column(s, x->ticks[i].at),
		    start = screen_label_start(s, &x->ticks[i]);
		if (s->rows[PART_AXIS] && column > s->plot.x)
			cells_put(&s->cells, column, row, "┬", '+', &screen_faint);
		if (start < end)
			continue;
		end = start + 1 +
		      cells_text(&s->cells, start, s->top[PART_LABELS], x->ticks[i].label,
				 s->cells.width, &screen_plain);
	}
	int width = cells_width(x->title), title = screen_time_title(s);
	if (title >= 0 && s->rows[PART_LABELS])
		cells_text(&s->cells, title, s->top[PART_LABELS], x->title, width, &screen_faint);
	else if (s->rows[PART_TIME_TITLE])
		cells_text(&s->cells, at_least(s->cells.width - width, 0), s->top[PART_TIME_TITLE],
			   x->title, width, &screen_faint);
}

/* One call: its name on its colour, or between brackets. */
static void draw_span(struct screen *s, const struct chart_span *span, int row)
{
	double most = s->plot.w;
	int from = (int)fmin(lround(screen_share(&s->chart->x, span->from) * most), most - 1);
	int to = (int)fmin(lround(screen_share(&s->chart->x, span->to) * most), most);
	int width = at_least(to - from, 1), x = s->plot.x + from;
	const struct cell_style style = s->colour ? screen_block(s, span->colour) : screen_plain;
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
	enum part part = s->chart->flame ? PART_FLAME : PART_STRIPS;
	for (size_t i = 0; i < s->chart->n_spans; i++)
		if (s->chart->spans[i].level < s->rows[part])
			draw_span(s, &s->chart->spans[i], s->top[part] + s->chart->spans[i].level);
}

static void draw_curve(struct screen *s, const struct chart_curve *curve)
{
	const struct cell_pen pen = { .style = screen_style(s, curve->colour),
				      .letter = curve->dashed ? 0 : screen_letter(s, curve->colour),
				      .dash = curve->dashed ? 3 : 0 };
	for (size_t i = 0; i < curve->n && screen_pane(s, curve->below)->h > 0; i++) {
		double from[2], to[2];
		bool joined = i > 0 && !curve->points[i].apart;
		screen_dots(s, curve->below, &curve->points[i - joined], from);
		screen_dots(s, curve->below, &curve->points[i], to);
		cells_line(&s->cells, screen_pane(s, curve->below), from, to, &pen);
	}
}

/* The area under a curve; colour keeps it apart from grid and frame. */
static void draw_area(struct screen *s, const struct chart_curve *curve)
{
	struct cell_style style = screen_style(s, curve->colour);
	for (size_t i = 1; i < curve->n; i++) {
		double from[2], to[2];
		if (curve->points[i].apart)
			continue;
		screen_dots(s, false, &curve->points[i - 1], from);
		screen_dots(s, false, &curve->points[i], to);
		cells_shade(&s->cells, &s->plot, from, to, &style);
	}
}

/* In text without colour and with one kind of dots, a child's letter stands at its peak. */
static void draw_letter(struct screen *s, const struct chart_curve *curve)
{
	const char text[] = { screen_letter(s, curve->colour), '\0' };
	size_t peak = 0;
	for (size_t i = 1; i < curve->n; i++)
		if (curve->points[i].y > curve->points[peak].y)
			peak = i;
	if (text[0] && curve->n > 0 && screen_pane(s, curve->below)->h > 0)
		cells_put(&s->cells, screen_column(s, curve->points[peak].x),
			  screen_row_on(s, curve->below, curve->points[peak].y), text, text[0],
			  &screen_bold);
}

/* What was held between the samples: its upper edge, of which every other dot is left out. */
static void draw_band(struct screen *s, const struct chart_band *band)
{
	const struct cell_pen pen = { .style = screen_style(s, band->colour),
				      .letter = band->stacked ? screen_letter(s, band->colour) : 0,
				      .dash = band->stacked ? 0 : 1 };
	for (size_t i = 1; i < band->upper && screen_pane(s, band->below)->h > 0; i++) {
		double from[2], to[2];
		screen_dots(s, band->below, &band->points[i - 1], from);
		screen_dots(s, band->below, &band->points[i], to);
		if (band->stacked && s->colour)
			cells_shade(&s->cells, screen_pane(s, band->below), from, to, &pen.style);
		cells_line(&s->cells, screen_pane(s, band->below), from, to, &pen);
	}
}

/* The main curve last: where two share a cell, it has the later one's colour. */
static void draw_curves(struct screen *s)
{
	static const enum chart_role order[] = { CHART_CHILD, CHART_BESIDE, CHART_TREND,
						 CHART_MAIN };
	const struct chart *chart = s->chart;
	for (size_t i = 0; i < chart->n_curves && s->colour; i++)
		if (chart->curves[i].filled)
			draw_area(s, &chart->curves[i]);
	for (size_t i = chart->n_bands; i-- > 0;) /* what stands on others is under them */
		draw_band(s, &chart->bands[i]);
	for (size_t k = 0; k < sizeof order / sizeof *order; k++)
		for (size_t i = chart->n_curves; i-- > 0;)
			if (chart->curves[i].role == order[k])
				draw_curve(s, &chart->curves[i]);
	for (size_t i = chart->n_curves; i-- > 0 && !s->cells.ascii;)
		if (chart->curves[i].role == CHART_CHILD || chart->curves[i].role == CHART_BESIDE)
			draw_letter(s, &chart->curves[i]);
}

static void draw_row(struct screen *s, const struct chart_row *row, int x, int y)
{
	static const struct {
		const char *unicode[2], *ascii;
	} swatches[] = {
		[ROW_CURVE] = { { "━", "━" }, "--" }, [ROW_CHILD] = { { "━", "━" }, "--" },
		[ROW_TREND] = { { "╌", "╌" }, "- " }, [ROW_FUNCTION] = { { "█", "█" }, "[]" },
		[ROW_BAND] = { { "⠒", "⠒" }, "''" },  [ROW_MORE] = { { " ", " " }, "  " },
		[ROW_AREA] = { { "█", "█" }, "##" },
	};
	const struct cell_style style = screen_style(s, row->colour);
	const char letter[] = { screen_is_curve(row) ? screen_letter(s, row->colour) : '\0', '\0' };
	for (int i = 0; i < 2; i++)
		cells_put(&s->cells, x + i, y, swatches[row->kind].unicode[i],
			  swatches[row->kind].ascii[i], &style);
	for (int i = 0; i < 2 && letter[0]; i += s->cells.ascii ? 1 : 2)
		cells_put(&s->cells, x + i, y, letter, letter[0], &style);
	cells_text(&s->cells, x + 3, y, row->label, at_most(s->label, s->entry - 3),
		   row->kind == ROW_MORE ? &screen_faint : &screen_plain);
	int room = s->entry - 3 - s->label - 2;
	if (room > 6)
		cells_text(&s->cells, x + 3 + s->label + 2, y, row->detail, room, &screen_plain);
}

/* What finds no room is counted in the last place. */
static void draw_legend(struct screen *s)
{
	char left_out[32];
	int n = (int)s->chart->n_rows, rows = s->rows[PART_LEGEND];
	int shown = at_most(n, rows * s->columns);
	for (int i = 0; i < shown; i++) {
		const struct chart_row more = { ROW_MORE, CHART_OTHERS, left_out, (char[]){ "" } };
		bool last = i > 0 && i == shown - 1 && shown < n;
		snprintf(left_out, sizeof left_out, "%d more", n - i);
		draw_row(s, last ? &more : &s->chart->rows[i], i / rows * (s->entry + SCREEN_GAP),
			 s->top[PART_LEGEND] + i % rows);
	}
}

static int draw(const struct chart *chart, const struct canvas *canvas, FILE *out)
{
	struct screen s = { .chart = chart, .theme = canvas->theme, .colour = canvas->colour };
	int r = cells_open(&s.cells, (int)canvas->width, (int)canvas->height, canvas->ascii);
	if (r < 0)
		return r;
	screen_lay_out(&s);
	draw_heading(&s);
	draw_memory_axis(&s, false);
	if (s.below.h > 0)
		draw_memory_axis(&s, true);
	draw_time_axis(&s);
	draw_spans(&s);
	tags_lines(&s);
	if (chart->heat.rows > 0)
		heat_cells(&s);
	draw_curves(&s);
	tags_notes(&s);
	tags_names(&s);
	draw_legend(&s);
	cells_print(&s.cells, cells_colours(canvas->colour), out);
	cells_close(&s.cells);
	return ferror(out) ? -EIO : 0;
}

const struct backend backend_term = {
	.name = "term",
	.extensions = "txt",
	.summary = "characters: braille with colour on a terminal, ASCII with --ascii",
	.places = TO_FILE | TO_TERMINAL,
	.usual = TO_TERMINAL,
	.cells = true,
	.draw = draw,
};
