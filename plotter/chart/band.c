#include "plotter/chart/band.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/chart/parts.h"
#include "share/array.h"
#include "share/format.h"
#include "share/growth/peak_known.h"

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
	const struct chart_point *last = o->at > 0 ? &o->curve[o->at - 1] : NULL;
	double from = last ? fmax(last->x, fmin(i->from, i->to)) : i->from;
	highest = last && last->x == from ? fmax(highest, last->y) : highest;
	for (; o->at < o->n && o->curve[o->at].x < i->to; o->at++)
		highest = fmax(highest, o->curve[o->at].y);
	put(o, from, highest);
	put(o, i->to, highest);
}

/* The moment of the sample before this one, as far as the curve still has them all. */
static double before(const struct chart_curve *curve, double x)
{
	size_t at = parts_from(curve, x);
	return at > 0 ? curve->points[at - 1].x : x;
}

/* With --exact every interval may have its own, which ends at a sample; without, a mark belongs to
 * a long one, of which only the highest is known with its beginning. */
static size_t find_intervals(const struct profile *profile, const struct chart_curve *curve,
			     const struct columns *columns, struct interval *out)
{
	const struct profile_span *highest = &profile->highest;
	double start = sample_seconds(profile->start_us);
	size_t n = 0;
	if (!profile_is_set(profile, "exact")) {
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
	size_t upper = o.used;
	for (size_t i = curve->n; i-- > 0;)
		put(&o, curve->points[i].x, curve->points[i].y);
	*band = (struct chart_band){ colour, o.points, o.used, upper };
	return 0;
}

/* No process held more than its mark of an interval, but not all did so at once. */
static char *describe_sums(const struct profile *profile, const char *size)
{
	struct known_how how = peak_sampled(profile, true);
	how.by = KNOWN_BY_MARKS;
	how.lacks |= profile_is_set(profile, "unreset") ? KNOWN_UNRESET : 0;
	bool most = known_judge(&how) == KNOWN_AT_MOST;
	return parts_text("%s%s%s, sum of marks", most ? known_word(KNOWN_AT_MOST) : "",
			  most ? " " : "", size);
}

/* How far up the area reaches. */
static char *describe(const struct profile *profile)
{
	const char *bound = profile_setting(profile, "peak_bound");
	char size[FORMAT_SIZE];
	format_memory(size, sample_mib(profile->peaks.peak.umib));
	if (bound && strcmp(bound, "upper") == 0)
		return describe_sums(profile, size);
	return parts_text("up to %s", size);
}

static int add_row(struct chart *chart, const struct profile *profile,
		   const struct chart_wish *wish, unsigned colour)
{
	if (chart->n_rows >= wish->rows)
		return 0;
	return parts_add_row(chart, ROW_BAND, colour, parts_text("between samples"),
			     describe(profile));
}

int band_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
	      unsigned colour, bool alone)
{
	struct columns columns = { 0 };
	const struct chart_curve *curve = &chart->curves[chart->n_curves - 1];
	if (profile->peaks.samples == 0 || curve->n == 0 || wish->bill)
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
	if (n > 0 && r == 0 && alone)
		r = add_row(chart, profile, wish, colour);
	free(intervals);
	columns_free(&columns);
	return r;
}
