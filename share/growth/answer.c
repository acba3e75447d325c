#include "share/growth/answer.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "share/growth/pauses.h"
#include "share/growth/shape.h"
#include "share/growth/statistics.h"

enum {
	SHORTEST = 60,  /* seconds behind the warm-up */
	ENOUGH = 120,   /* seconds that do, where nothing else is known */
	LATER = 8,      /* floors that tell of what began later */
	BRIEF = 3,      /* floors: a level of fewer */
	APART = 4,      /* ranges of floors that part such a level from the rest */
	SECONDS = 3600, /* an hour */
};

static const double SURE = 2.33;         /* Mann and Kendall's Z: one-sided, 1 % */
static const double SURER = 3;           /* of a part that was chosen */
static const double STEADY = 0.5;        /* of all pairs, more that rise than fall */
static const double NOTABLE = 4;         /* MiB: what grew by less is flat */
static const double NOTABLE_PART = 0.01; /* or by less than that of all that is held */
static const double LEVEL = 0.1;  /* of what is notable: floors differ so much by themselves */
static const double SLOWER = 0.7; /* the second half's slope against the first's */
static const double MOST_ALIKE = 0.96;
static const double LEAST_ERROR = 0.01; /* of a slope: no curve is a line */
static const double UNSEEN = 0.25; /* of what it would have grown by, over time that nobody saw */
static const double KEPT = 0.4;    /* of the growth that the slope tells, never given back */

const char *answer_word(enum answer_kind kind)
{
	static const char *const words[N_ANSWERS] = {
		[ANSWER_TOO_SHORT] = "too short", [ANSWER_FLAT] = "flat",
		[ANSWER_GROWS] = "grows",         [ANSWER_SETTLES] = "settles",
		[ANSWER_STEP] = "step",           [ANSWER_STOPPED] = "stopped",
		[ANSWER_UNEVEN] = "uneven",
	};
	return words[kind];
}

/* ---- slopes ---- */

/* Floors that hang together say less than so many: the interval is widened as for a first-order
 * process (Bayley and Hammersley, “The effective number of independent observations in an
 * autocorrelated time series”, 1946), and then some, since few floors tell too little of how they
 * hang together. */
static double widening(double alike)
{
	if (!(alike > 0))
		return 1;
	if (alike > MOST_ALIKE)
		alike = MOST_ALIKE;
	return (1 + alike) * statistics_root((1 + alike) / (1 - alike));
}

/* What is held at the end by that slope. */
static double find_level(const struct floors *f, size_t first, double slope)
{
	double rest[FLOORS_MOST];
	size_t n = f->n - first;
	for (size_t i = 0; i < n; i++)
		rest[i] = f->mib[first + i] + slope * (f->at[f->n - 1] - f->at[first + i]);
	return statistics_median(rest, n);
}

static void take_slope(struct answer *a, const struct floors *f, size_t first, double alike)
{
	struct statistics_slope s =
		statistics_slope(f->at + first, f->mib + first, f->n - first, widening(alike));
	double least = LEAST_ERROR * (s.slope < 0 ? -s.slope : s.slope);
	a->slope = s.slope * SECONDS;
	a->low = (s.slope - s.low < least ? s.slope - least : s.low) * SECONDS;
	a->high = (s.high - s.slope < least ? s.slope + least : s.high) * SECONDS;
	a->grown = s.slope * (f->at[f->n - 1] - f->at[first]);
	a->held = find_level(f, first, s.slope);
}

static double notable(const struct floors *f, const struct answer_series *series)
{
	double sorted[FLOORS_MOST], least = NOTABLE;
	memcpy(sorted, f->mib, f->n * sizeof *sorted);
	double part = NOTABLE_PART * statistics_median(sorted, f->n);
	least = part > least ? part : least;
	return 2 * series->error > least ? 2 * series->error : least;
}

/* ---- what else may look like growth ---- */

/* What is held now and was never given back since, at the beginning and at the last third's: of a
 * curve that comes back to its floor, however seldom, that is the same. */
static bool is_kept(const struct floors *f, double grown)
{
	size_t third = f->n - f->n / 3;
	double before = f->mib[0], after = f->mib[third];
	for (size_t i = 0; i < f->n; i++)
		before = f->mib[i] < before ? f->mib[i] : before;
	for (size_t i = third; i < f->n; i++)
		after = f->mib[i] < after ? f->mib[i] : after;
	return after - before > KEPT * grown * 2 / 3;
}

/* Between two windows: the point behind the steepest rise. */
static double find_step(const struct answer_series *series, double from, double to)
{
	double most = 0, at = to;
	for (size_t i = 1; i < series->n; i++) {
		const struct curve_point *p = &series->points[i];
		if (p->at < from || p->at > to || p->low - p[-1].low <= most)
			continue;
		most = p->low - p[-1].low;
		at = p->at;
	}
	return at;
}

/* Those that fall are no steps of growth. */
static void take_steps(struct answer *a, const struct floors *f, const struct shape *shape,
		       const struct answer_series *series)
{
	double most = 0;
	size_t largest = shape->before[0];
	a->held = f->mib[f->n - 1];
	for (unsigned i = 0; i < shape->steps; i++) {
		size_t before = shape->before[i];
		double rise = f->mib[before + 1] - f->mib[before];
		bool same = i > 0 && before == shape->before[i - 1] + 1; /* it rose within one */
		a->steps += rise > 0 && !same;
		if (rise <= most)
			continue;
		most = rise;
		largest = before;
	}
	double half = (f->to - f->from) / (double)f->windows / 2;
	a->step = find_step(series, f->at[largest] - half, f->at[largest + 1] + half);
}

/* A line that is one is none that settles, whatever chance makes of its halves. */
static bool settles(const struct floors *f, const struct shape *shape)
{
	size_t half = f->n / 2;
	double first = statistics_slope(f->at, f->mib, half + 1, 1).slope;
	double second = statistics_slope(f->at + half, f->mib + half, f->n - half, 1).slope;
	return second <= 0 || (shape->bend && second < SLOWER * first);
}

/* ---- all of it ---- */

/* Whatever shape it may have. */
static bool is_higher(const struct floors *f, size_t first, double least, double sure)
{
	size_t n = f->n - first;
	struct statistics_slope s = statistics_slope(f->at + first, f->mib + first, n, 1);
	return s.low > 0 && s.slope * (f->at[f->n - 1] - f->at[first]) >= least &&
	       statistics_kendall_z(f->mib + first, n) > sure &&
	       statistics_kendall(f->mib + first, n) > STEADY * (double)(n * (n - 1)) / 2;
}

struct level {
	double low, high; /* MiB: of its floors */
	size_t n;
};

static struct level level_of(const struct floors *f, size_t first, size_t end)
{
	struct level level = { f->mib[first], f->mib[first], end - first };
	for (size_t i = first; i < end; i++) {
		level.low = f->mib[i] < level.low ? f->mib[i] : level.low;
		level.high = f->mib[i] > level.high ? f->mib[i] : level.high;
	}
	return level;
}

/* However short the first level or the last: no floor of the one comes near the other. */
static bool is_apart(const struct floors *f, const struct shape *shape, double least)
{
	struct level first = level_of(f, 0, shape->before[0] + 1);
	struct level last = level_of(f, shape->before[shape->steps - 1] + 1, f->n);
	double between = last.low - first.high, high = first.high - first.low;
	high = last.high - last.low > high ? last.high - last.low : high;
	bool brief = first.n < BRIEF || last.n < BRIEF;
	return between >= least && between > (brief ? APART : 1) * high;
}

/* Most pairs of floors stand on one level: no slope tells of that. */
static bool has_stepped(const struct floors *f, const struct shape *shape, double least)
{
	double first[FLOORS_MOST], last[FLOORS_MOST];
	size_t part = f->n / FLOORS_FEWEST + 1;
	if (is_apart(f, shape, least))
		return true;
	memcpy(first, f->mib, part * sizeof *first);
	memcpy(last, f->mib + f->n - part, part * sizeof *last);
	double rise = statistics_median(last, part) - statistics_median(first, part);
	return rise >= least && is_kept(f, rise) && statistics_kendall_z(f->mib, f->n) > SURE;
}

/* All that it held from then on is above all that it held before, and no floor is left to tell. */
static bool rose_at_end(struct answer *a, const struct floors *f,
			const struct answer_series *series, double least)
{
	enum { POINTS = 3 };
	if (series->n < 2)
		return false;
	double last = series->points[series->n - 1].at;
	double half = (f->to - f->from) / (double)f->windows / 2;
	double at = find_step(series, f->at[f->n - 1] - half, last), low = 0, high = 0;
	size_t behind = 0;
	for (size_t i = 0; i < series->n; i++) {
		const struct curve_point *p = &series->points[i];
		if (p->at < at)
			high = p->mean > high ? p->mean : high;
		else if (behind++ == 0 || p->low < low)
			low = p->low;
	}
	if (behind < POINTS || low - high < least)
		return false;
	a->step = at;
	a->steps = 1;
	a->late = true;
	return true;
}

/* The more of the time it stands since, the fewer pairs of floors rise: so that all of them would
 * tell of nothing but chance. */
static bool rose_at_first(const struct floors *f, const struct shape *shape, double least)
{
	if (shape->bend == 0)
		return false;
	struct level last = level_of(f, shape->bend, f->n);
	double rise = last.low - f->mib[0];
	return rise >= least && rise > APART * (last.high - last.low);
}

static enum answer_kind judge(struct answer *a, const struct floors *f,
			      const struct answer_series *series)
{
	double least = notable(f, series);
	struct shape shape = shape_of(f, LEVEL * least);
	size_t first = shape.bend && f->n - shape.bend >= LATER ? shape.bend : 0;
	take_slope(a, f, 0, shape.alike);
	if (shape.steps && has_stepped(f, &shape, least)) {
		take_steps(a, f, &shape, series);
		return ANSWER_STEP;
	}
	if (!is_higher(f, 0, least, SURE) && (first == 0 || !is_higher(f, first, least, SURER))) {
		if (rose_at_end(a, f, series, least))
			return ANSWER_STEP;
		return rose_at_first(f, &shape, least) ? ANSWER_SETTLES : ANSWER_FLAT;
	}
	if (!is_kept(f, a->grown))
		return ANSWER_FLAT;
	if (settles(f, &shape))
		return ANSWER_SETTLES;
	if (first > 0) {
		take_slope(a, f, first, shape.alike);
		a->since = f->at[first];
	}
	return a->low > 0 ? ANSWER_GROWS : ANSWER_UNEVEN;
}

static size_t find_start(const struct answer_series *series)
{
	double first = series->points[0].at, last = series->points[series->n - 1].at;
	double from = first + ANSWER_WARM_UP * (last - first);
	size_t i = 0;
	if (series->after > first && series->after < last)
		from = series->after;
	while (i + 1 < series->n && series->points[i].at < from)
		i++;
	return i;
}

/* In all, warm-up too. Of `n` points behind that, which may be too few of however long a time. */
static double enough(const struct floors *f, double all, size_t n)
{
	double behind = f->to - f->from, wanted = SHORTEST, sparse = 0;
	if (f->shortfall > 0)
		wanted = behind + f->shortfall;
	wanted = behind > 0 ? wanted * all / behind : ENOUGH;
	if (n < FLOORS_MOST)
		sparse = all * FLOORS_MOST / (double)n;
	wanted = sparse > wanted ? sparse : wanted;
	return wanted > ENOUGH ? wanted : ENOUGH;
}

static int find(struct answer *a, const struct answer_series *series)
{
	struct floors floors;
	*a = (struct answer){ .kind = ANSWER_TOO_SHORT, .wanted = ENOUGH };
	if (series->n < 2)
		return 0;
	size_t from = find_start(series), end = floors_end(series->points, from, series->n);
	int r = floors_find(&floors, series->points + from, end - from);
	if (r < 0)
		return r;
	a->since = floors.from;
	a->until = floors.to;
	a->period = floors.period;
	a->wanted = enough(&floors, series->points[series->n - 1].at - series->points[0].at,
			   end - from);
	if (floors.to - floors.from < SHORTEST || floors.n < FLOORS_FEWEST)
		return 0;
	a->kind = judge(a, &floors, series);
	if (a->kind != ANSWER_GROWS && a->kind != ANSWER_FLAT)
		a->held = floors.mib[floors.n - 1];
	return 0;
}

/* ---- what is not its time ---- */

/* It did not go on while nobody looked, and had not settled before it stood still. */
static void take_rest(struct answer *a, const struct answer *rest, const struct pauses *p)
{
	if (rest->kind != ANSWER_GROWS || p->rise > UNSEEN * rest->slope / SECONDS * p->blind ||
	    (a->kind == ANSWER_FLAT && p->at_end))
		return;
	*a = *rest;
	a->since = pauses_moment(p, rest->since);
	a->until = pauses_moment(p, rest->until);
	a->paused = p->total;
	if (p->at_end)
		a->kind = ANSWER_STOPPED;
}

int answer_find(struct answer *a, const struct answer_series *series)
{
	struct pauses pauses;
	struct curve curve;
	struct answer rest;
	int r = find(a, series);
	if (r < 0 || series->n < 2 || a->kind == ANSWER_GROWS)
		return r;
	r = pauses_cut(&pauses, &curve, series->points, floors_end(series->points, 0, series->n));
	if (r < 0 || curve.n == 0)
		return r;
	r = find(&rest, &(struct answer_series){ curve.points, curve.n, 0, series->error });
	curve_free(&curve);
	if (r == 0)
		take_rest(a, &rest, &pauses);
	return r;
}

int answer_find_by_rounds(struct answer *a, const struct curve *curve, const double *moments,
			  size_t n)
{
	struct floors floors;
	const struct answer_series none = { 0 };
	size_t warm_up = (size_t)(ANSWER_WARM_UP * (double)n);
	*a = (struct answer){ .kind = ANSWER_TOO_SHORT };
	floors_of_rounds(&floors, curve, moments + warm_up, n - warm_up);
	if (floors.n < FLOORS_FEWEST)
		return 0;
	a->since = (double)warm_up;
	a->until = (double)n;
	a->kind = judge(a, &floors, &none);
	a->slope /= SECONDS;
	a->low /= SECONDS;
	a->high /= SECONDS;
	return 0;
}
