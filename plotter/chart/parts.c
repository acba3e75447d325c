#include "plotter/chart/parts.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"
#include "share/text.h"

enum {
	FEWEST_SAMPLES = 8, /* by which it can be told how long it usually is between them */
	HOLE = 10,          /* times that */
	PART = 50,          /* of the time shown: a briefer one is no more than a slow machine, */
	LONG = 5000000,     /* µs: but this long it is one in any picture */
};

/* Pixels: a narrower gap in a line looks like a fault of the picture. */
static const double SEEN = 2;

char *parts_text(const char *format, ...)
{
	va_list arguments;
	char *raw;
	va_start(arguments, format);
	int n = vasprintf(&raw, format, arguments);
	va_end(arguments);
	if (n < 0)
		return NULL;
	char *text = text_printable(raw);
	free(raw);
	return text;
}

int parts_add_row(struct chart *chart, enum chart_row_kind kind, unsigned colour, char *label,
		  char *detail)
{
	struct chart_row *row =
		label && detail ? array_more(&chart->rows, &chart->n_rows, sizeof *row) : NULL;
	if (!row) {
		free(label);
		free(detail);
		return -ENOMEM;
	}
	*row = (struct chart_row){ kind, colour, label, detail };
	return 0;
}

int parts_add_limit(struct chart *chart, double mib, unsigned colour, bool below, char *label)
{
	struct chart_limit *limit =
		label ? array_more(&chart->limits, &chart->n_limits, sizeof *limit) : NULL;
	if (!limit) {
		free(label);
		return -ENOMEM;
	}
	*limit = (struct chart_limit){ mib, false, colour, below, label };
	return 0;
}

size_t parts_from(const struct chart_curve *curve, double x)
{
	size_t low = 0, high = curve->n;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (curve->points[middle].x < x)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t parts_fitting(size_t n, size_t rows)
{
	return n <= rows ? n : rows > 0 ? rows - 1 : 0;
}

/* Who is largest says more than how many there are: one is named in any case. */
size_t parts_named(size_t n, size_t rows)
{
	size_t fitting = parts_fitting(n, rows);
	fitting = fitting < CHART_COLOURS ? fitting : CHART_COLOURS;
	return fitting > 0 ? fitting : n > 0;
}

size_t parts_room(const struct chart *chart, const struct chart_wish *wish)
{
	return wish->rows > chart->n_rows ? wish->rows - chart->n_rows : 0;
}

static int by_time(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;
	return (x->us > y->us) - (x->us < y->us);
}

/* A column's four samples in time order, each once. */
size_t parts_samples(const struct column *column, struct sample out[4])
{
	struct sample all[4] = { column->first, column->low, column->high, column->last };
	qsort(all + 1, 2, sizeof *all, by_time);
	size_t n = 0;
	for (size_t i = 0; i < 4; i++)
		if (n == 0 || all[i].us != out[n - 1].us || all[i].umib != out[n - 1].umib)
			out[n++] = all[i];
	return n;
}

/* In a window, its width; else the curve's own, which is no wider than the picture's. */
static double pixel_of(const struct chart_curve *curve, const struct chart_wish *wish)
{
	double all = wish->to > wish->from ? wish->to - wish->from
		     : curve->n > 0        ? curve->points[curve->n - 1].x - curve->points[0].x
					   : 0;
	return all / (double)(wish->columns ? wish->columns : 1);
}

void parts_break(struct chart_curve *curve, double from, double to, const struct chart_wish *wish)
{
	size_t at = parts_from(curve, to);
	if (to - from >= SEEN * pixel_of(curve, wish) && at > 0 && at < curve->n &&
	    curve->points[at - 1].x <= from)
		curve->points[at].apart = true;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static int64_t briefest_seen(const struct columns *columns)
{
	int64_t span = columns->items[columns->n - 1].last.us - columns->items[0].first.us;
	return span / PART < LONG ? span / PART : LONG;
}

/* A hole: far longer than it usually is from sample to sample. 0: none is; -ENOMEM. */
static int64_t least_hole(const struct columns *columns)
{
	if (columns->n < FEWEST_SAMPLES)
		return 0;
	int64_t *steps = calloc(columns->n, sizeof *steps);
	if (!steps)
		return -ENOMEM;
	for (size_t i = 1; i < columns->n; i++)
		steps[i - 1] = columns->items[i].first.us - columns->items[i - 1].last.us;
	qsort(steps, columns->n - 1, sizeof *steps, by_size);
	int64_t usual = steps[(columns->n - 1) / 2];
	free(steps);
	int64_t brief = briefest_seen(columns);
	return usual <= 0 ? 0 : HOLE * usual < brief ? brief : HOLE * usual;
}

/* The part of a series inside the window. */
static int cut(struct columns *columns, const struct profile_series *series, int64_t start,
	       const struct chart_wish *wish)
{
	bool windowed = wish->from != wish->to;
	int64_t from = windowed ? start + llround(wish->from * 1e6) : INT64_MIN;
	int64_t to = windowed ? start + llround(wish->to * 1e6) : INT64_MAX;
	return columns_within(&series->columns, from, to, wish->columns, columns);
}

int parts_break_holes(struct chart_curve *curve, const struct profile_series *series, int64_t start,
		      const struct chart_wish *wish)
{
	struct columns columns = { 0 };
	int r = cut(&columns, series, start, wish);
	if (r < 0)
		return r;
	int64_t least = least_hole(&columns);
	for (size_t i = 1; i < columns.n && least > 0; i++) {
		int64_t from = columns.items[i - 1].last.us, to = columns.items[i].first.us;
		if (to - from >= least)
			parts_break(curve, sample_seconds(from - start), sample_seconds(to - start),
				    wish);
	}
	columns_free(&columns);
	return least < 0 ? (int)least : 0;
}

int parts_add_line(struct chart *chart, const struct profile_series *series, int64_t start,
		   enum chart_role role, unsigned colour, const struct chart_wish *wish)
{
	struct columns columns = { 0 };
	int r = cut(&columns, series, start, wish);
	if (r < 0)
		return r;
	struct chart_point *points = calloc(4 * columns.n + 1, sizeof *points);
	struct chart_curve *curve =
		points ? array_more(&chart->curves, &chart->n_curves, sizeof *curve) : NULL;
	if (!curve) {
		free(points);
		columns_free(&columns);
		return -ENOMEM;
	}
	*curve = (struct chart_curve){ .role = role, .colour = colour, .points = points };
	for (size_t i = 0; i < columns.n; i++) {
		struct sample samples[4];
		size_t n = parts_samples(&columns.items[i], samples);
		for (size_t k = 0; k < n; k++)
			points[curve->n++] =
				(struct chart_point){ sample_seconds(samples[k].us - start),
						      sample_mib(samples[k].umib) };
	}
	columns_free(&columns);
	return 0;
}

int parts_add_curve(struct chart *chart, const struct profile_series *series, int64_t start,
		    enum chart_role role, unsigned colour, const struct chart_wish *wish)
{
	int r = parts_add_line(chart, series, start, role, colour, wish);
	return r < 0 ? r
		     : parts_break_holes(&chart->curves[chart->n_curves - 1], series, start, wish);
}

double parts_length(const struct profile *profile)
{
	int64_t end = profile_end_us(profile);
	return end > profile->start_us ? sample_seconds(end - profile->start_us) : 0;
}
