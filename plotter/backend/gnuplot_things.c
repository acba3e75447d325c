#include "plotter/backend/gnuplot_things.h"

#include <math.h>
#include <stdbool.h>

#include "plotter/backend/gnuplot_room.h"
#include "plotter/chart/chart.h"
#include "plotter/figure/canvas.h"
#include "plotter/figure/theme.h"

/* A call, in its lane above the plot: in parts of the plot's height, over 1. */
static void put_span(struct script *s, const struct chart_span *span, double strip)
{
	const struct theme *theme = s->canvas->theme;
	uint32_t rgb = theme_colour(theme, span->colour);
	double plot = (s->right - s->left) * s->canvas->width,
	       high = (s->top - s->bottom) * s->canvas->height;
	double room = plot * (span->to - span->from) / (s->chart->x.high - s->chart->x.low) -
		      gnuplot_px(s, 8);
	double low = 1 + strip * span->level / high, middle = low + strip / 2 / high;
	fprintf(s->out,
		"set object %d rectangle from first %.17g, graph %.5f to first %.17g, graph %.5f "
		"noclip behind "
		"fillcolor rgb '#%06x' fillstyle transparent solid %.2f noborder\n",
		++s->objects, span->from, low, span->to, low + (strip - gnuplot_px(s, 1)) / high,
		rgb, s->chart->flame ? 0.55 : 0.30);
	if (room > gnuplot_px(s, 24))
		gnuplot_label(s, (struct gnuplot_text){ span->label, 11, room, theme->ink },
			      "first %.17g, graph %.5f offset 0.4,0", span->from, middle);
}

static void put_spans(struct script *s)
{
	int most = s->chart->flame ? GNUPLOT_BOXES : GNUPLOT_STRIPS;
	int levels = s->chart->levels < most ? s->chart->levels : most;
	double strip = levels ? (s->strip_top - s->top) * s->canvas->height / levels : 0;
	for (size_t i = 0; i < s->chart->n_spans; i++)
		if (s->chart->spans[i].level < levels)
			put_span(s, &s->chart->spans[i], strip);
}

static void place(struct box *box, struct raster_point at)
{
	box->x = at.x;
	box->y = at.y;
}

/* The first of n places that is clear, or else free, is where the box stands; every second pair may
 * change sides. */
static bool find(const struct script *s, bool below, const struct raster_point *tries, size_t n,
		 size_t side, struct box *box)
{
	for (size_t i = 0; i < 2 * n; i++) {
		place(box, tries[i % n ^ side]);
		if (i < n ? gnuplot_is_clear(s, below, *box) : gnuplot_is_free(s, below, *box))
			return true;
	}
	return false;
}

/* ---- limits ---- */

/* A level across, in data coordinates; its label over one of the ends, or where else there is room.
 */
static void put_limit(struct script *s, const struct chart_limit *limit)
{
	double y = gnuplot_y(s, limit->below, limit->at);
	uint32_t rgb = theme_colour(s->canvas->theme, limit->colour);
	fprintf(s->out,
		"set arrow %d from graph 0, first %.17g to graph 1, first %.17g nohead dashtype %d "
		"linecolor rgb '#%06x' linewidth %.2g\n",
		++s->arrows, y, y, limit->peak ? 3 : 2, rgb, 1.4 * s->canvas->scale);
	/* The peak's label stands in one of the halves. */
	const struct chart_axis *x = &s->chart->x;
	size_t left = s->chart->n_notes > 0 && s->chart->notes[0].at.x > (x->low + x->high) / 2;
	struct raster_point at = gnuplot_at(s, x->low, y);
	struct box box = gnuplot_box(s, limit->label, 11);
	double end = gnuplot_pane(s, limit->below).w - box.w, gap = gnuplot_px(s, 1);
	const struct raster_point tries[] = { { at.x + end, at.y - box.h },
					      { at.x, at.y - box.h },
					      { at.x + end, at.y + gap },
					      { at.x, at.y + gap } };
	char offset[GNUPLOT_OFFSET];
	if (!find(s, limit->below, tries, 4, left, &box))
		place(&box, tries[left]);
	gnuplot_take(s, box);
	gnuplot_label(s, (struct gnuplot_text){ limit->label, 11, s->canvas->width / 2, rgb },
		      "graph 0, first %.17g %s", y, gnuplot_offset(offset, s, at, box));
}

/* ---- marks ---- */

static void put_mark_line(struct script *s, const struct chart_mark *mark)
{
	fprintf(s->out,
		"set arrow %d from first %.17g, graph 0 to first %.17g, graph 1 nohead dashtype 3 "
		"linecolor rgb '#%06x' linewidth 1\n",
		++s->arrows, mark->x, mark->x, s->canvas->theme->muted);
}

/* A moment with a name; where its label finds no room the line must do. That of a bad end stands
 * further down then. */
static void put_mark(struct script *s, const struct chart_mark *mark)
{
	const struct box pane = gnuplot_pane(s, false);
	struct raster_point at = gnuplot_at(s, mark->x, s->chart->y.high);
	struct box box = gnuplot_box(s, mark->label, 11);
	double room = fmin(box.w, pane.w * 0.3);
	char offset[GNUPLOT_OFFSET];
	int rows = mark->decisive ? (int)(pane.h / box.h) : 4;
	box.w = room;
	box.x = at.x + box.w > pane.x + pane.w ? at.x - box.w : at.x;
	for (int row = 0; row < rows; row++) {
		box.y = at.y + gnuplot_px(s, 2) + row * box.h;
		if (!(mark->decisive ? gnuplot_is_free : gnuplot_is_clear)(s, false, box))
			continue;
		gnuplot_take(s, box);
		gnuplot_label(
			s, (struct gnuplot_text){ mark->label, 11, room, s->canvas->theme->ink },
			"first %.17g, graph 1 %s", mark->x, gnuplot_offset(offset, s, at, box));
		return;
	}
}

static void put_marks(struct script *s, bool decisive)
{
	for (size_t i = 0; i < s->chart->n_marks; i++) {
		const struct chart_mark *mark = &s->chart->marks[i];
		if (mark->decisive == decisive && mark->x >= s->chart->x.low &&
		    mark->x <= s->chart->x.high)
			put_mark(s, mark);
	}
}

/* ---- peaks ---- */

/* Around a point, nearest first. */
enum { RINGS = 3, AROUND = RINGS * 6 };

static size_t around(const struct script *s, struct raster_point at, struct box box,
		     struct raster_point tries[AROUND])
{
	double gap = gnuplot_px(s, 7);
	const double xs[] = { at.x + gap, at.x - gap - box.w, at.x - box.w / 2 };
	size_t n = 0;
	for (int ring = 0; ring < RINGS; ring++) {
		double step = gap + ring * gnuplot_px(s, 16);
		for (int k = 0; k < 3; k++)
			tries[n++] = (struct raster_point){ xs[k], at.y - step - box.h };
		for (int k = 0; k < 3; k++)
			tries[n++] = (struct raster_point){ xs[k], at.y + step };
	}
	return n;
}

/* A step on the way to the peak, where there is room to tell of it. */
static void put_step(struct script *s, const struct chart_note *note)
{
	const struct theme *theme = s->canvas->theme;
	double y = gnuplot_y(s, false, note->at.y);
	struct raster_point at = gnuplot_at(s, note->at.x, y), tries[AROUND];
	struct box box = gnuplot_box(s, note->label, 11);
	char offset[GNUPLOT_OFFSET];
	if (!find(s, false, tries, around(s, at, box, tries), 0, &box))
		return;
	gnuplot_take(s, box);
	gnuplot_label(s, (struct gnuplot_text){ note->label, 11, s->canvas->width / 2, theme->ink },
		      "first %.17g, first %.17g %s point pointtype 6 pointsize %.2g "
		      "linecolor rgb '#%06x'",
		      note->at.x, y, gnuplot_offset(offset, s, at, box), 0.7 * s->canvas->scale,
		      theme->ink);
}

static void put_guides(struct script *s, const struct chart_note *note, uint32_t rgb)
{
	double y = gnuplot_y(s, false, note->at.y);
	fprintf(s->out,
		"set arrow %d from first %.17g, first %.17g to graph 0, first %.17g nohead "
		"dashtype 2 "
		"linecolor rgb '#%06x' linewidth 1\n",
		++s->arrows, note->at.x, y, y, rgb);
	fprintf(s->out,
		"set arrow %d from first %.17g, first %.17g to first %.17g, first %.17g "
		"nohead dashtype 2 linecolor rgb '#%06x' linewidth 1\n",
		++s->arrows, note->at.x, y, note->at.x, s->chart->y.low, rgb);
}

/* It is there whatever stands around it; under it where in the program that was. */
static void put_note(struct script *s, const struct chart_note *note)
{
	uint32_t rgb = theme_colour(s->canvas->theme, note->alone ? CHART_PEAK : note->colour);
	double room = s->canvas->width / 2, y = gnuplot_y(s, false, note->at.y);
	struct raster_point at = gnuplot_at(s, note->at.x, y), tries[AROUND];
	struct box box = gnuplot_box(s, note->label, 12);
	struct box under = gnuplot_box(s, note->place ? note->place : "", 11);
	char offset[GNUPLOT_OFFSET];
	double line = box.h;
	if (note->alone)
		put_guides(s, note, rgb);
	if (note->place) {
		box.w = fmin(fmax(box.w, under.w), room);
		box.h += under.h;
	}
	size_t n = around(s, at, box, tries);
	if (!find(s, false, tries, n, 0, &box))
		place(&box, tries[note->at.x >
				  s->chart->x.low + 0.75 * (s->chart->x.high - s->chart->x.low)]);
	gnuplot_take(s, box);
	under.x = box.x;
	under.y = box.y + line;
	box.h = line;
	gnuplot_label(s, (struct gnuplot_text){ note->label, 12, room, rgb },
		      "first %.17g, first %.17g %s point pointtype 7 pointsize %.2g "
		      "linecolor rgb '#%06x'",
		      note->at.x, y, gnuplot_offset(offset, s, at, box), 0.9 * s->canvas->scale,
		      rgb);
	if (note->place)
		gnuplot_label(s,
			      (struct gnuplot_text){ note->place, 11, room, s->canvas->theme->ink },
			      "first %.17g, first %.17g %s", note->at.x, y,
			      gnuplot_offset(offset, s, at, under));
}

static void put_notes(struct script *s, bool minor)
{
	const struct chart_axis *x = &s->chart->x;
	for (size_t i = 0; i < s->chart->n_notes; i++) {
		const struct chart_note *note = &s->chart->notes[i];
		if (note->minor == minor && note->at.x >= x->low && note->at.x <= x->high)
			(minor ? put_step : put_note)(s, note);
	}
}

/* ---- all of it ---- */

/* The dots of peaks, and columns of what a card held. */
static void reserve(struct script *s)
{
	double dot = gnuplot_px(s, 5);
	for (size_t i = 0; i < s->chart->n_notes; i++) {
		const struct chart_note *note = &s->chart->notes[i];
		struct raster_point at = gnuplot_at(s, note->at.x, gnuplot_y(s, false, note->at.y));
		if (!note->minor)
			gnuplot_take(s, (struct box){ at.x - dot, at.y - dot, 2 * dot, 2 * dot });
	}
	for (size_t i = 0; i < s->chart->n_bands; i++) {
		const struct chart_band *band = &s->chart->bands[i];
		const struct chart_point *p = band->points;
		if (!band->stacked || band->n != 4)
			continue;
		struct raster_point a = gnuplot_at(s, p[0].x, gnuplot_y(s, band->below, p[0].y)),
				    b = gnuplot_at(s, p[2].x, gnuplot_y(s, band->below, p[2].y));
		gnuplot_take(s, (struct box){ a.x, a.y, b.x - a.x, b.y - a.y });
	}
}

/* What must be told comes first; what comes after it yields. */
void gnuplot_things(struct script *s)
{
	const struct chart_axis *x = &s->chart->x;
	put_spans(s);
	reserve(s);
	for (size_t i = 0; i < s->chart->n_marks; i++)
		if (s->chart->marks[i].x >= x->low && s->chart->marks[i].x <= x->high)
			put_mark_line(s, &s->chart->marks[i]);
	put_marks(s, true);
	for (size_t i = 0; i < s->chart->n_limits; i++)
		put_limit(s, &s->chart->limits[i]);
	put_notes(s, false);
	put_notes(s, true);
	put_marks(s, false);
}
