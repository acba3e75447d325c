#include "plotter/chart/ranges.h"

#include <math.h>

static bool is_shown(const struct chart_wish *wish, double x)
{
	return wish->from == wish->to || (x >= wish->from && x <= wish->to);
}

static double highest(const struct chart_point *points, size_t n, const struct chart_wish *wish)
{
	double top = 0;
	for (size_t i = 0; i < n; i++)
		if (is_shown(wish, points[i].x))
			top = fmax(top, points[i].y);
	return top;
}

double ranges_top(const struct chart *chart, const struct chart_wish *wish, bool below)
{
	double top = 0;
	for (size_t i = 0; i < chart->n_curves; i++)
		if (chart->curves[i].below == below)
			top = fmax(top, highest(chart->curves[i].points, chart->curves[i].n, wish));
	for (size_t i = 0; i < chart->n_notes && !below; i++)
		if (is_shown(wish, chart->notes[i].at.x))
			top = fmax(top, chart->notes[i].at.y);
	for (size_t i = 0; i < chart->n_bands; i++)
		if (chart->bands[i].below == below)
			top = fmax(top, highest(chart->bands[i].points, chart->bands[i].n, wish));
	return top;
}

/* The peak's label needs so much more than one. */
static const double TWO_LINES = 1.6;

/* In the pane beneath no peak has a label. */
static const double EDGE = 0.08;

/* A line across needs no room above it but for its label. */
static double reach(const struct chart *chart, const struct chart_wish *wish, bool below)
{
	double top = ranges_top(chart, wish, below), room = below ? EDGE : wish->headroom;
	if (chart->n_notes > 0 && chart->notes[0].place && !below)
		room *= TWO_LINES;
	double high = top > 0 ? top * (1 + room) : 1;
	for (size_t i = 0; i < chart->n_limits; i++)
		if (chart->limits[i].below == below)
			high = fmax(high, chart->limits[i].at * 1.06);
	return high;
}

/* The last moment that there is anything of: what comes after the last sample counts too. */
static double last_moment(const struct chart *chart)
{
	double end = chart->end;
	for (size_t i = 0; i < chart->n_curves; i++)
		for (size_t k = 0; k < chart->curves[i].n; k++)
			end = fmax(end, chart->curves[i].points[k].x);
	for (size_t i = 0; i < chart->n_notes; i++)
		end = fmax(end, chart->notes[i].at.x);
	for (size_t i = 0; i < chart->n_marks; i++)
		end = fmax(end, chart->marks[i].x);
	return end;
}

void ranges_set(struct chart *chart, const struct chart_wish *wish)
{
	double end = last_moment(chart);
	chart->x.low = 0;
	chart->x.high = end > 0 ? end : 1;
	if (wish->from != wish->to) {
		chart->x.low = wish->from;
		chart->x.high = wish->to;
	}
	chart->y.low = chart->below.low = 0;
	chart->y.top = ranges_top(chart, wish, false);
	chart->below.top = ranges_top(chart, wish, true);
	chart->y.high = reach(chart, wish, false);
	chart->below.high = reach(chart, wish, true);
}
