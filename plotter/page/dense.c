#include "plotter/page/dense.h"

#include <inttypes.h>
#include <stdbool.h>

#include "plotter/chart/chart.h"
#include "plotter/chart/make.h"
#include "share/profile/profile.h"

enum { POINTS = 1 << 20, IN_COLUMN = 4 }; /* of a curve, at the most; of each of its columns */

size_t dense_columns(size_t n)
{
	size_t columns = POINTS;
	while (columns > IN_COLUMN && columns * n > POINTS)
		columns /= 2;
	return columns;
}

static size_t longest(const struct chart *chart)
{
	size_t n = 0;
	for (size_t i = 0; i < chart->n_curves; i++)
		n = chart->curves[i].n > n ? chart->curves[i].n : n;
	return n;
}

/* A curve that was thinned out as it was read has up to four points a column. */
int dense_make(struct chart *dense, const struct profile *const profiles[], size_t n,
	       const struct chart_wish *wish)
{
	struct chart_wish wide = *wish;
	wide.columns = POINTS;
	int r = chart_make(dense, profiles, n, &wide);
	if (r < 0 || longest(dense) <= POINTS)
		return r;
	chart_free(dense);
	wide.columns = POINTS / IN_COLUMN;
	return chart_make(dense, profiles, n, &wide);
}

static bool is_thinned(const struct profile_series *series)
{
	return series->columns.width > 0;
}

static bool any_thinned(const struct profile *p)
{
	bool thinned = is_thinned(&p->memory);
	for (size_t i = 0; i < p->n_children; i++)
		thinned |= is_thinned(&p->children[i].series);
	for (size_t i = 0; i < p->n_gpus; i++)
		thinned |= is_thinned(&p->gpus[i].series);
	for (size_t i = 0; i < p->n_values; i++)
		thinned |= is_thinned(&p->values[i].series);
	return thinned;
}

void dense_say(FILE *out, const struct chart *dense, const struct profile *const profiles[],
	       size_t n)
{
	uint64_t samples = 0;
	bool thinned = false;
	for (size_t i = 0; i < n; i++) {
		samples += profiles[i]->memory.samples;
		thinned |= any_thinned(profiles[i]);
	}
	if (!thinned)
		return;
	fprintf(out,
		"<p class=\"thinned\">Not every sample is on this page: there are %" PRIu64
		", more than it holds, and the longest curve has %zu points, the first, the "
		"lowest, the highest and the last sample of each short stretch of time. No peak is "
		"missing, and what is told at a moment is a sample; what lies between is left "
		"out.</p>\n",
		samples, longest(dense));
}
