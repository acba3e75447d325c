#include "share/growth/curve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/profile/profile.h"
#include "share/profile/sample.h"

static struct curve_point point_of(const struct column *column, int64_t start)
{
	double first = sample_seconds(column->first.us - start),
	       last = sample_seconds(column->last.us - start);
	return (struct curve_point){
		.at = (first + last) / 2,
		.low = sample_mib(column->low.umib),
		.mean = (sample_mib(column->first.umib) + sample_mib(column->last.umib) +
			 sample_mib(column->low.umib) + sample_mib(column->high.umib)) /
			4,
	};
}

static int by_time(const void *a, const void *b)
{
	const struct curve_point *x = a, *y = b;
	return (x->at > y->at) - (x->at < y->at);
}

int curve_of_columns(struct curve *curve, const struct columns *columns, int64_t start)
{
	*curve = (struct curve){ calloc(columns->n + 1, sizeof *curve->points), 0 };
	if (!curve->points)
		return -ENOMEM;
	for (size_t i = 0; i < columns->n; i++)
		if (columns->items[i].n > 0)
			curve->points[curve->n++] = point_of(&columns->items[i], start);
	qsort(curve->points, curve->n, sizeof *curve->points, by_time);
	return 0;
}

/* ---- the children of one role ---- */

enum { CELLS = 1024 };

struct cells {
	int64_t start; /* µs, of the first */
	double width;  /* µs */
	struct curve_point *points;
};

static size_t cell_of(const struct cells *c, int64_t us)
{
	double at = (double)(us - c->start) / c->width;
	return at <= 0 ? 0 : at >= CELLS ? CELLS - 1 : (size_t)at;
}

static void add_until(struct cells *c, size_t *cell, size_t end, const struct column *held)
{
	for (; *cell < end; ++*cell) {
		c->points[*cell].low += sample_mib(held->low.umib);
		c->points[*cell].mean += sample_mib(held->last.umib);
	}
}

/* From its first sample to its last. */
static void add_child(struct cells *c, const struct profile_series *series)
{
	const struct columns *columns = &series->columns;
	const struct column *held = NULL;
	size_t cell = cell_of(c, series->first.us);
	for (size_t i = 0; i < columns->n; i++) {
		const struct column *column = &columns->items[i];
		if (column->n == 0)
			continue;
		if (held)
			add_until(c, &cell, cell_of(c, column->first.us), held);
		held = column;
	}
	if (held)
		add_until(c, &cell, cell_of(c, series->last.us) + 1, held);
}

int curve_of_role(struct curve *curve, const struct profile *profile, const char *name)
{
	int64_t last = profile->memory.last.us;
	struct cells c = { .start = profile->start_us };
	*curve = (struct curve){ calloc(CELLS, sizeof *curve->points), 0 };
	if (!curve->points)
		return -ENOMEM;
	if (last <= c.start)
		return 0;
	c.points = curve->points;
	c.width = (double)(last - c.start) / CELLS;
	curve->n = CELLS;
	for (size_t i = 0; i < CELLS; i++)
		c.points[i].at = ((double)i + 0.5) * c.width / 1e6;
	for (size_t i = 0; i < profile->n_children; i++) {
		const struct profile_child *child = &profile->children[i];
		if (child->name && strcmp(child->name, name) == 0 && child->series.samples > 0)
			add_child(&c, &child->series);
	}
	return 0;
}

void curve_free(struct curve *curve)
{
	free(curve->points);
	*curve = (struct curve){ 0 };
}
