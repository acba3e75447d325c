#include "plotter/many/grid.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "plotter/many/lay.h"
#include "share/fleet/fleet.h"

/* A hole: so many times what it is from point to point on the average, and wider than two bins. */
enum { HOLE = 10, WIDE = 2 };

/* One member being laid into its row. */
struct laying {
	struct grid *grid;
	const struct lay *lay;
	const struct fleet_member *member;
	size_t row;
	double width; /* of a bin, seconds */
};

static long bin_of(const struct laying *l, int64_t us)
{
	double at = (lay_x(l->lay, l->row, us) - l->grid->from) / l->width;
	return (long)floor(fmax(fmin(at, 1e9), -1e9));
}

/* The axis' right end belongs to the last bin. */
static bool is_inside(const struct laying *l, long *bin)
{
	if (*bin == (long)l->grid->bins)
		--*bin;
	return *bin >= 0 && *bin < (long)l->grid->bins;
}

static void raise_to(const struct laying *l, long bin, int64_t umib, int64_t least)
{
	if (!is_inside(l, &bin))
		return;
	float *cell = &l->grid->mib[l->row * l->grid->bins + (size_t)bin];
	float *low = &l->grid->least[bin];
	*cell = fmaxf(*cell, (float)umib / 1e6F); /* fmaxf takes the number where one is NAN */
	*low = fminf(*low, (float)least / 1e6F);
}

/* What was held when somebody looked last is held until somebody looks again. */
static void hold(const struct laying *l, long from, long to, int64_t umib)
{
	from = from < 0 ? 0 : from;
	to = to > (long)l->grid->bins ? (long)l->grid->bins : to;
	for (long bin = from; bin < to; bin++)
		raise_to(l, bin, umib, umib);
}

static void lay_in(const struct laying *l)
{
	const struct fleet_member *m = l->member;
	double usual = (double)(m->to - m->from) / (double)m->n_points / 1e6;
	double hole = fmax(HOLE * usual, WIDE * l->width);
	hold(l, bin_of(l, m->from), bin_of(l, m->points[0].us), m->points[0].first);
	for (size_t i = 0; i < m->n_points; i++) {
		const struct fleet_point *p = &m->points[i];
		int64_t next = i + 1 < m->n_points ? m->points[i + 1].us : m->to;
		long bin = bin_of(l, p->us), end = bin_of(l, next);
		raise_to(l, bin, p->umib, p->least);
		if ((double)(next - p->us) / 1e6 <= hole || i + 1 == m->n_points)
			hold(l, bin + 1, i + 1 == m->n_points ? end + 1 : end, p->last);
	}
}

int grid_make(struct grid *grid, const struct fleet *fleet, const struct lay *lay, double from,
	      double to, size_t bins)
{
	*grid = (struct grid){ .members = fleet->n, .bins = bins, .from = from, .to = to };
	grid->mib = calloc(fleet->n * bins + 1, sizeof *grid->mib);
	grid->least = calloc(bins + 1, sizeof *grid->least);
	if (!grid->mib || !grid->least) {
		grid_free(grid);
		return -ENOMEM;
	}
	for (size_t i = 0; i < fleet->n * bins; i++)
		grid->mib[i] = NAN;
	for (size_t i = 0; i < bins; i++)
		grid->least[i] = NAN;
	for (size_t i = 0; i < fleet->n; i++) {
		const struct laying one = { grid, lay, &fleet->members[i], i,
					    fmax((to - from) / (double)bins, 1e-9) };
		if (lay->shown[i])
			lay_in(&one);
	}
	return 0;
}

void grid_free(struct grid *grid)
{
	free(grid->mib);
	free(grid->least);
	*grid = (struct grid){ 0 };
}

const float *grid_row(const struct grid *grid, size_t member)
{
	return grid->mib + member * grid->bins;
}

double grid_x(const struct grid *grid, size_t bin)
{
	return grid->from + ((double)bin + 0.5) * (grid->to - grid->from) / (double)grid->bins;
}

size_t grid_highest(const struct grid *grid, size_t row)
{
	const float *mib = grid_row(grid, row);
	size_t best = grid->bins;
	for (size_t i = 0; i < grid->bins; i++)
		if (!isnan(mib[i]) && (best == grid->bins || mib[i] > mib[best]))
			best = i;
	return best;
}
