#include "share/growth/shape.h"

#include <stdbool.h>

#include "share/growth/statistics.h"

enum { FIGURES_OF_LINE = 2, FIGURES_OF_BEND = 6, FIGURES_OF_STEP = 3, FLOORS_A_STEP = 6 };

static const double GAP = 1.7; /* of a window: over it lies what nobody has seen */

/* ---- two lines, or one ---- */

struct equations {
	double a[3][4];
};

/* A line, and what it changes by behind `bend`. */
static void add_floor(struct equations *e, double x, double y, double bend)
{
	const double basis[3] = { 1, x, x > bend ? x - bend : 0 };
	for (int i = 0; i < 3; i++) {
		for (int k = 0; k < 3; k++)
			e->a[i][k] += basis[i] * basis[k];
		e->a[i][3] += basis[i] * y;
	}
}

/* Gauss and Jordan; what is of no rank stays out. The matrix is definite: no pivots are sought. */
static void solve(struct equations *e, double out[3])
{
	for (int i = 0; i < 3; i++) {
		double pivot = e->a[i][i];
		if (pivot < 1e-9)
			pivot = 0;
		for (int k = 0; k < 4; k++)
			e->a[i][k] = pivot > 0 ? e->a[i][k] / pivot : 0;
		for (int row = 0; row < 3; row++) {
			double part = e->a[row][i];
			for (int k = 0; row != i && k < 4; k++)
				e->a[row][k] -= part * e->a[i][k];
		}
	}
	for (int i = 0; i < 3; i++)
		out[i] = e->a[i][3];
}

/* What is left of each floor; x in parts of the whole, so that figures of any size are told apart.
 */
static void find_rest(const struct floors *f, size_t bend, double rest[FLOORS_MOST])
{
	struct equations e = { 0 };
	double found[3], span = f->at[f->n - 1] - f->at[0], base = f->mib[0];
	double meet = bend ? (f->at[bend] - f->at[0]) / span : 2;
	for (size_t i = 0; i < f->n; i++)
		add_floor(&e, (f->at[i] - f->at[0]) / span, f->mib[i] - base, meet);
	solve(&e, found);
	for (size_t i = 0; i < f->n; i++) {
		double x = (f->at[i] - f->at[0]) / span;
		rest[i] = f->mib[i] - base - found[0] - found[1] * x -
			  (x > meet ? found[2] * (x - meet) : 0);
	}
}

static double misfit_of_lines(const struct floors *f, size_t bend)
{
	double rest[FLOORS_MOST], sum = 0;
	find_rest(f, bend, rest);
	for (size_t i = 0; i < f->n; i++)
		sum += rest[i] * rest[i];
	return sum;
}

/* Chance takes something of it for each figure that was fitted (Marriott and Pope, “Bias in the
 * estimation of autocorrelations”, Biometrika 1954, of a mean). */
static double find_alike(const struct floors *f, size_t bend)
{
	double rest[FLOORS_MOST], lost = bend ? FIGURES_OF_BEND : FIGURES_OF_LINE;
	find_rest(f, bend, rest);
	double alike = statistics_autocorrelation(rest, f->n, 1);
	return alike + (lost + 1 + (lost + 3) * alike) / (double)f->n;
}

static double find_bend(const struct floors *f, size_t *bend)
{
	double least = -1;
	for (size_t at = 2; at + 2 < f->n; at++) {
		double sum = misfit_of_lines(f, at);
		if (least >= 0 && sum >= least)
			continue;
		least = sum;
		*bend = at;
	}
	return least;
}

/* ---- levels ---- */

struct levels {
	/* Of the floors before each, in so many levels and one: the squares left, and where the
	 * last level begins. */
	double left[SHAPE_STEPS + 1][FLOORS_MOST + 1];
	size_t begins[SHAPE_STEPS + 1][FLOORS_MOST + 1];
};

static double misfit_of_level(const struct floors *f, size_t first, size_t end)
{
	double mean = 0, sum = 0;
	for (size_t i = first; i < end; i++)
		mean += f->mib[i] / (double)(end - first);
	for (size_t i = first; i < end; i++)
		sum += (f->mib[i] - mean) * (f->mib[i] - mean);
	return sum;
}

/* A step over a gap was not seen: whatever grew there did so in its time. */
static bool is_over_gap(const struct floors *f, size_t first)
{
	double window = (f->to - f->from) / (double)f->windows;
	return f->at[first] - f->at[first - 1] > GAP * window;
}

/* Bellman's way: the best levels of what comes first are part of the best of all. */
static void find_levels(struct levels *l, const struct floors *f)
{
	for (size_t k = 1; k <= SHAPE_STEPS; k++)
		for (size_t end = 0; end <= f->n; end++)
			l->left[k][end] = -1;
	for (size_t end = 1; end <= f->n; end++)
		l->left[0][end] = misfit_of_level(f, 0, end);
	for (size_t k = 1; k <= SHAPE_STEPS; k++)
		for (size_t end = k + 1; end <= f->n; end++) {
			for (size_t first = k; first < end; first++) {
				double sum = l->left[k - 1][first] + misfit_of_level(f, first, end);
				if (l->left[k - 1][first] < 0 || is_over_gap(f, first) ||
				    (l->left[k][end] >= 0 && sum >= l->left[k][end]))
					continue;
				l->left[k][end] = sum;
				l->begins[k][end] = first;
			}
		}
}

static void take_levels(struct shape *s, const struct levels *l, unsigned steps, size_t n)
{
	s->bend = 0;
	s->steps = steps;
	for (size_t k = steps, end = n; k > 0; k--) {
		end = l->begins[k][end];
		s->before[k - 1] = end - 1;
	}
}

/* ---- the choice ---- */

/* n to the power of 1/n: what one figure more must divide the squares by. */
static double price(size_t n)
{
	double low = 1, high = 2;
	for (int i = 0; i < 50; i++) {
		double middle = (low + high) / 2, power = 1;
		for (size_t k = 0; k < n; k++)
			power *= middle;
		*(power < (double)n ? &low : &high) = middle;
	}
	return high;
}

static double priced(double misfit, size_t n, unsigned figures)
{
	double factor = price(n);
	for (unsigned i = 0; i < figures; i++)
		misfit *= factor;
	return misfit;
}

struct shape shape_of(const struct floors *f, double noise)
{
	struct shape shape = { 0 };
	struct levels levels;
	size_t bend = 0;
	double always = (double)f->n * noise * noise;
	double least = priced(misfit_of_lines(f, 0) + always, f->n, FIGURES_OF_LINE);
	double bent = priced(find_bend(f, &bend) + always, f->n, FIGURES_OF_BEND);
	if (bent < least) {
		least = bent;
		shape.bend = bend;
	}
	shape.alike = find_alike(f, shape.bend);
	find_levels(&levels, f);
	for (unsigned k = 1; k <= SHAPE_STEPS && k * FLOORS_A_STEP <= f->n; k++) {
		double sum = priced(levels.left[k][f->n] + always, f->n, 1 + FIGURES_OF_STEP * k);
		if (levels.left[k][f->n] < 0 || sum >= least)
			continue;
		least = sum;
		take_levels(&shape, &levels, k, f->n);
	}
	return shape;
}
