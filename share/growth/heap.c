#include "share/growth/heap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "share/array.h"
#include "share/names.h"
#include "share/profile/sum.h"

enum { MOST = 1 << 20 };

/* ---- the table ---- */

static void add(struct profile_heap_frame *to, const struct profile_heap_frame *what)
{
	to->live = sum_of(to->live, what->live);
	to->at_peak = sum_of(to->at_peak, what->at_peak);
	to->at_rss_peak = sum_of(to->at_rss_peak, what->at_rss_peak);
	to->given_back = sum_of(to->given_back, what->given_back);
	to->blocks = sum_of(to->blocks, what->blocks);
	to->spread = sum_of(to->spread, what->spread);
	to->spread_at_peak = sum_of(to->spread_at_peak, what->spread_at_peak);
	to->inherited = sum_of(to->inherited, what->inherited);
}

static bool is_empty(const struct profile_heap_frame *f)
{
	return f->live == 0 && f->at_peak == 0 && f->given_back == 0 && f->inherited == 0;
}

static int descending(int64_t a, int64_t b)
{
	return (a < b) - (a > b);
}

static int by_live(const void *a, const void *b, void *context)
{
	const struct heap_row *rows = context;
	size_t i = *(const size_t *)a, k = *(const size_t *)b;
	const struct profile_heap_frame *x = &rows[i].figures, *y = &rows[k].figures;
	int order = descending(x->live, y->live);
	order = order ? order : descending(x->at_peak, y->at_peak);
	order = order ? order : descending(x->given_back, y->given_back);
	return order ? order : (i > k) - (i < k);
}

/* The rows in order, and who is where after that. */
static int sort(struct heap_table *t, size_t n_frames)
{
	size_t *order = calloc(t->n + 1, sizeof *order), *place = calloc(t->n + 1, sizeof *place);
	struct heap_row *rows = calloc(t->n + 1, sizeof *rows);
	bool whole = order && place && rows;
	for (size_t i = 0; i < t->n && whole; i++)
		order[i] = i;
	if (whole && t->n > 0)
		qsort_r(order, t->n, sizeof *order, by_live, t->rows);
	for (size_t i = 0; i < t->n && whole; i++) {
		rows[i] = t->rows[order[i]];
		place[order[i]] = i;
	}
	for (size_t i = 0; i < n_frames && whole; i++)
		if (t->row_of[i] != SIZE_MAX)
			t->row_of[i] = place[t->row_of[i]];
	free(order);
	free(place);
	free(whole ? t->rows : rows);
	t->rows = whole ? rows : t->rows;
	return whole ? 0 : -ENOMEM;
}

static int add_frame(struct heap_table *t, struct names *keys, const struct growth *g,
		     const struct profile_heap *h, size_t frame, enum growth_by by,
		     enum growth_to to)
{
	char key[GROWTH_KEY];
	struct growth_row who = growth_row_of(g, frame, to);
	long at = names_find(keys, growth_row_key(key, g, &who, by), MOST);
	if (at < 0)
		return -ENOMEM;
	if ((size_t)at == t->n) {
		struct heap_row *made = array_more(&t->rows, &t->n, sizeof *made);
		if (!made)
			return -ENOMEM;
		made->who = who;
	}
	add(&t->rows[at].figures, &h->frames[frame]);
	t->row_of[frame] = (size_t)at;
	return 0;
}

int heap_table_make(struct heap_table *t, const struct profile_heap *h, const struct growth *g,
		    enum growth_by by, enum growth_to to)
{
	struct names keys = { 0 };
	*t = (struct heap_table){ .row_of = calloc(h->n_frames + 1, sizeof *t->row_of) };
	int r = t->row_of ? 0 : -ENOMEM;
	for (size_t i = 0; i < h->n_frames && r == 0; i++) {
		t->row_of[i] = SIZE_MAX;
		add(&t->all, &h->frames[i]);
		if ((i == 0 || i < g->n_frames) && !is_empty(&h->frames[i]))
			r = add_frame(t, &keys, g, h, i, by, to);
	}
	r = r < 0 ? r : sort(t, h->n_frames);
	names_free(&keys);
	if (r < 0)
		heap_table_free(t);
	return r;
}

void heap_table_free(struct heap_table *t)
{
	free(t->rows);
	free(t->row_of);
	*t = (struct heap_table){ 0 };
}

/* Newton's: libm would cost every start of the recorder. */
static double root(double x)
{
	double r = x > 1 ? x : 1;
	for (int i = 0; i < 128 && x > 0; i++) {
		double next = (r + x / r) / 2;
		if (next >= r)
			break;
		r = next;
	}
	return x > 0 ? r : 0;
}

double heap_error(int64_t spread)
{
	return 2 * root((double)spread / 1e6);
}

void heap_follow(const struct heap_table *t, const struct profile_heap *h, int64_t until,
		 size_t *at, int64_t live[])
{
	for (; *at < h->n_steps && h->steps[*at].us <= until; ++*at) {
		const struct profile_heap_step *step = &h->steps[*at];
		size_t row = t->row_of[step->frame];
		if (row != SIZE_MAX)
			live[row] = sum_of(live[row], step->live);
	}
}

/* ---- what was given back ---- */

static const int64_t NOTABLE = 32000000; /* umib */

/* What RSS tells: what a line released that another had taken counts too. */
static void of_growth(const struct profile_growth *g, struct heap_churn *c)
{
	for (size_t i = 0; i < g->n_frames; i++) {
		c->grew = sum_of(c->grew, g->frames[i].grew);
		c->kept = sum_of(c->kept, g->frames[i].net);
	}
}

bool heap_churns(const struct profile *profile, struct heap_churn *c)
{
	const struct profile_heap *h = &profile->heap;
	*c = (struct heap_churn){ .sampled = h->records > 0 };
	if (c->sampled) {
		c->kept = h->live > 0 ? h->live : 0;
		c->grew = sum_of(c->kept, h->given_back);
	} else {
		of_growth(&profile->growth, c);
	}
	c->kept = c->kept > 0 ? c->kept : 0;
	int64_t back = sum_of(c->grew, -c->kept);
	return back > NOTABLE && back > c->kept;
}
