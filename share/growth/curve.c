#include "share/growth/curve.h"

#include <errno.h>
#include <stdlib.h>

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

void curve_free(struct curve *curve)
{
	free(curve->points);
	*curve = (struct curve){ 0 };
}
