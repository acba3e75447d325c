#include "plotter/figure/labels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/figure/boxes.h"
#include "plotter/figure/sheet.h"

/* Around a peak, in which there may be room for its label. */
enum { RINGS = 3 };

/* Marks closer to each other than that, in pixels, are ticks: their lines would hide the curve. */
static const double CLOSE = 14;

static bool is_free_in(const struct sheet *f, bool below, struct box box)
{
	/* Over a pane is room for half a line, where no strips stand; for a whole one, between two.
	 */
	const struct box *pane = sheet_pane(f, below);
	double highest = pane->y - sheet_scaled(f, below ? SHEET_SMALL + 7 : f->lanes > 0 ? 3 : 14);
	if (box.x < pane->x || box.x + box.w > pane->x + pane->w || box.y < highest ||
	    box.y + box.h > pane->y + pane->h)
		return false;
	for (size_t i = 0; i < f->n_taken; i++)
		if (box_overlaps(&box, &f->taken[i]))
			return false;
	return true;
}

static bool is_free(const struct sheet *f, struct box box)
{
	return is_free_in(f, false, box);
}

static struct raster_point to_pixels(const struct sheet *f, const struct chart_point *point,
				     bool below)
{
	return (struct raster_point){ sheet_x(f, point->x), sheet_on(f, below, point->y) };
}

/* Free, and no curve that has a name runs through it. */
static bool is_clear_in(const struct sheet *f, bool below, struct box box)
{
	bool clear = is_free_in(f, below, box);
	for (size_t i = 0; i < f->chart->n_curves && clear; i++) {
		const struct chart_curve *curve = &f->chart->curves[i];
		for (size_t k = 0; k < curve->n && clear && curve->colour != CHART_OTHERS; k++)
			clear = !box_is_crossed(
				&box,
				to_pixels(f, &curve->points[k - (k > 0 && !curve->points[k].apart)],
					  curve->below),
				to_pixels(f, &curve->points[k], curve->below));
	}
	for (size_t i = 0; i < f->chart->n_bands && clear; i++) {
		const struct chart_band *band = &f->chart->bands[i];
		for (size_t k = 1; k < band->upper && clear; k++)
			clear = !box_is_crossed(&box,
						to_pixels(f, &band->points[k - 1], band->below),
						to_pixels(f, &band->points[k], band->below));
	}
	return clear;
}

static bool is_clear(const struct sheet *f, struct box box)
{
	return is_clear_in(f, false, box);
}

/* Beside the peak, above it first, where nothing else stands and no curve runs, further away when
 * all of that is taken; else across a curve, if `anyhow`. */
static bool place_note(const struct sheet *f, struct raster_point at, bool anyhow, struct box *box)
{
	double h = sheet_scaled(f, SHEET_LABEL + 6), gap = sheet_scaled(f, 7);
	double end = f->plot.x + f->plot.w - box->w;
	const double xs[] = { at.x + gap, at.x - gap - box->w, at.x - box->w / 2, f->plot.x, end };
	enum { SIDES = sizeof xs / sizeof *xs, BESIDE = 3 };
	for (int i = 0; i < (anyhow ? 2 : 1) * RINGS; i++) {
		const double ys[] = { at.y - gap - box->h - i % RINGS * h,
				      at.y + gap + i % RINGS * h };
		for (size_t k = 0; k < 2 * SIDES; k++) {
			if (k % SIDES >= BESIDE && !f->small)
				continue;
			box->x = xs[k % SIDES];
			box->y = ys[k / SIDES];
			if (i < RINGS ? is_clear(f, *box) : is_free(f, *box))
				return true;
		}
	}
	box->x = fmax(f->plot.x, fmin(at.x - box->w / 2, end));
	box->y = fmax(f->plot.y, fmin(at.y + gap, f->plot.y + f->plot.h - box->h));
	return anyhow;
}

/* The peak's label needs the room on the right. */
static bool peaks_late(const struct sheet *f)
{
	const struct chart_axis *x = &f->chart->x;
	return f->chart->n_notes > 0 && f->chart->notes[0].at.x > (x->low + x->high) / 2;
}

/* A level across, its label over one of the line's ends, or where else there is room. */
static void draw_limit(struct sheet *f, const struct chart_limit *limit)
{
	double y = sheet_on(f, limit->below, limit->at);
	double h = sheet_scaled(f, SHEET_SMALL + 6),
	       w = sheet_measure(f, limit->label, SHEET_SMALL, true) + sheet_scaled(f, 8);
	double end = f->plot.x + f->plot.w;
	uint32_t rgb = theme_colour(f->theme, limit->colour);
	sheet_across(f, y, f->plot.x, end,
		     (struct pen){ .width = limit->peak ? 1 : 1.4,
				   .dash = limit->peak ? 4 : 7,
				   .ink = { rgb, 0.9 } });
	const struct box tries[] = { { end - w, y - h, w, h },
				     { f->plot.x, y - h, w, h },
				     { end - w, y + sheet_scaled(f, 1), w, h },
				     { f->plot.x, y + sheet_scaled(f, 1), w, h } };
	size_t i = 0, side = !limit->below && peaks_late(f);
	while (i < 4 && !is_clear_in(f, limit->below, tries[i ^ side]))
		i++;
	for (i = i < 4 ? i : 0; i < 3 && !is_free_in(f, limit->below, tries[i ^ side]);)
		i++;
	const struct box box = tries[i ^ side];
	sheet_take(f, box);
	sheet_text(f, box.x + sheet_scaled(f, 4), box.y + h - sheet_scaled(f, 5), limit->label,
		   f->plot.w, &(struct text_style){ SHEET_SMALL, true, ANCHOR_LEFT, { rgb, 1 } });
}

static bool are_close(const struct sheet *f)
{
	return (double)f->chart->n_marks * sheet_scaled(f, CLOSE) > f->plot.w;
}

static void draw_mark_line(const struct sheet *f, const struct chart_mark *mark)
{
	double x = sheet_crisp(sheet_x(f, mark->x));
	const struct pen pen = { .width = 1, .dash = 2, .ink = { f->theme->muted, 0.9 } };
	if (mark->decisive || !are_close(f))
		sheet_down_panes(f, x, pen);
	else
		sheet_down(f, x, f->plot.y, f->plot.y + sheet_scaled(f, 6), pen);
}

/* A moment that the program named; where its label finds no room the line must do. That of a bad
 * end stands further down then. */
static void draw_mark(struct sheet *f, const struct chart_mark *mark)
{
	double x = sheet_crisp(sheet_x(f, mark->x)), h = sheet_scaled(f, SHEET_SMALL + 5);
	double width = fmin(sheet_measure(f, mark->label, SHEET_SMALL, false), f->plot.w * 0.3) +
		       sheet_scaled(f, 6);
	int rows = mark->decisive ? (int)(f->plot.h / h) : are_close(f) ? 1 : 4;
	for (int row = 0; row < rows && f->n_taken < SHEET_TAKEN; row++) {
		struct box box = { x + sheet_scaled(f, 2), f->plot.y + sheet_scaled(f, 2) + row * h,
				   width, h };
		if (box.x + box.w > f->plot.x + f->plot.w)
			box.x = x - width - sheet_scaled(f, 2);
		if (mark->decisive ? !is_free(f, box) : !is_clear(f, box))
			continue;
		sheet_take(f, box);
		sheet_rect(f, box, (struct ink){ f->theme->paper, 0.82 });
		sheet_text(
			f, box.x + sheet_scaled(f, 3), box.y + h - sheet_scaled(f, 4), mark->label,
			width,
			&(struct text_style){
				SHEET_SMALL, mark->decisive, ANCHOR_LEFT, { f->theme->ink, 1 } });
		return;
	}
}

static bool fits(const struct sheet *f, const char *label)
{
	return sheet_measure(f, label, SHEET_LABEL, true) + sheet_scaled(f, 6) <= f->plot.w;
}

/* "peak 182.0 MiB at 0.50 s": where that is too wide, the value matters more than the time. Where
 * not even that fits, a legend tells it better than what is left of it would; NULL. */
static char *fitting_label(const struct sheet *f, const struct chart_note *note)
{
	if (note->head == 0 || fits(f, note->label))
		return strdup(note->label);
	char *value = strndup(note->label, note->head);
	if (!value || f->legend.w <= 0 || fits(f, value))
		return value;
	free(value);
	return NULL;
}

static struct box note_box(const struct sheet *f, const struct chart_note *note, const char *label)
{
	double width = sheet_measure(f, label, SHEET_LABEL, true),
	       line = sheet_scaled(f, SHEET_LABEL + 6);
	if (note->place)
		width = fmax(width, fmin(sheet_measure(f, note->place, SHEET_SMALL, false),
					 f->plot.w * 0.6));
	return (struct box){ .w = fmin(width + sheet_scaled(f, 6), f->plot.w),
			     .h = line + (note->place ? sheet_scaled(f, SHEET_SMALL + 4) : 0) };
}

/* The figure, and under it where in the program that was. Where all of it would hide a curve, the
 * figure has to do. */
static void write_note(struct sheet *f, const struct chart_note *note, struct raster_point at,
		       uint32_t rgb)
{
	const struct text_style style = { SHEET_LABEL, true, ANCHOR_LEFT, { rgb, 1 } };
	const struct text_style below = { SHEET_SMALL, false, ANCHOR_LEFT, { f->theme->ink, 1 } };
	char *label = fitting_label(f, note);
	if (!label)
		return;
	struct chart_note said = *note;
	struct box box = note_box(f, &said, label);
	if (!place_note(f, at, note->head == 0, &box) && note->head > 0) {
		said.place = NULL;
		label[note->head] = '\0'; /* no longer than it was */
		box = note_box(f, &said, label);
		place_note(f, at, true, &box);
	}
	sheet_take(f, box);
	sheet_rect(f, box, (struct ink){ f->theme->paper, 0.82 });
	sheet_text(f, box.x + sheet_scaled(f, 3),
		   box.y + sheet_scaled(f, SHEET_LABEL + 6) - sheet_scaled(f, 5), label, box.w,
		   &style);
	if (said.place)
		sheet_text(f, box.x + sheet_scaled(f, 3), box.y + box.h - sheet_scaled(f, 5),
			   said.place, box.w - sheet_scaled(f, 6), &below);
	free(label);
}

static void draw_note(struct sheet *f, const struct chart_note *note)
{
	double x = sheet_x(f, note->at.x), y = sheet_y(f, note->at.y), edge = sheet_scaled(f, 0.5);
	if (f->n_taken == SHEET_TAKEN || x < f->plot.x - edge || x > f->plot.x + f->plot.w + edge)
		return;
	uint32_t rgb = theme_colour(f->theme, note->alone ? CHART_PEAK : note->colour);
	if (note->alone) {
		const struct pen guide = { .width = 1, .dash = 4, .ink = { rgb, 0.65 } };
		sheet_across(f, y, f->plot.x, x, guide);
		sheet_down(f, x, y, f->plot.y + f->plot.h, guide);
	}
	sheet_disc(f, (struct raster_point){ x, y }, 5.5, (struct ink){ f->theme->paper, 1 });
	sheet_disc(f, (struct raster_point){ x, y }, 4, (struct ink){ rgb, 1 });
	write_note(f, note, (struct raster_point){ x, y }, rgb);
}

/* A step on the way: a ring with a smaller label, if there is room for it. */
static void draw_step(struct sheet *f, const struct chart_note *note)
{
	double x = sheet_x(f, note->at.x), y = sheet_y(f, note->at.y);
	double width = sheet_measure(f, note->label, SHEET_SMALL, false) + sheet_scaled(f, 6),
	       h = sheet_scaled(f, SHEET_SMALL + 5);
	const struct box tries[] = {
		{ x - width - sheet_scaled(f, 6), y - h, width, h },
		{ x + sheet_scaled(f, 6), y + sheet_scaled(f, 1), width, h },
		{ x - width - sheet_scaled(f, 6), y - 2 * h, width, h },
		{ x + sheet_scaled(f, 6), y + h, width, h },
		{ x - width / 2, y - h - sheet_scaled(f, 5), width, h },
		{ x - width / 2, y + sheet_scaled(f, 5), width, h },
		{ x - width / 2, y + h, width, h },
		{ x - width / 2, y - 2 * h, width, h },
	};
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		if (!is_clear(f, tries[i]))
			continue;
		sheet_take(f, tries[i]);
		sheet_disc(f, (struct raster_point){ x, y }, 3.2, (struct ink){ f->theme->ink, 1 });
		sheet_disc(f, (struct raster_point){ x, y }, 1.8,
			   (struct ink){ f->theme->paper, 1 });
		sheet_rect(f, tries[i], (struct ink){ f->theme->paper, 0.82 });
		sheet_text(f, tries[i].x + sheet_scaled(f, 3), tries[i].y + h - sheet_scaled(f, 4),
			   note->label, width,
			   &(struct text_style){
				   SHEET_SMALL, false, ANCHOR_LEFT, { f->theme->ink, 1 } });
		return;
	}
}

/* The peaks first: what is left of the room is for the steps, the largest of which come first. */
void labels_notes(struct sheet *f)
{
	for (size_t i = 0; i < 2 * f->chart->n_notes; i++) {
		size_t at = i % f->chart->n_notes;
		const struct chart_note *note = &f->chart->notes[at];
		if (note->minor != (i >= f->chart->n_notes))
			continue;
		sheet_group(f, "note", at);
		if (note->minor)
			draw_step(f, note);
		else
			draw_note(f, note);
	}
	sheet_group(f, NULL, 0);
}

/* The dots of peaks, and columns of what a card held. */
void labels_reserve(struct sheet *f)
{
	double dot = sheet_scaled(f, 5);
	for (size_t i = 0; i < f->chart->n_notes; i++) {
		const struct chart_note *note = &f->chart->notes[i];
		double x = sheet_x(f, note->at.x), y = sheet_y(f, note->at.y);
		if (!note->minor)
			sheet_take(f, (struct box){ x - dot, y - dot, 2 * dot, 2 * dot });
	}
	for (size_t i = 0; i < f->chart->n_bands; i++) {
		const struct chart_band *band = &f->chart->bands[i];
		if (!band->stacked || band->n != 4)
			continue;
		struct raster_point a = to_pixels(f, &band->points[0], band->below),
				    b = to_pixels(f, &band->points[2], band->below);
		sheet_take(f, (struct box){ a.x, a.y, b.x - a.x, b.y - a.y });
	}
}

void labels_lines(const struct sheet *f)
{
	for (size_t i = 0; i < f->chart->n_marks; i++) {
		sheet_group(f, "mark", i);
		draw_mark_line(f, &f->chart->marks[i]);
	}
	sheet_group(f, NULL, 0);
}

void labels_limits(struct sheet *f)
{
	for (size_t i = 0; i < f->chart->n_limits; i++) {
		sheet_group(f, "limit", i);
		draw_limit(f, &f->chart->limits[i]);
	}
	sheet_group(f, NULL, 0);
}

void labels_marks(struct sheet *f, bool decisive)
{
	for (size_t i = 0; i < f->chart->n_marks; i++) {
		if (f->chart->marks[i].decisive != decisive)
			continue;
		sheet_group(f, "mark", i);
		draw_mark(f, &f->chart->marks[i]);
	}
	sheet_group(f, NULL, 0);
}
