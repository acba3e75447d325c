#include "plotter/screen/tags.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/screen/screen.h"

enum { NEAR = 3 };

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
	char *all = NULL;
	if (note->place && asprintf(&all, "%s · %s", note->label, note->place) > 0 &&
	    cells_width(all) <= s->plot.w)
		return all;
	free(all);
	if (note->head == 0 || cells_width(note->label) <= s->plot.w)
		return strdup(note->label);
	return strndup(note->label, note->head);
}

static void draw_note(struct screen *s, const struct chart_note *note)
{
	double share = screen_share(&s->chart->x, note->at.x);
	if (!(share >= 0 && share <= 1))
		return;
	struct cell_style style = screen_style(s, note->alone ? CHART_PEAK : note->colour);
	style.bold = true;
	int x = screen_column(s, note->at.x);
	int y = at_most(screen_row(s, note->at.y), s->plot.y + s->plot.h - 1);
	const char mark[] = { screen_letter(s, note->colour), '\0' };
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
			cells_put(&s->cells, box.x + i, box.y, " ", ' ', &screen_plain);
	cells_text(&s->cells, box.x, box.y, label, box.w, &style);
	free(label);
}

/* A step on the way to the peak: only where its label has room. */
static void draw_step(struct screen *s, const struct chart_note *note)
{
	double share = screen_share(&s->chart->x, note->at.x);
	int width = cells_width(note->label), x = screen_column(s, note->at.x);
	int y = at_most(screen_row(s, note->at.y), s->plot.y + s->plot.h - 1);
	bool found = false;
	if (!(share >= 0 && share <= 1) || width > s->plot.w)
		return;
	const struct cell_box box = place_label(s, x, y, width, &found);
	if (!found)
		return;
	cells_put(&s->cells, x, y, "○", 'o', &screen_bold);
	for (int i = -1; i <= box.w; i += box.w + 1)
		if (cells_are_free(&s->cells, box.x + i, box.y, 1))
			cells_put(&s->cells, box.x + i, box.y, " ", ' ', &screen_plain);
	cells_text(&s->cells, box.x, box.y, note->label, box.w, &screen_plain);
}

void tags_notes(struct screen *s)
{
	const struct chart *chart = s->chart;
	for (size_t i = 0; i < chart->n_notes; i++)
		if (!chart->notes[i].minor)
			draw_note(s, &chart->notes[i]);
	for (size_t i = 0; i < chart->n_notes; i++)
		if (chart->notes[i].minor)
			draw_step(s, &chart->notes[i]);
}

/* ---- lines across and down ---- */

/* All that comes later may stand on it. */
static void draw_limit(struct screen *s, const struct chart_limit *limit)
{
	const struct cell_style style = screen_style(s, limit->colour);
	int row = screen_row_on(s, limit->below, limit->at);
	const struct cell_box *pane = screen_pane(s, limit->below);
	for (int x = 0; x < pane->w && row < pane->y + pane->h; x++)
		cells_put_soft(&s->cells, s->plot.x + x, row, "╌", x % 2 ? ' ' : '-', &style);
}

/* On the line itself, where it is free; else over or under it. */
static void name_limit(struct screen *s, const struct chart_limit *limit)
{
	static const int rows[] = { 0, -1, 1 };
	const struct cell_style style = screen_style(s, limit->colour);
	const struct cell_box *pane = screen_pane(s, limit->below);
	int row = screen_row_on(s, limit->below, limit->at);
	int width = cells_width(limit->label) + 2, left = s->plot.x + 2,
	    right = s->plot.x + s->plot.w - width;
	for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
		int x = i % 2 ? left : right, y = row + rows[i / 2];
		if (x < pane->x || y < pane->y || y >= pane->y + pane->h ||
		    !cells_are_free(&s->cells, x, y, width))
			continue;
		cells_put(&s->cells, x, y, " ", ' ', &screen_plain);
		cells_put(&s->cells, x + width - 1, y, " ", ' ', &screen_plain);
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
	for (int below = 0; below < 2 && is_across(s, mark->x); below++) {
		const struct cell_box *pane = screen_pane(s, below);
		for (int y = 0; y < pane->h; y++)
			cells_put_soft(&s->cells, screen_column(s, mark->x), pane->y + y, "╎", ':',
				       &screen_faint);
	}
}

/* Beside its line at the top, as far down as it takes; where there is no room the line must do. */
static void name_mark(struct screen *s, const struct chart_mark *mark)
{
	int x = screen_column(s, mark->x), end = s->plot.x + s->plot.w;
	int width = at_most(cells_width(mark->label), s->plot.w / 3);
	if (!is_across(s, mark->x) || width < 1)
		return;
	int start = x + 1 + width <= end ? x + 1 : x - width;
	for (int y = s->plot.y; y < s->plot.y + at_most(4, s->plot.h); y++) {
		bool apart = start + width >= end || cells_are_free(&s->cells, start + width, y, 1);
		if (start <= s->plot.x || !apart ||
		    !cells_are_free(&s->cells, start - 1, y, width + 1))
			continue;
		cells_text(&s->cells, start, y, mark->label, width, &screen_plain);
		return;
	}
}

void tags_lines(struct screen *s)
{
	for (size_t i = 0; i < s->chart->n_limits; i++)
		draw_limit(s, &s->chart->limits[i]);
	for (size_t i = 0; i < s->chart->n_marks; i++)
		draw_mark(s, &s->chart->marks[i]);
}

void tags_names(struct screen *s)
{
	for (size_t i = 0; i < s->chart->n_limits; i++)
		name_limit(s, &s->chart->limits[i]);
	for (size_t i = 0; i < s->chart->n_marks; i++)
		name_mark(s, &s->chart->marks[i]);
}
