#include "share/snapshot/rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"
#include "share/growth/names.h"
#include "share/profile/sum.h"

/* ---- adding up ---- */

static int order(const struct rows *rows, uint32_t a, uint32_t b)
{
	const struct places_frame *f = &rows->snapshot->places.frames[a];
	const struct places_frame *g = &rows->snapshot->places.frames[b];
	if (f->file != g->file)
		return f->file < g->file ? -1 : 1;
	if (rows->by != ROWS_BY_FILE && f->function != g->function)
		return f->function < g->function ? -1 : 1;
	if (rows->by == ROWS_BY_LINE && f->line != g->line)
		return f->line < g->line ? -1 : 1;
	return 0;
}

static int by_place(const void *a, const void *b, void *rows)
{
	const struct rows_row *x = a, *y = b;
	return order(rows, x->frame, y->frame);
}

static int by_size(const void *a, const void *b)
{
	const struct rows_row *x = a, *y = b;
	if (x->at_peak != y->at_peak)
		return x->at_peak > y->at_peak ? -1 : 1;
	if (x->now != y->now)
		return x->now > y->now ? -1 : 1;
	return x->frame < y->frame ? -1 : x->frame > y->frame;
}

/* What has no stack has rows of its own, which are no places. */
static int add_place(struct rows *rows, const struct device *d, size_t place)
{
	const struct place *told = &rows->snapshot->places.places[place];
	int64_t at_peak = device_at_peak(d, place), now = d->places[place].now;
	if (place == 0 || (at_peak == 0 && now == 0))
		return 0;
	struct rows_row *row = array_more(&rows->rows, &rows->n, sizeof *row);
	if (!row)
		return -ENOMEM;
	*row = (struct rows_row){ told->frame, at_peak, now };
	rows->deeds_at_peak[told->deed] = sum_of(rows->deeds_at_peak[told->deed], at_peak);
	return 0;
}

static void join(struct rows *rows)
{
	size_t n = 0;
	for (size_t i = 0; i < rows->n; i++) {
		if (n > 0 && order(rows, rows->rows[n - 1].frame, rows->rows[i].frame) == 0) {
			struct rows_row *last = &rows->rows[n - 1];
			last->at_peak = sum_of(last->at_peak, rows->rows[i].at_peak);
			last->now = sum_of(last->now, rows->rows[i].now);
		} else {
			rows->rows[n++] = rows->rows[i];
		}
	}
	rows->n = n;
}

/* What no stack tells: the history saw it, or it is older. */
static void find_rest(struct rows *rows, const struct device *d)
{
	int64_t known = 0;
	for (size_t i = 0; i < rows->n; i++)
		known = sum_of(known, rows->rows[i].at_peak);
	rows->peak = sum_of(device_start(d), d->most);
	rows->without = d->n_places > 0 && d->places[0].at_peak > 0 ? d->places[0].at_peak : 0;
	rows->before = sum_of(rows->peak, -sum_of(known, rows->without));
	if (rows->before < 0)
		rows->before = 0;
}

int rows_make(struct rows *rows, const struct snapshot *s, const struct device *d, enum rows_by by)
{
	*rows = (struct rows){ .snapshot = s, .by = by };
	int r = growth_shorten(s->places.texts.texts, s->places.texts.n, &rows->shown);
	for (size_t i = 0; r == 0 && i < d->n_places; i++)
		r = add_place(rows, d, i);
	if (r < 0) {
		rows_free(rows);
		return r;
	}
	if (rows->n > 0)
		qsort_r(rows->rows, rows->n, sizeof *rows->rows, by_place, rows);
	join(rows);
	if (rows->n > 0)
		qsort(rows->rows, rows->n, sizeof *rows->rows, by_size);
	find_rest(rows, d);
	return 0;
}

void rows_free(struct rows *rows)
{
	free(rows->rows);
	free(rows->shown);
	*rows = (struct rows){ 0 };
}

/* ---- names ---- */

char *rows_name(char out[ROWS_NAME], const struct rows *rows, uint32_t frame)
{
	const struct places *p = &rows->snapshot->places;
	const struct places_frame *f = &p->frames[frame];
	const char *path = p->texts.texts[f->file] + rows->shown[f->file];
	const char *function = p->texts.texts[f->function];
	path = *path ? path : "(no file)";
	if (rows->by == ROWS_BY_FILE)
		snprintf(out, ROWS_NAME, "%s", path);
	else if (rows->by == ROWS_BY_FUNCTION || f->line == 0)
		snprintf(out, ROWS_NAME, "%s %s", path, function);
	else
		snprintf(out, ROWS_NAME, "%s:%d %s", path, (int)f->line, function);
	return out;
}
