#include "plotter/chart/stack.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "plotter/chart/parts.h"
#include "share/array.h"
#include "share/format.h"
#include "share/growth/heap.h"
#include "share/growth/names.h"
#include "share/profile/sum.h"

/* The eighth colour is too like that of the others, which lies on it. */
enum { MOST_NAMED = CHART_COLOURS - 1 };

/* The lines in the order of what they held, and the moments that are shown. */
struct stack {
	const struct profile *profile;
	const struct growth *growth;
	const struct heap_table *table;
	size_t *order; /* rows of the table, those that held most first */
	size_t *layer; /* by row: which area it is in; the last one is the others' */
	size_t n_layers, n_named, n_others;
	int64_t *live; /* by row, as of now */
	double *x;     /* seconds, of each moment */
	double *tops;  /* MiB, n_layers of each moment: up to where each area reaches */
	size_t n;      /* moments */
};

/* ---- who is shown ---- */

static int64_t most_of(const struct heap_row *row)
{
	const struct profile_heap_frame *f = &row->figures;
	return f->live > f->at_peak ? f->live : f->at_peak;
}

static int by_most(const void *a, const void *b, void *context)
{
	const struct heap_row *rows = context;
	size_t i = *(const size_t *)a, k = *(const size_t *)b;
	int64_t x = most_of(&rows[i]), y = most_of(&rows[k]);
	return x != y ? (x < y) - (x > y) : (i > k) - (i < k);
}

static int rank(struct stack *s, size_t rows)
{
	const struct heap_table *t = s->table;
	size_t held = 0;
	s->order = calloc(t->n + 1, sizeof *s->order);
	s->layer = calloc(t->n + 1, sizeof *s->layer);
	s->live = calloc(t->n + 1, sizeof *s->live);
	if (!s->order || !s->layer || !s->live)
		return -ENOMEM;
	for (size_t i = 0; i < t->n; i++)
		s->order[i] = i;
	qsort_r(s->order, t->n, sizeof *s->order, by_most, t->rows);
	while (held < t->n && most_of(&t->rows[s->order[held]]) > 0)
		held++;
	s->n_named = parts_named(held, rows);
	s->n_named = s->n_named < MOST_NAMED ? s->n_named : MOST_NAMED;
	s->n_others = held - s->n_named;
	s->n_layers = s->n_named + 1; /* what is never held at these moments may be held between */
	for (size_t i = 0; i < t->n; i++)
		s->layer[s->order[i]] = i < s->n_named ? i : s->n_named;
	return 0;
}

/* ---- the moments ---- */

static void note(struct stack *s, double x)
{
	double *tops = &s->tops[s->n * s->n_layers], sum = 0;
	for (size_t i = 0; i < s->n_layers; i++)
		tops[i] = 0;
	for (size_t i = 0; i < s->table->n; i++)
		tops[s->layer[i]] += sample_mib(s->live[i]);
	for (size_t i = 0; i < s->n_layers; i++)
		tops[i] = sum += fmax(tops[i], 0);
	s->x[s->n++] = x;
}

/* To a moment; where nothing had changed for long, it had not until shortly before. */
static void go_to(struct stack *s, size_t *at, double before, double x)
{
	const struct profile_heap *h = &s->profile->heap;
	int64_t us = s->profile->start_us + llround(x * 1e6);
	size_t was = *at;
	if (was < h->n_steps && h->steps[was].us <= us && s->n > 0 && s->x[s->n - 1] < before)
		note(s, before);
	heap_follow(s->table, h, us, at, s->live);
	if (*at != was || s->n == 0)
		note(s, x);
}

static int follow(struct stack *s, const struct chart *chart, const struct chart_wish *wish)
{
	size_t columns = wish->columns ? wish->columns : 1, at = 0;
	double low = chart->x.low, width = (chart->x.high - low) / (double)columns;
	double peak = sample_seconds(s->profile->heap.peak.us - s->profile->start_us);
	s->x = calloc(2 * columns + 8, sizeof *s->x);
	s->tops = calloc((2 * columns + 8) * s->n_layers, sizeof *s->tops);
	if (!s->x || !s->tops)
		return -ENOMEM;
	double before = low;
	for (size_t i = 0; i <= columns; i++) {
		double x = low + (double)i * width;
		if (peak > before && peak < x)
			go_to(s, &at, before, peak);
		go_to(s, &at, before, x);
		before = x;
	}
	double end = fmin(chart->x.high, fmax(chart->end, low));
	if (s->x[s->n - 1] < end)
		note(s, end);
	return 0;
}

/* ---- what is drawn ---- */

static int add_area(struct chart *chart, const struct stack *s, size_t layer, unsigned colour)
{
	struct chart_point *points = calloc(2 * s->n + 1, sizeof *points);
	struct chart_band *band =
		points ? array_more(&chart->bands, &chart->n_bands, sizeof *band) : NULL;
	if (!band) {
		free(points);
		return -ENOMEM;
	}
	for (size_t i = 0; i < s->n; i++) {
		const double *tops = &s->tops[i * s->n_layers];
		double low = layer > 0 ? tops[layer - 1] : 0;
		points[i] = (struct chart_point){ s->x[i], tops[layer] };
		points[2 * s->n - 1 - i] = (struct chart_point){ s->x[i], low };
	}
	*band = (struct chart_band){ colour, points, 2 * s->n, s->n, .stacked = true };
	return 0;
}

static bool is_empty(const struct stack *s, size_t layer)
{
	for (size_t i = 0; i < s->n; i++) {
		const double *tops = &s->tops[i * s->n_layers];
		if (tops[layer] > (layer > 0 ? tops[layer - 1] : 0))
			return false;
	}
	return true;
}

static int add_row(struct chart *chart, const struct stack *s, size_t layer, unsigned colour)
{
	char name[GROWTH_NAME], live[FORMAT_SIZE], most[FORMAT_SIZE], error[FORMAT_SIZE];
	const struct heap_row *row = &s->table->rows[s->order[layer]];
	const struct profile_heap_frame *f = &row->figures;
	format_memory(live, sample_mib(f->live > 0 ? f->live : 0));
	format_memory(most, sample_mib(f->at_peak));
	format_memory(error, heap_error(f->spread));
	char *detail = f->live > 0 ? parts_text("%s at the end, error %s", live, error)
				   : parts_text("%s at the peak, given back", most);
	return parts_add_row(
		chart, ROW_AREA, colour,
		parts_text("%s", growth_name(name, s->growth, &row->who, GROWTH_BY_LINE)), detail);
}

static int add_others(struct chart *chart, const struct stack *s)
{
	int64_t live = 0;
	char size[FORMAT_SIZE];
	for (size_t i = s->n_named; i < s->table->n; i++)
		live = sum_of(live, s->table->rows[s->order[i]].figures.live);
	format_memory(size, sample_mib(live > 0 ? live : 0));
	return parts_add_row(chart, ROW_AREA, CHART_OTHERS,
			     parts_text("%zu other%s", s->n_others, s->n_others == 1 ? "" : "s"),
			     parts_text("%s at the end", size));
}

static int draw(struct chart *chart, const struct stack *s, unsigned colour)
{
	int r = 0;
	for (size_t i = 0; i < s->n_named && r == 0; i++) {
		r = add_area(chart, s, i, colour + (unsigned)i);
		r = r < 0 ? r : add_row(chart, s, i, colour + (unsigned)i);
	}
	if (r == 0 && !is_empty(s, s->n_named))
		r = add_area(chart, s, s->n_named, CHART_OTHERS);
	return r == 0 && s->n_others > 0 ? add_others(chart, s) : r;
}

int stack_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
	       unsigned colour, size_t rows)
{
	struct growth growth;
	struct heap_table table;
	int r = growth_open(&growth, &profile->growth, wish->own);
	if (r < 0)
		return r;
	struct stack s = { .profile = profile, .growth = &growth, .table = &table };
	r = heap_table_make(&table, &profile->heap, &growth, GROWTH_BY_LINE, GROWTH_TO_USER);
	r = r < 0 ? r : rank(&s, rows);
	r = r < 0 ? r : follow(&s, chart, wish);
	r = r < 0 ? r : draw(chart, &s, colour);
	heap_table_free(&table);
	growth_close(&growth);
	free(s.order);
	free(s.layer);
	free(s.live);
	free(s.x);
	free(s.tops);
	return r;
}
