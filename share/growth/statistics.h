/* Robust statistics of short series: what a few windows of a curve tell of its trend. Pure: no
 * allocation, no state, no libm. Sources: Mann, “Nonparametric tests against trend”, Econometrica
 * 1945; Kendall, “Rank Correlation Methods”, 1975; Theil, 1950; Sen, “Estimates of the regression
 * coefficient based on Kendall's tau”, JASA 1968. */
#pragma once

#include <stddef.h>

enum { STATISTICS_MOST = 32 }; /* points of what a slope is asked of */

double statistics_root(double value); /* the square root; 0 of what is not above 0 */

void statistics_sort(double *values, size_t n);

/* Of sorted values, between two of them by their distance (Hyndman and Fan's type 7). 0 of none. */
double statistics_quantile(const double *sorted, size_t n, double part);
double statistics_median(double *values, size_t n); /* sorts them */

/* Kendall's S, of values in the order of their moments: how many pairs rise, less those that fall.
 * Its variance where nothing but chance is at work, equal values minded. */
double statistics_kendall(const double *values, size_t n);
double statistics_kendall_variance(const double *values, size_t n);

/* Mann and Kendall's Z: S, less the 1 that makes it continuous, in standard deviations. */
double statistics_kendall_z(const double *values, size_t n);

/* How much a value tells of the one `lag` later: -1 to 1; 0 where nothing varies. */
double statistics_autocorrelation(const double *values, size_t n, size_t lag);

/* y less its least-squares line over 0, 1, 2 …, in place. */
void statistics_detrend(double *values, size_t n);

struct statistics_slope {
	double slope, low, high; /* y per x; the interval holds it with 95 % */
};

/* Theil and Sen's slope: the median of those of all pairs; Sen's interval from Kendall's variance,
 * made `widen` times as wide (1: values that do not hang together). 2 to STATISTICS_MOST points
 * with x that rises; all 0 of fewer. */
struct statistics_slope statistics_slope(const double *x, const double *y, size_t n, double widen);
