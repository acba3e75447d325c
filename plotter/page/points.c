#include "plotter/page/points.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "plotter/chart/chart.h"
#include "plotter/page/packed.h"

enum { KIB = 1024 };

/* One coordinate of some points, each less the one before. */
static void add_column(struct packed *b, const struct chart_point *points, size_t n, bool ys,
		       double unit)
{
	int64_t before = 0;
	for (size_t i = 0; i < n; i++) {
		int64_t at = llround((ys ? points[i].y : points[i].x) * unit);
		packed_add(b, at - before);
		before = at;
	}
}

static void add_points(struct packed *b, const struct chart_point *points, size_t n, double unit)
{
	add_column(b, points, n, false, unit);
	add_column(b, points, n, true, KIB);
}

/* Finer than milliseconds only where samples stand that close: it is the stamps that take room. */
double points_unit(const struct chart *chart)
{
	static const double CLOSE = 0.0015, FINE = 1e6, COARSE = 1e3;
	for (size_t i = 0; i < chart->n_curves; i++) {
		const struct chart_curve *curve = &chart->curves[i];
		if (curve->n > 1 && curve->points[curve->n - 1].x - curve->points[0].x <
					    CLOSE * (double)(curve->n - 1))
			return FINE;
	}
	return COARSE;
}

static bool is_same(const struct chart_point *a, const struct chart_point *b)
{
	return a->x == b->x && a->y == b->y;
}

size_t points_floor(const struct chart *chart, const struct chart_band *band)
{
	size_t lower = band->n - band->upper;
	for (size_t i = 0; i < chart->n_curves && lower > 0; i++) {
		const struct chart_curve *curve = &chart->curves[i];
		size_t k = 0;
		while (k < lower && lower == curve->n &&
		       is_same(&band->points[band->n - 1 - k], &curve->points[k]))
			k++;
		if (k == lower)
			return i;
	}
	return chart->n_curves;
}

int points_put(FILE *out, const struct chart *chart, double unit)
{
	struct packed all = { 0 };
	for (size_t i = 0; i < chart->n_curves; i++)
		add_points(&all, chart->curves[i].points, chart->curves[i].n, unit);
	for (size_t i = 0; i < chart->n_bands; i++) {
		const struct chart_band *band = &chart->bands[i];
		bool stands = points_floor(chart, band) < chart->n_curves;
		add_points(&all, band->points, stands ? band->upper : band->n, unit);
	}
	return packed_put(out, &all);
}
