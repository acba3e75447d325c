#include "share/profile/columns.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_LIMIT = 4096, FIRST_ALLOCATION = 64 };

static struct column column_of(struct sample sample)
{
	return (struct column){ sample, sample, sample, sample, 1 };
}

/* `later` follows in the file; of equal extremes the first stays. */
static void merge(struct column *column, const struct column *later)
{
	if (later->n == 0)
		return;
	if (column->n == 0) {
		*column = *later;
		return;
	}
	if (later->first.us < column->first.us)
		column->first = later->first;
	if (later->last.us >= column->last.us)
		column->last = later->last;
	if (later->low.umib < column->low.umib)
		column->low = later->low;
	if (later->high.umib > column->high.umib)
		column->high = later->high;
	column->n += later->n;
}

static size_t limit_of(const struct columns *columns)
{
	return columns->limit ? columns->limit : DEFAULT_LIMIT;
}

static int reserve(struct columns *columns, size_t n)
{
	if (n <= columns->allocated)
		return 0;
	size_t first = limit_of(columns) < FIRST_ALLOCATION ? limit_of(columns) : FIRST_ALLOCATION;
	size_t wanted = columns->allocated ? columns->allocated : first;
	while (wanted < n)
		wanted *= 2;
	struct column *items = realloc(columns->items, wanted * sizeof *items);
	if (!items)
		return -ENOMEM;
	memset(items + columns->allocated, 0, (wanted - columns->allocated) * sizeof *items);
	columns->items = items;
	columns->allocated = wanted;
	return 0;
}

/* Which column a moment belongs to; what lies before the start widens the first one's reach. */
static size_t place(const struct columns *columns, int64_t us)
{
	return us <= columns->start ? 0 : (size_t)((us - columns->start) / columns->width);
}

/* Neighbours become one, twice as wide. */
static void double_width(struct columns *columns)
{
	for (size_t i = 0; i < columns->n; i++) {
		struct column column = columns->items[i];
		columns->items[i].n = 0;
		if (i % 2 == 0)
			columns->items[i / 2] = column;
		else
			merge(&columns->items[i / 2], &column);
	}
	columns->n = (columns->n + 1) / 2;
	columns->width *= 2;
}

static int by_time(const void *a, const void *b)
{
	const struct column *x = a, *y = b;
	return (x->first.us > y->first.us) - (x->first.us < y->first.us);
}

/* From one sample a column to columns of one width: about half of the limit is in use afterwards.
 */
static void start_buckets(struct columns *columns)
{
	struct column *items = columns->items;
	size_t n = columns->n, limit = limit_of(columns);
	qsort(items, n, sizeof *items, by_time);
	int64_t span = items[n - 1].first.us - items[0].first.us;
	columns->start = items[0].first.us;
	columns->width = span / (int64_t)(limit / 2) + 1;
	columns->n = 0;
	for (size_t i = 0; i < n; i++) {
		struct column column = items[i];
		size_t at = place(columns, column.first.us);
		items[i].n = 0;
		for (; columns->n <= at; columns->n++)
			items[columns->n].n = 0;
		merge(&items[at], &column);
	}
}

/* Makes column `at` exist, widening all of them as often as the limit asks. */
static int reach(struct columns *columns, int64_t us, size_t *at)
{
	while ((*at = place(columns, us)) >= limit_of(columns))
		double_width(columns);
	int r = reserve(columns, *at + 1);
	if (r < 0)
		return r;
	for (; columns->n <= *at; columns->n++)
		columns->items[columns->n].n = 0;
	return 0;
}

/* The samples up to the end of column `at` (or of all): the hot loop, extremes in registers.
 * Returns how many. */
static size_t add_run(struct columns *columns, size_t at, const struct sample *samples, size_t n)
{
	struct column *column = &columns->items[at];
	int64_t left = columns->start + (int64_t)at * columns->width;
	uint64_t width = (uint64_t)columns->width;
	struct sample low = column->low, high = column->high;
	size_t i = 0;
	for (; i < n && (uint64_t)(samples[i].us - left) < width; i++) {
		if (samples[i].umib < low.umib)
			low = samples[i];
		if (samples[i].umib > high.umib)
			high = samples[i];
	}
	column->low = low;
	column->high = high;
	column->n += i;
	if (i > 0 && samples[i - 1].us >= column->last.us)
		column->last = samples[i - 1];
	return i;
}

static int add_to_buckets(struct columns *columns, const struct sample *samples, size_t n)
{
	while (n > 0) {
		size_t at = 0;
		int r = reach(columns, samples[0].us, &at);
		if (r < 0)
			return r;
		struct column one = column_of(samples[0]);
		merge(&columns->items[at], &one);
		size_t run = 1 + add_run(columns, at, samples + 1, n - 1);
		samples += run;
		n -= run;
	}
	return 0;
}

int columns_add(struct columns *columns, const struct sample *samples, size_t n)
{
	while (columns->width == 0 && n > 0) {
		if (columns->n == limit_of(columns)) {
			start_buckets(columns);
			break;
		}
		int r = reserve(columns, columns->n + 1);
		if (r < 0)
			return r;
		columns->items[columns->n++] = column_of(*samples++);
		columns->samples++;
		n--;
	}
	columns->samples += n;
	return add_to_buckets(columns, samples, n);
}

void columns_halve(struct columns *columns)
{
	size_t limit = limit_of(columns) / 2;
	if (limit < 4)
		return;
	columns->limit = limit & ~(size_t)1;
	if (columns->width == 0 && columns->n > columns->limit)
		start_buckets(columns);
	while (columns->width > 0 && columns->n > columns->limit)
		double_width(columns);
	if (columns->allocated > 2 * columns->limit) {
		struct column *items = realloc(columns->items, columns->limit * sizeof *items);
		if (items) {
			columns->items = items;
			columns->allocated = columns->limit;
		}
	}
}

static bool is_inside(const struct column *column, int64_t from, int64_t to)
{
	return column->n > 0 && column->last.us >= from && column->first.us <= to;
}

int columns_within(const struct columns *columns, int64_t from, int64_t to, size_t limit,
		   struct columns *out)
{
	*out = (struct columns){ .limit = limit < 4 ? 4 : limit };
	size_t first = 0, end = columns->n;
	while (first < end && !is_inside(&columns->items[first], from, to))
		first++;
	while (end > first && !is_inside(&columns->items[end - 1], from, to))
		end--;
	/* One more on either side, so that a curve reaches the window's edges. */
	first -= first > 0;
	end += end < columns->n;
	size_t n = end - first, group = (n + out->limit - 1) / out->limit;
	out->items = calloc(n + 1, sizeof *out->items);
	if (!out->items)
		return -ENOMEM;
	for (size_t i = first; i < end; i++) {
		struct column *column = &out->items[out->n];
		merge(column, &columns->items[i]);
		if (column->n > 0 && ((i - first) % group == group - 1 || i + 1 == end))
			out->n++;
	}
	if (columns->width == 0)
		qsort(out->items, out->n, sizeof *out->items, by_time);
	out->allocated = n + 1;
	out->samples = columns->samples;
	return 0;
}

void columns_free(struct columns *columns)
{
	free(columns->items);
	*columns = (struct columns){ 0 };
}
