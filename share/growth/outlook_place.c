#include "share/growth/outlook_place.h"

#include <errno.h>
#include <stdlib.h>

#include "share/growth/heap.h"
#include "share/growth/names.h"
#include "share/growth/table.h"
#include "share/profile/profile.h"
#include "share/profile/sum.h"

/* µs: from when on the answer tells. */
static int64_t since(const struct outlook_curve *c, const struct profile *p)
{
	return p->start_us + (int64_t)(c->answer.since * 1e6);
}

/* `row` grew by `net` of `all`, umib. */
static void take(struct outlook_curve *c, const struct growth *g, const struct growth_row *row,
		 int64_t net, int64_t all)
{
	char name[GROWTH_NAME];
	double grown = c->answer.grown;
	if (net <= 0 || all <= 0 || !growth_is_place(g, row->frame))
		return;
	grown = sample_mib(all) > grown ? sample_mib(all) : grown;
	c->share = sample_mib(net) / grown;
	c->share = c->share > 1 ? 1 : c->share;
	snprintf(c->place, sizeof c->place, "%.500s", growth_marked(name, g, row, GROWTH_BY_LINE));
}

/* ---- who touched it ---- */

static size_t first_step(const struct growth *g, int64_t from)
{
	size_t i = 0;
	while (i < g->n_steps && g->steps[i].at.us < from)
		i++;
	return i;
}

static void take_touched(struct outlook_curve *c, const struct growth *g,
			 const struct growth_table *t)
{
	const struct growth_row *best = NULL;
	for (size_t i = 0; i < t->n; i++)
		if (!best || t->rows[i].net > best->net)
			best = &t->rows[i];
	if (best && c->answer.grown > 0)
		take(c, g, best, best->net, t->net);
}

int outlook_place_touched(struct outlook_curve *c, const struct profile *p, growth_own own)
{
	struct growth growth;
	struct growth_table table;
	if (p->growth.n_steps == 0)
		return 0;
	int r = growth_open(&growth, &p->growth, own);
	if (r < 0)
		return r;
	r = growth_table_of_steps(&table, &growth, GROWTH_BY_LINE, GROWTH_TO_USER,
				  first_step(&growth, since(c, p)), growth.n_steps);
	if (r == 0) {
		take_touched(c, &growth, &table);
		growth_table_free(&table);
	}
	growth_close(&growth);
	return r;
}

/* ---- who holds it ---- */

static int take_held(struct outlook_curve *c, const struct profile *p, const struct growth *g,
		     const struct heap_table *t)
{
	int64_t *before = calloc(t->n + 1, sizeof *before), *after = NULL, all = 0;
	size_t at = 0, best = 0;
	if (before)
		after = calloc(t->n + 1, sizeof *after);
	if (!after) {
		free(before);
		return -ENOMEM;
	}
	heap_follow(t, &p->heap, since(c, p), &at, before);
	heap_follow(t, &p->heap, INT64_MAX, &at, after);
	for (size_t i = 0; i < t->n; i++) {
		all = sum_of(all, after[i]);
		best = after[i] > after[best] ? i : best;
	}
	if (t->n > 0)
		take(c, g, &t->rows[best].who, after[best], all);
	free(before);
	free(after);
	return 0;
}

int outlook_place_held(struct outlook_curve *c, const struct profile *p, growth_own own)
{
	struct growth growth;
	struct heap_table table;
	int r = growth_open(&growth, &p->growth, own);
	if (r < 0)
		return r;
	r = heap_table_make(&table, &p->heap, &growth, GROWTH_BY_LINE, GROWTH_TO_USER);
	if (r == 0) {
		r = take_held(c, p, &growth, &table);
		heap_table_free(&table);
	}
	growth_close(&growth);
	return r;
}

/* ---- of which class it is ---- */

int outlook_place_in_bills(const struct outlook_curve *c, const struct profile *p)
{
	const struct profile_bills *b = &p->bills;
	size_t first = 0;
	int most = 0;
	while (first < b->n && b->all[first].us < since(c, p))
		first++;
	if (first + 1 >= b->n)
		return -1;
	int64_t grew[BILL_CLASSES];
	for (int i = 0; i < BILL_CLASSES; i++) {
		grew[i] = sum_of(b->last.umib[i], -b->all[first].umib[i]);
		most = grew[i] > grew[most] ? i : most;
	}
	double all = sample_mib(sum_of(bill_total(&b->last), -bill_total(&b->all[first])));
	return all > 0 && sample_mib(grew[most]) > all / 2 ? most : -1;
}
