#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/parts.h"
#include "share/array.h"

struct interval { /* seconds, MiB */
	double from, to, mib;
};

struct outline {
	const struct chart_point *curve;
	size_t n, at; /* of the curve; how far it has been followed */
	struct chart_point *points;
	size_t used;
};

static void put(struct outline *o, double x, double y)
{
	o->points[o->used++] = (struct chart_point){ x, y };
}

/* Along the curve to this moment. */
static void follow(struct outline *o, double to)
{
	for (; o->at < o->n && o->curve[o->at].x <= to; o->at++)
		put(o, o->curve[o->at].x, o->curve[o->at].y);
}

/* Up at the interval's beginning and down at its end, unless the curve is there itself. */
static void step_over(struct outline *o, const struct interval *i)
{
	double highest = i->mib;
	follow(o, i->from);
	double from = o->at > 0 ? fmax(o->curve[o->at - 1].x, fmin(i->from, i->to)) : i->from;
	for (; o->at < o->n && o->curve[o->at].x < i->to; o->at++)
		highest = fmax(highest, o->curve[o->at].y);
	put(o, from, highest);
	put(o, i->to, highest);
}

/* The moment of the sample before this one, as far as the curve still has them all. */
static double before(const struct chart_curve *curve, double x)
{
	size_t low = 0, high = curve->n;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (curve->points[middle].x < x)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? curve->points[low - 1].x : x;
}

static bool is_set(const struct profile *profile, const char *key)
{
	const char *value = profile_setting(profile, key);
	return value && strcmp(value, "1") == 0;
}

/* With --exact every interval may have its own, which ends at a sample; without, a mark belongs to
 * a long one, of which only the highest is known with its beginning. */
static size_t find_intervals(const struct profile *profile, const struct chart_curve *curve,
			     const struct columns *columns, struct interval *out)
{
	const struct profile_span *highest = &profile->highest;
	double start = sample_seconds(profile->start_us);
	size_t n = 0;
	if (!is_set(profile, "exact")) {
		if (highest->umib == 0 || highest->from == 0)
			return 0;
		out[n++] = (struct interval){ sample_seconds(highest->from) - start,
					      sample_seconds(highest->to) - start,
					      sample_mib(highest->umib) };
		return n;
	}
	for (size_t i = 0; i < columns->n; i++) {
		const struct column *c = &columns->items[i];
		double to = sample_seconds(c->last.us - profile->start_us);
		double first = sample_seconds(c->first.us - profile->start_us);
		out[n++] = (struct interval){ before(curve, first), to, sample_mib(c->high.umib) };
	}
	return n;
}

static int add_band(struct chart *chart, const struct chart_curve *curve,
		    const struct interval *intervals, size_t n, unsigned colour)
{
	struct outline o = { .curve = curve->points, .n = curve->n };
	o.points = calloc(2 * curve->n + 2 * n + 2, sizeof *o.points);
	struct chart_band *band =
		o.points ? array_more(&chart->bands, &chart->n_bands, sizeof *band) : NULL;
	if (!band) {
		free(o.points);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++)
		step_over(&o, &intervals[i]);
	follow(&o, INFINITY);
	for (size_t i = curve->n; i-- > 0;)
		put(&o, curve->points[i].x, curve->points[i].y);
	*band = (struct chart_band){ colour, o.points, o.used };
	return 0;
}

int band_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
	      unsigned colour)
{
	struct columns columns = { 0 };
	const struct chart_curve *curve = &chart->curves[chart->n_curves - 1];
	if (profile->peaks.samples == 0 || curve->n == 0)
		return 0;
	bool windowed = wish->from != wish->to;
	int64_t from = windowed ? profile->start_us + llround(wish->from * 1e6) : INT64_MIN;
	int64_t to = windowed ? profile->start_us + llround(wish->to * 1e6) : INT64_MAX;
	int r = columns_within(&profile->peaks.columns, from, to, wish->columns, &columns);
	if (r < 0)
		return r;
	struct interval *intervals = calloc(columns.n + 1, sizeof *intervals);
	size_t n = intervals ? find_intervals(profile, curve, &columns, intervals) : 0;
	r = intervals ? 0 : -ENOMEM;
	if (n > 0)
		r = add_band(chart, curve, intervals, n, colour);
	free(intervals);
	columns_free(&columns);
	return r;
}
