#include "plotter/chart/floor.h"

#include <errno.h>
#include <stdlib.h>

#include "plotter/chart/trend.h"
#include "share/growth/answer.h"
#include "share/growth/curve.h"

static int find(struct answer *answer, const struct profile *profile)
{
	struct curve curve;
	int r = curve_of_columns(&curve, &profile->memory.columns, profile->start_us);
	if (r < 0)
		return r;
	const struct answer_series series = { .points = curve.points, .n = curve.n };
	r = answer_find(answer, &series);
	curve_free(&curve);
	return r;
}

static int add_line(struct chart *chart, const struct answer *a, unsigned colour)
{
	const double risen = a->slope * (a->until - a->since - a->paused) / 3600;
	return trend_draw(chart, colour, (struct chart_point){ a->since, a->held - risen },
			  (struct chart_point){ a->until, a->held });
}

int floor_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
	       unsigned colour)
{
	struct answer answer;
	if (wish->from != wish->to || profile->memory.samples == 0)
		return 0;
	int r = find(&answer, profile);
	if (r < 0 || answer.kind != ANSWER_GROWS)
		return r;
	chart->growth = answer.slope;
	return wish->slope || wish->coarse ? 0 : add_line(chart, &answer, colour);
}
