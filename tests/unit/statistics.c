#include "share/growth/statistics.h"

#include "tests/check.h"

static void test_root(void)
{
	CHECK_NEAR(statistics_root(2), 1.4142135623730951, 1e-15);
	CHECK_NEAR(statistics_root(1e-12), 1e-6, 1e-18);
	CHECK_NEAR(statistics_root(1e300) / 1e150, 1, 1e-12);
	CHECK(statistics_root(0) == 0 && statistics_root(-1) == 0);
}

/* Hyndman and Fan's type 7, as R and NumPy have it. */
static void test_quantile(void)
{
	double values[] = { 4, 1, 3, 2 };
	CHECK_NEAR(statistics_median(values, 4), 2.5, 1e-12);
	CHECK_NEAR(statistics_quantile(values, 4, 0.02), 1.06, 1e-12);
	CHECK_NEAR(statistics_quantile(values, 4, 0.9), 3.7, 1e-12);
	CHECK_NEAR(statistics_quantile(values, 4, 1), 4, 0);
	CHECK_NEAR(statistics_quantile(values, 1, 0.3), 1, 0);
	CHECK_NEAR(statistics_quantile(values, 0, 0.3), 0, 0);
}

/* Sen's own example (JASA 63, 1968, section 6): 4, between 26/7 and 35/8. */
static void test_sen(void)
{
	const double x[] = { 1, 2, 3, 4, 10, 12, 18 }, y[] = { 9, 15, 19, 20, 45, 55, 78 };
	struct statistics_slope s = statistics_slope(x, y, 7, 1);
	CHECK_NEAR(s.slope, 4, 1e-12);
	CHECK_NEAR(s.low, 26.0 / 7, 0.03);
	CHECK_NEAR(s.high, 35.0 / 8, 0.03);
	CHECK_NEAR(statistics_kendall(y, 7), 21, 0);
	CHECK_NEAR(statistics_kendall_variance(y, 7), 7 * 6 * 19 / 18.0, 1e-12);
	s = statistics_slope(x, y, 1, 1);
	CHECK(s.slope == 0 && s.low == 0 && s.high == 0);
}

/* Gilbert, “Statistical Methods for Environmental Pollution Monitoring” (1987), chapter 16: ties
 * take from the variance 2·1·9 for a pair, 3·2·11 for three. */
static void test_ties(void)
{
	const double y[] = { 10, 22, 21, 30, 22, 30, 40, 40, 40 };
	CHECK_NEAR(statistics_kendall(y, 9), 27, 0);
	CHECK_NEAR(statistics_kendall_variance(y, 9), (9 * 8 * 23 - 18 - 18 - 66) / 18.0, 1e-9);
	CHECK_NEAR(statistics_kendall_z(y, 9), 26 / 9.2916, 1e-3);
	const double same[] = { 5, 5, 5, 5 };
	CHECK_NEAR(statistics_kendall_variance(same, 4), 0, 1e-12);
	CHECK_NEAR(statistics_kendall_z(same, 4), 0, 0);
	CHECK_NEAR(statistics_kendall_variance(same, 0), 0, 0);
}

static void test_autocorrelation(void)
{
	const double turns[] = { 1, -1, 1, -1, 1, -1, 1, -1 };
	CHECK_NEAR(statistics_autocorrelation(turns, 8, 1), -7.0 / 8, 1e-12);
	CHECK_NEAR(statistics_autocorrelation(turns, 8, 2), 6.0 / 8, 1e-12);
	CHECK_NEAR(statistics_autocorrelation(turns, 8, 8), 0, 0);
	const double line[] = { 3, 3, 3 };
	CHECK_NEAR(statistics_autocorrelation(line, 3, 1), 0, 0);
	CHECK_NEAR(statistics_autocorrelation(line, 0, 1), 0, 0);
}

static void test_detrend(void)
{
	double line[] = { 5, 7, 9, 11 };
	statistics_detrend(line, 4);
	for (int i = 0; i < 4; i++)
		CHECK_NEAR(line[i], 0, 1e-12);
	double one[] = { 5 };
	statistics_detrend(one, 1);
	CHECK_NEAR(one[0], 0, 1e-12);
}

int main(void)
{
	RUN(test_root);
	RUN(test_quantile);
	RUN(test_sen);
	RUN(test_ties);
	RUN(test_autocorrelation);
	RUN(test_detrend);
	return DONE();
}
