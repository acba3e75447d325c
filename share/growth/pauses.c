#include "share/growth/pauses.h"

#include <errno.h>
#include <stdlib.h>

enum {
	FEWEST = 48, /* points by which a pause can be told */
	BLIND = 24,  /* a pause without a sample is so manieth of the time, or longer */
	STILL = 10,  /* one in which nothing changed so manieth */
	OUTLIES = 3, /* and so many times as long as whatever is none */
	RUNS = 64,   /* the longest are looked at */
};

static const double LEVEL = 0.05; /* MiB: less is no change */

struct stretch {
	size_t first, last; /* points */
	double length;      /* seconds */
	bool blind;         /* between two neighbours */
};

static double span_of(const struct curve_point *points, size_t n)
{
	return points[n - 1].at - points[0].at;
}

static bool is_blind(const struct curve_point *p, double span, size_t n)
{
	double length = p->at - p[-1].at;
	return length >= span / BLIND && length > OUTLIES * span / (double)n;
}

/* Seconds from one point to the next, where somebody looks. */
static double usual_of(const struct curve_point *points, size_t n)
{
	double span = span_of(points, n), seen = span;
	for (size_t i = 1; i < n; i++)
		seen -= is_blind(&points[i], span, n) ? points[i].at - points[i - 1].at : 0;
	return seen / (double)n;
}

/* ---- in which nothing changed ---- */

static bool is_level(const struct curve_point *a, const struct curve_point *b)
{
	double low = b->low - a->low, mean = b->mean - a->low;
	return low > -LEVEL && low < LEVEL && mean > -LEVEL && mean < LEVEL;
}

/* The longest runs come first; how many. */
static size_t find_runs(struct stretch runs[RUNS + 1], const struct curve_point *points, size_t n)
{
	size_t n_runs = 0;
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && is_level(&points[i], &points[end]);)
			end++;
		const struct stretch run = { i, end - 1, points[end - 1].at - points[i].at, false };
		size_t k = n_runs;
		for (; k > 0 && runs[k - 1].length < run.length; k--)
			runs[k] = runs[k - 1];
		runs[k] = run;
		n_runs += n_runs < RUNS;
	}
	return n_runs;
}

/* So many of the longest are pauses: what comes behind them is far shorter. Stairs have none. */
static size_t count_still(const struct stretch *runs, size_t n, double span, double usual)
{
	for (size_t i = 0; i < n && runs[i].length >= span / STILL; i++) {
		double next = i + 1 < n ? runs[i + 1].length : 0;
		if (runs[i].length >= OUTLIES * (next > usual ? next : usual))
			return i + 1;
	}
	return 0;
}

/* ---- both kinds, in the order of time ---- */

static int by_time(const void *a, const void *b)
{
	const struct stretch *x = a, *y = b;
	return (x->first > y->first) - (x->first < y->first);
}

static bool is_within(const struct stretch *s, size_t n, size_t point)
{
	for (size_t i = 0; i < n; i++)
		if (point > s[i].first && point <= s[i].last)
			return true;
	return false;
}

static size_t find(struct stretch found[PAUSES_MOST], const struct curve_point *points, size_t n,
		   double usual)
{
	struct stretch runs[RUNS + 1];
	double span = span_of(points, n);
	size_t n_runs = find_runs(runs, points, n), still = count_still(runs, n_runs, span, usual),
	       met = 0;
	for (; met < still && met < PAUSES_MOST; met++)
		found[met] = runs[met];
	for (size_t i = 1; i < n && met < PAUSES_MOST; i++)
		if (is_blind(&points[i], span, n) && !is_within(runs, still, i))
			found[met++] =
				(struct stretch){ i - 1, i, points[i].at - points[i - 1].at, true };
	qsort(found, met, sizeof *found, by_time);
	return met;
}

/* ---- without them ---- */

/* The least that was held within so many seconds before and behind a point. */
static double floor_near(const struct curve_point *points, size_t n, size_t at, double from,
			 double to)
{
	double low = points[at].low;
	for (size_t i = 0; i < n; i++)
		if (points[i].at >= from && points[i].at <= to && points[i].low < low)
			low = points[i].low;
	return low;
}

static void take(struct pauses *p, const struct stretch *s, const struct curve_point *points,
		 size_t n, double usual)
{
	double near = span_of(points, n) / BLIND, from = points[s->first].at,
	       to = points[s->last].at;
	p->all[p->n].at = from - p->total;
	p->all[p->n++].length = s->length - usual;
	p->total += s->length - usual;
	if (!s->blind)
		return;
	p->blind += s->length;
	p->rise += floor_near(points, n, s->last, to, to + near) -
		   floor_near(points, n, s->first, from - near, from);
}

/* Of a still one its first point stays. */
static void leave_out(struct pauses *p, struct curve *rest, const struct stretch *found,
		      size_t n_found, const struct curve_point *points, size_t n)
{
	double usual = usual_of(points, n);
	for (size_t i = 0; i < n; i++) {
		rest->points[rest->n] = points[i];
		rest->points[rest->n++].at = points[i].at - p->total;
		if (p->n == n_found || found[p->n].first != i)
			continue;
		const struct stretch *s = &found[p->n];
		p->at_end = s->last + 1 == n;
		take(p, s, points, n, usual);
		if (s->blind)
			continue;
		i = s->last; /* another may begin where this one ends */
		if (p->n < n_found && found[p->n].first == i) {
			p->at_end = found[p->n].last + 1 == n;
			take(p, &found[p->n], points, n, usual);
		}
	}
}

int pauses_cut(struct pauses *p, struct curve *rest, const struct curve_point *points, size_t n)
{
	struct stretch found[PAUSES_MOST];
	*p = (struct pauses){ 0 };
	*rest = (struct curve){ 0 };
	size_t n_found = n < FEWEST ? 0 : find(found, points, n, usual_of(points, n));
	if (n_found == 0)
		return 0;
	rest->points = calloc(n, sizeof *rest->points);
	if (!rest->points)
		return -ENOMEM;
	leave_out(p, rest, found, n_found, points, n);
	return 0;
}

double pauses_moment(const struct pauses *p, double at)
{
	double moment = at;
	for (size_t i = 0; i < p->n && p->all[i].at < at; i++)
		moment += p->all[i].length;
	return moment;
}
