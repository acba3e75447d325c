#include "plotter/live/recent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	FINE = 100000,  /* µs a column of the minute */
	COARSE = 500000 /* and of the ten */
};

/* ---- a ring ---- */

static int ring_open(struct recent_ring *ring, int64_t width, int64_t seconds)
{
	*ring = (struct recent_ring){ .width = width,
				      .n = (size_t)(seconds * 1000000 / width) + 1 };
	ring->items = calloc(ring->n, sizeof *ring->items);
	return ring->items ? 0 : -ENOMEM;
}

static int64_t floored(int64_t us, int64_t width)
{
	return us - ((us % width) + width) % width;
}

/* Finds the column of a moment, and empties it where it is of an earlier round. */
static struct column *turn_to(struct recent_ring *ring, int64_t us)
{
	int64_t left = floored(us, ring->width), round = left / ring->width;
	ring->left = left;
	ring->at = (size_t)(((round % (int64_t)ring->n) + (int64_t)ring->n) % (int64_t)ring->n);
	struct column *column = &ring->items[ring->at];
	if (column->n > 0 && floored(column->first.us, ring->width) != left)
		column->n = 0;
	return column;
}

static void ring_add(struct recent_ring *ring, const struct sample *samples, size_t n)
{
	struct column *column = &ring->items[ring->at];
	for (size_t i = 0; i < n; i++) {
		const struct sample *s = &samples[i];
		if (ring->newest == 0 || (uint64_t)(s->us - ring->left) >= (uint64_t)ring->width)
			column = turn_to(ring, s->us);
		if (column->n++ == 0)
			*column = (struct column){ *s, *s, *s, *s, 1 };
		column->last = *s;
		if (s->umib > column->high.umib)
			column->high = *s;
		if (s->umib < column->low.umib)
			column->low = *s;
		ring->newest = s->us > ring->newest ? s->us : ring->newest;
	}
}

/* Is it of the last `us` microseconds? */
static bool is_recent(const struct recent_ring *ring, const struct column *column, int64_t us)
{
	return column->n > 0 && column->last.us >= ring->newest - us &&
	       column->first.us <= ring->newest;
}

/* ---- a series ---- */

static int series_open(struct recent_series *series)
{
	int r = ring_open(&series->minute, FINE, RECENT_MINUTE);
	return r < 0 ? r : ring_open(&series->minutes, COARSE, RECENT_MINUTES);
}

static void series_free(struct recent_series *series)
{
	free(series->device);
	free(series->minute.items);
	free(series->minutes.items);
	*series = (struct recent_series){ 0 };
}

static void series_add(struct recent_series *series, const struct sample *samples, size_t n)
{
	ring_add(&series->minute, samples, n);
	ring_add(&series->minutes, samples, n);
}

/* ---- all of them ---- */

int recent_begin(struct recent *recent)
{
	recent_free(recent);
	return series_open(&recent->memory);
}

void recent_free(struct recent *recent)
{
	series_free(&recent->memory);
	for (size_t i = 0; i < recent->n_gpus; i++)
		series_free(&recent->gpus[i]);
	recent->n_gpus = 0;
}

const struct recent_series *recent_of_gpu(const struct recent *recent, const char *device)
{
	for (size_t i = 0; i < recent->n_gpus; i++)
		if (strcmp(recent->gpus[i].device, device) == 0)
			return &recent->gpus[i];
	return NULL;
}

static int add_gpu(struct recent *recent, const struct profile_record *record)
{
	struct recent_series *series = (struct recent_series *)recent_of_gpu(recent, record->text);
	if (!series && recent->n_gpus == RECENT_MOST_GPUS)
		return 0;
	if (!series) {
		series = &recent->gpus[recent->n_gpus];
		series->device = strdup(record->text);
		if (!series->device || series_open(series) < 0) {
			series_free(series);
			return -ENOMEM;
		}
		recent->n_gpus++;
	}
	series_add(series, &record->at, 1);
	return 0;
}

static int on_samples(void *context, const struct sample *samples, size_t n)
{
	struct recent *recent = context;
	series_add(&recent->memory, samples, n);
	return 0;
}

/* A further run in the same file is another recording. */
static int on_record(void *context, const struct profile_record *record)
{
	struct recent *recent = context;
	if (record->kind == PROFILE_CMDLINE)
		return recent_begin(recent);
	return record->kind == PROFILE_GPU ? add_gpu(recent, record) : 0;
}

const struct profile_sink recent_sink = { on_samples, on_record };

/* ---- what is asked of them ---- */

static int by_time(const void *a, const void *b)
{
	const struct column *x = a, *y = b;
	return (x->first.us > y->first.us) - (x->first.us < y->first.us);
}

static void sum_up(struct profile_series *made)
{
	const struct columns *c = &made->columns;
	for (size_t i = 0; i < c->n; i++) {
		const struct column *column = &c->items[i];
		if (i == 0 || column->high.umib > made->peak.umib)
			made->peak = column->high;
		made->samples += column->n;
	}
	if (c->n > 0) {
		made->first = c->items[0].first;
		made->last = c->items[c->n - 1].last;
	}
}

int recent_series_make(struct profile_series *made, const struct recent_series *series,
		       unsigned seconds)
{
	const struct recent_ring *ring =
		seconds <= RECENT_MINUTE ? &series->minute : &series->minutes;
	struct columns *c = &made->columns;
	*made = (struct profile_series){ .columns.limit = ring->n + 4 };
	c->items = calloc(ring->n + 1, sizeof *c->items);
	if (!c->items)
		return -ENOMEM;
	for (size_t i = 0; i < ring->n; i++)
		if (is_recent(ring, &ring->items[i], (int64_t)seconds * 1000000))
			c->items[c->n++] = ring->items[i];
	qsort(c->items, c->n, sizeof *c->items, by_time);
	c->allocated = ring->n + 1;
	sum_up(made);
	c->samples = made->samples;
	return 0;
}

bool recent_minute_ago(const struct recent_series *series, struct sample *then)
{
	const struct recent_ring *ring = &series->minute;
	bool found = false;
	for (size_t i = 0; i < ring->n; i++) {
		const struct column *column = &ring->items[i];
		if (!is_recent(ring, column, (int64_t)RECENT_MINUTE * 1000000) ||
		    (found && column->first.us >= then->us))
			continue;
		*then = column->first;
		found = true;
	}
	return found;
}
