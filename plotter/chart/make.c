#include "plotter/chart/make.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/chart/beside.h"
#include "plotter/chart/bill.h"
#include "plotter/chart/children.h"
#include "plotter/chart/failure.h"
#include "plotter/chart/flame.h"
#include "plotter/chart/floor.h"
#include "plotter/chart/growth_flame.h"
#include "plotter/chart/heading.h"
#include "plotter/chart/limits.h"
#include "plotter/chart/marks.h"
#include "plotter/chart/parts.h"
#include "plotter/chart/places.h"
#include "plotter/chart/ranges.h"
#include "plotter/chart/recordings.h"
#include "plotter/chart/stack.h"
#include "plotter/chart/style.h"
#include "plotter/chart/ticks.h"
#include "plotter/chart/trend.h"

static bool has_below(const struct chart *chart)
{
	for (size_t i = 0; i < chart->n_curves; i++)
		if (chart->curves[i].below)
			return true;
	return false;
}

static bool only_gpus(const struct chart *chart)
{
	for (size_t i = 0; i < chart->n_curves; i++)
		if (chart->curves[i].below && !chart->curves[i].gpu)
			return false;
	return true;
}

static int add_ticks(struct chart *chart, const struct chart_wish *wish)
{
	bool below = has_below(chart);
	unsigned beneath = wish->y_ticks / 2 > 2 ? wish->y_ticks / 2 : 2;
	int r = ticks_time(&chart->x, wish->x_ticks);
	if (r == 0)
		r = ticks_memory(&chart->y, below ? beneath + wish->y_ticks % 2 : wish->y_ticks);
	if (r == 0 && below) {
		r = ticks_memory(&chart->below, beneath);
		if (only_gpus(chart)) {
			memmove(chart->below.title + 4, chart->below.title,
				sizeof chart->below.title - 4);
			memcpy(chart->below.title, "GPU ", 4);
			chart->below.title[sizeof chart->below.title - 1] = '\0';
		}
	}
	return r;
}

/* What a single recording has beside its curve. */
static int add_company(struct chart *chart, const struct profile *profile,
		       const struct chart_wish *wish, unsigned *colour)
{
	double top = ranges_top(chart, wish, false);
	int r = profile->memory.samples > 0 ? limits_show(chart, profile, top) : 0;
	if (r == 0 && wish->heap)
		return marks_show(chart, profile, wish);
	if (r == 0)
		r = bill_show(chart, profile, wish, colour);
	if (r == 0)
		r = beside_show(chart, profile, wish, colour, top);
	if (r == 0)
		r = failure_show(chart, profile, wish);
	if (r == 0)
		r = places_show(chart, profile, wish);
	return r == 0 ? marks_show(chart, profile, wish) : r;
}

static bool has_calls(const struct profile *profile, const struct chart_wish *wish)
{
	return wish->functions && profile->n_calls + profile->n_entered > 0;
}

/* A recording without a name of its own has no trend: nobody could tell whose it is. */
static int add_trends(struct chart *chart, const struct profile *const profiles[], size_t n,
		      const unsigned colours[], const struct chart_wish *wish)
{
	size_t rows = wish->recordings > wish->rows ? wish->recordings : wish->rows;
	int r = 0;
	for (size_t i = 0; i < n && r == 0 && wish->slope; i++)
		if (colours[i] != CHART_OTHERS)
			r = trend_show(chart, profiles[i], wish, colours[i],
				       n == 1 || chart->n_rows < rows);
	return r;
}

/* Where in the program it was: its marks, else where it grew. */
static int add_functions(struct chart *chart, const struct profile *profile,
			 const struct chart_wish *wish)
{
	unsigned colour = (unsigned)chart->n_curves;
	size_t room = parts_room(chart, wish);
	if (has_calls(profile, wish))
		return flame_show(chart, profile, wish, colour, room);
	if (wish->functions && wish->flame)
		return growth_flame_show(chart, profile, wish, colour, room);
	return 0;
}

static int fill(struct chart *chart, const struct profile *const profiles[], size_t n,
		const unsigned colours[], const struct chart_wish *wish, unsigned colour)
{
	for (size_t i = 0; i < n; i++)
		chart->end = fmax(chart->end, parts_length(profiles[i]));
	int r = heading_title(chart, profiles, n, wish);
	if (r == 0)
		r = recordings_show(chart, profiles, n, colours, wish);
	if (r == 0)
		r = marks_show_meeting(chart, wish);
	if (r == 0 && n == 1)
		r = floor_show(chart, profiles[0], wish, colours[0]);
	if (r == 0 && n == 1)
		r = add_company(chart, profiles[0], wish, &colour);
	if (r == 0)
		r = heading_subtitle(chart, profiles, n, wish);
	/* The recordings' own; children and the trend stay inside their time. */
	ranges_set(chart, wish);
	size_t room = parts_room(chart, wish);
	size_t rows = n == 1 && has_calls(profiles[0], wish) ? room / 2 : room / n;
	if (r == 0 && n == 1 && wish->heap)
		r = stack_show(chart, profiles[0], wish, colour, room);
	for (size_t i = 0; i < n && r == 0 && !wish->heap; i++)
		r = children_show(chart, profiles[i], wish, n > 1 ? colours[i] : colour, rows,
				  n > 1);
	if (r == 0)
		r = add_trends(chart, profiles, n, colours, wish);
	if (r == 0 && n == 1 && !wish->heap)
		r = add_functions(chart, profiles[0], wish);
	ranges_set(chart, wish);
	style_settle(chart, wish);
	return r == 0 ? add_ticks(chart, wish) : r;
}

/* A legend of one row says nothing that the title and the peak's label have not said. */
static void drop_lonely_row(struct chart *chart)
{
	if (chart->n_rows != 1 || chart->rows[0].kind != ROW_CURVE)
		return;
	free(chart->rows[0].label);
	free(chart->rows[0].detail);
	chart->n_rows = 0;
}

int chart_make(struct chart *chart, const struct profile *const profiles[], size_t n,
	       const struct chart_wish *wish)
{
	struct recordings_shown shown;
	unsigned *colours = recordings_colours(profiles, n, wish, &shown);
	*chart = (struct chart){ .flame = wish->flame };
	int r = colours ? fill(chart, profiles, n, colours, wish, (unsigned)shown.named) : -ENOMEM;
	free(colours);
	if (r < 0)
		chart_free(chart);
	else if (n == 1 || !wish->aligned)
		drop_lonely_row(chart);
	return r;
}
