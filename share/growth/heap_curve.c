/* A sampled heap as a trend is looked for in it. Its records tell of changes: it is looked at
 * whenever the memory was, so that what does not change is seen too. */
#include <errno.h>
#include <stdlib.h>

#include "share/growth/answer.h"
#include "share/growth/curve.h"
#include "share/growth/statistics.h"
#include "share/profile/profile.h"
#include "share/profile/sum.h"

struct following {
	const struct profile_heap *heap;
	size_t at;    /* the step that comes next */
	int64_t live; /* umib */
};

/* All steps before a moment, and at it. */
static void go_on(struct following *f, int64_t until)
{
	for (; f->at < f->heap->n_steps && f->heap->steps[f->at].us <= until; f->at++)
		f->live = sum_of(f->live, f->heap->steps[f->at].live);
}

/* Of the moments that a column is of. */
static struct curve_point point_of(struct following *f, const struct column *column, int64_t start)
{
	double first = sample_seconds(column->first.us - start),
	       last = sample_seconds(column->last.us - start);
	go_on(f, column->first.us);
	int64_t low = f->live, high = f->live, from = f->live;
	while (f->at < f->heap->n_steps && f->heap->steps[f->at].us <= column->last.us) {
		go_on(f, f->heap->steps[f->at].us);
		low = f->live < low ? f->live : low;
		high = f->live > high ? f->live : high;
	}
	return (struct curve_point){
		.at = (first + last) / 2,
		.low = sample_mib(low),
		.mean = (sample_mib(from) + sample_mib(f->live) + sample_mib(low) +
			 sample_mib(high)) /
			4,
	};
}

int curve_of_heap(struct curve *curve, const struct profile *p)
{
	struct following f = { .heap = &p->heap };
	const struct columns *columns = &p->memory.columns;
	*curve = (struct curve){ calloc(columns->n + 1, sizeof *curve->points), 0 };
	if (!curve->points)
		return -ENOMEM;
	for (size_t i = 0; i < columns->n; i++)
		if (columns->items[i].n > 0)
			curve->points[curve->n++] = point_of(&f, &columns->items[i], p->start_us);
	return 0;
}

static double smaller(double a, double b)
{
	return a < b ? a : b;
}

/* What was there then and is now is the same sample: only what came since, so far as it is still
 * there, and what has gone since, so far as it was there, can be wrong. */
double curve_heap_error(const struct profile *p)
{
	int64_t from =
		p->start_us + (int64_t)(ANSWER_WARM_UP * (double)(p->memory.last.us - p->start_us));
	double before = 0, came = 0, went = 0;
	for (size_t i = 0; i < p->heap.n_steps; i++) {
		const struct profile_heap_step *step = &p->heap.steps[i];
		double spread = (double)step->spread / 1e6;
		if (step->us <= from)
			before += spread;
		else
			*(spread > 0 ? &came : &went) += spread;
	}
	return statistics_root(smaller(came, before + came + went) + smaller(-went, before));
}
