#include "share/fleet/points.h"

#include <errno.h>
#include <stdlib.h>

#include "share/growth/peak_known.h"

/* ---- of points ---- */

/* `later` follows; of equal heights the first stays. */
static void put_together(struct fleet_point *point, const struct fleet_point *later)
{
	if (later->umib > point->umib) {
		point->umib = later->umib;
		point->us = later->us;
	}
	if (later->least < point->least)
		point->least = later->least;
	point->last = later->last;
}

/* Neighbours become one. */
static void halve(struct points *p)
{
	size_t n = 0;
	for (size_t i = 0; i < p->n; i += 2) {
		struct fleet_point point = p->all[i];
		if (i + 1 < p->n)
			put_together(&point, &p->all[i + 1]);
		p->all[n++] = point;
	}
	p->n = n;
}

static int by_time(const void *a, const void *b)
{
	const struct fleet_point *x = a, *y = b;
	return (x->us > y->us) - (x->us < y->us);
}

static void sort(struct points *p)
{
	size_t i = 1;
	while (i < p->n && p->all[i - 1].us <= p->all[i].us)
		i++;
	if (i < p->n)
		qsort(p->all, p->n, sizeof *p->all, by_time);
}

/* Twice the limit may be there, so that what has just been halved is at the limit. */
int points_add(struct points *p, const struct fleet_point *point)
{
	if (p->n == 2 * p->limit) {
		sort(p);
		halve(p);
	}
	if (p->n == p->allocated) {
		size_t wanted = p->allocated ? 2 * p->allocated : 64;
		struct fleet_point *all = realloc(p->all, wanted * sizeof *all);
		if (!all)
			return -ENOMEM;
		p->all = all;
		p->allocated = wanted;
	}
	p->all[p->n++] = *point;
	return 0;
}

void points_end(struct points *p)
{
	sort(p);
	while (p->n > p->limit)
		halve(p);
	if (p->n == p->allocated)
		return;
	struct fleet_point *all = p->n ? realloc(p->all, p->n * sizeof *all) : NULL;
	if (all) {
		p->all = all;
		p->allocated = p->n;
	}
}

/* ---- of a recording ---- */

static int add_columns(struct points *p, const struct columns *columns)
{
	struct columns out;
	int r = columns_within(columns, INT64_MIN, INT64_MAX, p->limit, &out);
	for (size_t i = 0; i < out.n && r == 0; i++) {
		const struct column *c = &out.items[i];
		r = points_add(p, &(struct fleet_point){ c->high.us, c->high.umib, c->low.umib,
							 c->first.umib, c->last.umib });
	}
	columns_free(&out);
	return r;
}

/* What was held inside the interval that ends with that point, or one of its stretch. */
static int raise_by_marks(struct points *p, const struct columns *columns)
{
	struct columns out;
	size_t at = 0;
	int r = columns_within(columns, INT64_MIN, INT64_MAX, p->limit, &out);
	for (size_t i = 0; i < out.n && r == 0; i++) {
		const struct sample *high = &out.items[i].high;
		while (at + 1 < p->n && p->all[at].us < high->us)
			at++;
		if (high->umib <= p->all[at].umib)
			continue;
		p->all[at].umib = high->umib;
		p->all[at].us = high->us;
	}
	columns_free(&out);
	return r;
}

int points_of_profile(struct points *points, const struct profile *profile)
{
	int r = add_columns(points, &profile->memory.columns);
	sort(points);
	/* The sum of a tree's marks is more than was ever held at once. */
	if (r == 0 && points->n > 0 && profile->peaks.samples > 0 && peak_is_marked(profile) &&
	    !profile_is_set(profile, "tree"))
		r = raise_by_marks(points, &profile->peaks.columns);
	points_end(points);
	return r;
}
