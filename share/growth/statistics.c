#include "share/growth/statistics.h"

#include <stdlib.h>

/* Newton's method from above: falls until it stands. */
double statistics_root(double value)
{
	double root = value > 1 ? value : 1;
	if (!(value > 0))
		return 0;
	for (int i = 0; i < 1100; i++) {
		double next = (root + value / root) / 2;
		if (next >= root)
			break;
		root = next;
	}
	return root;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

void statistics_sort(double *values, size_t n)
{
	if (n > 1)
		qsort(values, n, sizeof *values, by_value);
}

double statistics_quantile(const double *sorted, size_t n, double part)
{
	if (n == 0)
		return 0;
	double at = part * (double)(n - 1);
	size_t below = at > 0 ? (size_t)at : 0;
	if (below + 1 >= n)
		return sorted[n - 1];
	double rest = at > 0 ? at - (double)below : 0;
	return sorted[below] + rest * (sorted[below + 1] - sorted[below]);
}

double statistics_median(double *values, size_t n)
{
	statistics_sort(values, n);
	return statistics_quantile(values, n, 0.5);
}

double statistics_kendall(const double *values, size_t n)
{
	double s = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			s += (values[k] > values[i]) - (values[k] < values[i]);
	return s;
}

/* n(n-1)(2n+5)/18, less the same of each group of equal ones. A value of a group of t is met t
 * times, so each counts for (t-1)(2t+5). */
double statistics_kendall_variance(const double *values, size_t n)
{
	double all = (double)n, variance = all * (all - 1) * (2 * all + 5);
	for (size_t i = 0; i < n; i++) {
		double equal = 0;
		for (size_t k = 0; k < n; k++)
			equal += values[k] == values[i];
		variance -= (equal - 1) * (2 * equal + 5);
	}
	return n ? variance / 18 : 0;
}

double statistics_kendall_z(const double *values, size_t n)
{
	double s = statistics_kendall(values, n);
	double deviation = statistics_root(statistics_kendall_variance(values, n));
	if (deviation <= 0 || s == 0)
		return 0;
	return (s > 0 ? s - 1 : s + 1) / deviation;
}

double statistics_autocorrelation(const double *values, size_t n, size_t lag)
{
	double mean = 0, all = 0, shared = 0;
	for (size_t i = 0; i < n; i++)
		mean += values[i] / (double)n;
	for (size_t i = 0; i < n; i++) {
		double off = values[i] - mean;
		all += off * off;
		if (i + lag < n)
			shared += off * (values[i + lag] - mean);
	}
	return all > 0 ? shared / all : 0;
}

void statistics_detrend(double *values, size_t n)
{
	double mean = 0, middle = ((double)n - 1) / 2, sxx = 0, sxy = 0;
	for (size_t i = 0; i < n; i++)
		mean += values[i] / (double)n;
	for (size_t i = 0; i < n; i++) {
		double x = (double)i - middle;
		sxx += x * x;
		sxy += x * (values[i] - mean);
	}
	for (size_t i = 0; i < n; i++)
		values[i] -= mean + (sxx > 0 ? sxy / sxx * ((double)i - middle) : 0);
}

/* Of the sorted slopes of all pairs, the one in place `at`, counted from 1. */
static double at_rank(const double *slopes, size_t n, double at)
{
	double index = at - 1;
	double last = (double)(n - 1);
	index = index < 0 ? 0 : index > last ? last : index;
	size_t below = (size_t)index;
	double rest = index - (double)below;
	return below + 1 < n ? slopes[below] + rest * (slopes[below + 1] - slopes[below])
			     : slopes[below];
}

struct statistics_slope statistics_slope(const double *x, const double *y, size_t n, double widen)
{
	enum { PAIRS = STATISTICS_MOST * (STATISTICS_MOST - 1) / 2 };
	static const double TWO_SIDED_95 = 1.959964;
	double slopes[PAIRS];
	size_t pairs = 0;
	if (n > STATISTICS_MOST)
		n = STATISTICS_MOST;
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			if (x[k] > x[i])
				slopes[pairs++] = (y[k] - y[i]) / (x[k] - x[i]);
	if (pairs == 0)
		return (struct statistics_slope){ 0 };
	statistics_sort(slopes, pairs);
	double reach =
		widen * TWO_SIDED_95 * statistics_root(statistics_kendall_variance(y, n)) / 2;
	double middle = (double)pairs / 2;
	return (struct statistics_slope){
		.slope = statistics_quantile(slopes, pairs, 0.5),
		.low = at_rank(slopes, pairs, middle - reach),
		.high = at_rank(slopes, pairs, middle + reach + 1),
	};
}
