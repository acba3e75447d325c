#include "plotter/backend/gnuplot_things.h"

#include <math.h>
#include <stdbool.h>

#include "plotter/backend/gnuplot_text.h"
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

/* A level across, in data coordinates; its label over the right end. */
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
	bool left = s->chart->n_notes > 0 && s->chart->notes[0].at.x > (x->low + x->high) / 2;
	gnuplot_label(s, (struct gnuplot_text){ limit->label, 11, s->canvas->width / 2, rgb },
		      "graph %d, first %.17g %s offset %s,0.5", left ? 0 : 1, y,
		      left ? "left" : "right", left ? "0.5" : "-0.5");
}

/* Down a row from the mark before it where their labels would touch. */
static size_t row_of_mark(const struct script *s, size_t at)
{
	double seconds = (s->chart->x.high - s->chart->x.low) /
			 fmax((s->right - s->left) * s->canvas->width, 1);
	size_t row = 0;
	for (size_t i = at > 3 ? at - 3 : 0; i < at; i++) {
		const struct chart_mark *mark = &s->chart->marks[i];
		double width = (gnuplot_ems(NULL, mark->label) + 1) * gnuplot_px(s, 11) * seconds;
		bool near = s->chart->marks[at].x < mark->x + width;
		row = near ? row + 1 : row;
	}
	return row;
}

/* A moment with a name. */
static void put_mark(struct script *s, const struct chart_mark *mark, size_t row)
{
	const struct theme *theme = s->canvas->theme;
	const struct chart_axis *x = &s->chart->x;
	double high = (s->top - s->bottom) * s->canvas->height;
	bool left = mark->x > x->low + 0.8 * (x->high - x->low);
	if (mark->x < x->low || mark->x > x->high)
		return;
	fprintf(s->out,
		"set arrow %d from first %.17g, graph 0 to first %.17g, graph 1 nohead dashtype 3 "
		"linecolor rgb '#%06x' linewidth 1\n",
		++s->arrows, mark->x, mark->x, theme->muted);
	gnuplot_label(s, (struct gnuplot_text){ mark->label, 11, s->canvas->width / 4, theme->ink },
		      "first %.17g, graph %.5f %s offset %s,0", mark->x,
		      1 - gnuplot_px(s, 9 + 15 * (double)row) / high, left ? "right" : "left",
		      left ? "-0.4" : "0.4");
}

/* A step on the way to the peak. */
static void put_step(struct script *s, const struct chart_note *note)
{
	const struct theme *theme = s->canvas->theme;
	double y = gnuplot_y(s, false, note->at.y);
	bool right = note->at.x > s->chart->x.low + 0.6 * (s->chart->x.high - s->chart->x.low);
	if (note->at.x < s->chart->x.low || note->at.x > s->chart->x.high)
		return;
	gnuplot_label(s, (struct gnuplot_text){ note->label, 11, s->canvas->width / 2, theme->ink },
		      "first %.17g, first %.17g %s offset %s,%s point pointtype 6 pointsize %.2g "
		      "linecolor rgb '#%06x'",
		      note->at.x, y, right ? "right" : "left", right ? "-0.8" : "0.8",
		      right ? "0.5" : "-0.5", 0.7 * s->canvas->scale, theme->ink);
}

static void put_note(struct script *s, const struct chart_note *note)
{
	const struct theme *theme = s->canvas->theme;
	uint32_t rgb = theme_colour(theme, note->alone ? CHART_PEAK : note->colour);
	double room = s->canvas->width / 2, y = gnuplot_y(s, false, note->at.y);
	bool right = note->at.x > s->chart->x.low + 0.75 * (s->chart->x.high - s->chart->x.low);
	if (note->at.x < s->chart->x.low || note->at.x > s->chart->x.high)
		return;
	if (note->alone) {
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
	gnuplot_label(s, (struct gnuplot_text){ note->label, 12, room, rgb },
		      "first %.17g, first %.17g %s offset %s,0.7 point pointtype 7 pointsize %.2g "
		      "linecolor rgb '#%06x'",
		      note->at.x, y, right ? "right" : "left", right ? "-0.8" : "0.8",
		      0.9 * s->canvas->scale, rgb);
	if (note->place)
		gnuplot_label(s, (struct gnuplot_text){ note->place, 11, room, theme->ink },
			      "first %.17g, first %.17g %s offset %s,2", note->at.x, y,
			      right ? "right" : "left", right ? "-1.2" : "1.2");
}

static void put_notes(struct script *s)
{
	for (size_t i = 0; i < s->chart->n_notes; i++)
		if (s->chart->notes[i].minor)
			put_step(s, &s->chart->notes[i]);
		else
			put_note(s, &s->chart->notes[i]);
}

void gnuplot_things(struct script *s)
{
	put_spans(s);
	for (size_t i = 0; i < s->chart->n_limits; i++)
		put_limit(s, &s->chart->limits[i]);
	for (size_t i = 0; i < s->chart->n_marks; i++)
		put_mark(s, &s->chart->marks[i], row_of_mark(s, i));
	put_notes(s);
}
