#include "share/growth/floors.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "share/growth/statistics.h"

enum {
	CELLS = 512, /* of the curve whose period is looked for */
	END = 20,    /* a part so small of the time may be the end, at which all is given back */
	LATELY = 3,  /* and what is less than in so manieth of it before is that end */
	FOLDS = 3,   /* a period is seen at least so often */
};

static const double LOW = 0.02;   /* the part of a window's samples that lies below its floor */
static const double ROUND = 1.15; /* windows are so many periods long, so that each has a low */
static const double NEARLY = 0.8;
static const double ALIKE = 0.3; /* the least autocorrelation of what repeats itself */

size_t floors_end(const struct curve_point *points, size_t from, size_t n)
{
	if (n - from < 2)
		return n;
	double last = points[n - 1].at, span = last - points[from].at, since = last - span / END;
	size_t end = n, i = from;
	while (points[i].at < last - span / LATELY)
		i++;
	double lowest = points[i].low;
	for (; i < n && points[i].at < since; i++)
		lowest = points[i].low < lowest ? points[i].low : lowest;
	while (end > from + 1 && points[end - 1].at >= since && points[end - 1].low < lowest)
		end--;
	return end;
}

/* ---- the period ---- */

/* Evenly spaced means; a cell without a sample has its neighbour's. */
static void resample(double cells[CELLS], size_t n_cells, const struct curve_point *points,
		     size_t n)
{
	double from = points[0].at, span = points[n - 1].at - from, carried = points[0].mean;
	size_t i = 0;
	for (size_t c = 0; c < n_cells; c++) {
		double edge = from + span * (double)(c + 1) / (double)n_cells, sum = 0;
		size_t met = 0;
		for (; i < n && (points[i].at < edge || c + 1 == n_cells); i++, met++)
			sum += points[i].mean;
		cells[c] = carried = met ? sum / (double)met : carried;
	}
}

/* The first lag that is nearly as good as the best, up to its summit: a multiple of the period is
 * as good. `alike` of the lags from 0; 0: none. */
static size_t first_summit(const double *alike, size_t n, size_t from, double best)
{
	for (size_t lag = from; lag < n; lag++) {
		if (alike[lag] < NEARLY * best)
			continue;
		while (lag + 1 < n && alike[lag + 1] > alike[lag])
			lag++;
		return lag;
	}
	return 0;
}

/* Seconds: the lag behind the first fall below 0 at which the curve is most like itself. */
static double find_period(const struct curve_point *points, size_t n)
{
	double cells[CELLS], alike[CELLS / FOLDS + 1], best = ALIKE;
	size_t n_cells = n < CELLS ? n : CELLS, n_lags = n_cells / FOLDS, fell = n_lags;
	resample(cells, n_cells, points, n);
	statistics_detrend(cells, n_cells);
	for (size_t lag = 0; lag < n_lags; lag++) {
		alike[lag] = statistics_autocorrelation(cells, n_cells, lag);
		if (fell == n_lags && alike[lag] < 0)
			fell = lag;
		if (lag > fell && alike[lag] > best)
			best = alike[lag];
	}
	size_t period = best > ALIKE ? first_summit(alike, n_lags, fell, best) : 0;
	return (points[n - 1].at - points[0].at) * (double)period / (double)n_cells;
}

/* ---- the floors ---- */

static size_t choose_windows(const struct floors *f)
{
	double span = f->to - f->from;
	if (f->period <= 0)
		return FLOORS_MOST;
	double most = span / (f->period * ROUND);
	return most > FLOORS_MOST ? FLOORS_MOST : (size_t)most;
}

/* A window's floor stands in the middle of its samples, not of its edges: there may be gaps. */
static void add_floor(struct floors *f, const struct curve_point *points, size_t n, double *lows)
{
	double at = 0;
	if (n == 0)
		return;
	for (size_t i = 0; i < n; i++) {
		at += points[i].at / (double)n;
		lows[i] = points[i].low;
	}
	statistics_sort(lows, n);
	f->at[f->n] = at;
	f->mib[f->n++] = statistics_quantile(lows, n, LOW);
}

int floors_find(struct floors *f, const struct curve_point *points, size_t n)
{
	*f = (struct floors){ 0 };
	if (n < 2)
		return 0;
	f->from = points[0].at;
	f->to = points[n - 1].at;
	f->period = find_period(points, n);
	size_t windows = choose_windows(f), i = 0;
	if (windows < FLOORS_FEWEST || n < FLOORS_MOST) {
		f->shortfall = FLOORS_FEWEST * ROUND * f->period - (f->to - f->from);
		return 0;
	}
	f->windows = windows;
	double *lows = malloc(n * sizeof *lows), span = f->to - f->from;
	if (!lows)
		return -ENOMEM;
	for (size_t w = 0; w < windows; w++) {
		double edge = f->from + span * (double)(w + 1) / (double)windows;
		size_t first = i;
		while (i < n && (points[i].at < edge || w + 1 == windows))
			i++;
		add_floor(f, points + first, i - first, lows);
	}
	free(lows);
	return 0;
}

/* ---- by rounds ---- */

static bool find_low(const struct curve *curve, double from, double to, double *low)
{
	bool found = false;
	for (size_t i = 0; i < curve->n; i++) {
		const struct curve_point *p = &curve->points[i];
		if (p->at < from || p->at >= to || (found && p->low >= *low))
			continue;
		*low = p->low;
		found = true;
	}
	return found;
}

void floors_of_rounds(struct floors *f, const struct curve *curve, const double *moments, size_t n)
{
	*f = (struct floors){ 0 };
	size_t rounds = n > 0 ? n - 1 : 0, first = 0;
	f->windows = rounds < FLOORS_MOST ? rounds : FLOORS_MOST;
	for (size_t w = 0; w < f->windows; w++) {
		size_t end = (w + 1) * rounds / f->windows;
		f->at[f->n] = (double)(first + end) / 2;
		f->n += find_low(curve, moments[first], moments[end], &f->mib[f->n]);
		first = end;
	}
	f->to = (double)rounds;
}
