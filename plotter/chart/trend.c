#include "plotter/chart/trend.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "plotter/chart/parts.h"
#include "share/array.h"

enum { FEWEST_COLUMNS = 8 };

/* The warm-up, which says nothing of a leak: this share of the recorded time. */
static const double WARM_UP = 0.10;

struct line {
	double slope, offset; /* MiB/s, MiB at 0 s */
	double from, to;      /* seconds */
};

/* Least squares over the columns' lowest samples: what is still held after each round of work.
 * Ordinary linear regression, centred so that epoch-sized numbers lose nothing. */
static bool fit(const struct columns *columns, int64_t start, double from, struct line *line)
{
	double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
	for (size_t i = 0; i < columns->n; i++) {
		double x = sample_seconds(columns->items[i].low.us - start) - from;
		double y = sample_mib(columns->items[i].low.umib);
		if (x < 0)
			continue;
		n++;
		sx += x;
		sy += y;
		sxx += x * x;
		sxy += x * y;
		line->to = x + from;
	}
	double spread = n * sxx - sx * sx;
	if (n < FEWEST_COLUMNS || spread <= 0)
		return false;
	line->slope = (n * sxy - sx * sy) / spread;
	line->offset = (sy - line->slope * sx) / n - line->slope * from;
	line->from = from;
	return true;
}

/* "+12.3 MiB/min", in the unit of time that keeps the figure readable. */
static char *describe(double per_second)
{
	double per_minute = per_second * 60;
	if (fabs(per_minute) < 0.1 && per_minute != 0)
		return parts_text("%+.2f MiB/h after warm-up", per_second * 3600);
	return parts_text("%+.1f MiB/min after warm-up", per_minute);
}

int trend_draw(struct chart *chart, unsigned colour, struct chart_point from, struct chart_point to)
{
	struct chart_point *points = calloc(2, sizeof *points);
	struct chart_curve *curve =
		points ? array_more(&chart->curves, &chart->n_curves, sizeof *curve) : NULL;
	if (!curve) {
		free(points);
		return -ENOMEM;
	}
	points[0] = from;
	points[1] = to;
	*curve = (struct chart_curve){
		.role = CHART_TREND, .colour = colour, .points = points, .n = 2
	};
	return 0;
}

int trend_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
	       unsigned colour, bool row)
{
	const struct profile_series *memory = &profile->memory;
	struct columns columns = { 0 };
	struct line line = { 0 };
	if (memory->samples == 0)
		return 0;
	double length = sample_seconds(memory->last.us - memory->first.us);
	double from = sample_seconds(memory->first.us - profile->start_us) + WARM_UP * length;
	int r = columns_within(&memory->columns, INT64_MIN, INT64_MAX, wish->columns, &columns);
	bool found = r == 0 && fit(&columns, profile->start_us, from, &line);
	columns_free(&columns);
	if (!found)
		return r < 0 || !row ? r
				     : parts_add_row(chart, ROW_TREND, colour, parts_text("trend"),
						     parts_text("too few samples for one"));
	r = trend_draw(chart, colour,
		       (struct chart_point){ line.from, line.offset + line.slope * line.from },
		       (struct chart_point){ line.to, line.offset + line.slope * line.to });
	if (r < 0)
		return r;
	return row ? parts_add_row(chart, ROW_TREND, colour, parts_text("trend"),
				   describe(line.slope))
		   : 0;
}
