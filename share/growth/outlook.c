#include "share/growth/outlook.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/growth/curve.h"
#include "share/growth/heap.h"
#include "share/growth/outlook_limit.h"
#include "share/growth/outlook_place.h"
#include "share/growth/rounds.h"
#include "share/metrics.h"
#include "share/profile/profile.h"

enum { ROLES = 8 };

static const double NOTABLE_ROLE = 16; /* MiB: of children who never held so much nobody asks */

/* ---- the curves ---- */

/* An RSS may be off by what the kernel has not yet added up: 64 pages a thread before Linux 6.2, 32
 * pages or twice as many as there are processors, from each of these, since. No recording tells how
 * many there were; and that error neither adds up nor leans to one side, as a growth must: the
 * floors bear it like any noise. So `error` is a sampled heap's only. */
static int add(struct outlook *o, struct outlook_curve c, const struct curve *curve, double error)
{
	const struct answer_series series = { .points = curve->points,
					      .n = curve->n,
					      .error = error };
	int r = answer_find(&c.answer, &series);
	if (r == 0)
		o->curves[o->n++] = c;
	return r;
}

static int add_series(struct outlook *o, const struct profile *p, struct outlook_curve c,
		      const struct profile_series *series)
{
	struct curve curve;
	if (series->samples == 0 || o->n == OUTLOOK_MOST)
		return 0;
	int r = curve_of_columns(&curve, &series->columns, p->start_us);
	if (r < 0)
		return r;
	r = add(o, c, &curve, 0);
	curve_free(&curve);
	return r;
}

/* What a growth of means something. */
static bool is_asked(const char *metric)
{
	static const char *const names[] = { "rss", "pss", "uss", "swap", "anon" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(metric, names[i]) == 0)
			return true;
	return false;
}

static int add_values(struct outlook *o, const struct profile *p)
{
	int r = 0;
	for (size_t i = 0; i < p->n_values && r == 0; i++) {
		const struct outlook_curve c = { .kind = OUTLOOK_METRIC,
						 .of = p->values[i].metric };
		if (is_asked(c.of))
			r = add_series(o, p, c, &p->values[i].series);
	}
	return r;
}

static int add_gpus(struct outlook *o, const struct profile *p)
{
	int r = 0;
	for (size_t i = 0; i < p->n_gpus && r == 0; i++) {
		const struct outlook_curve c = { .kind = OUTLOOK_GPU, .of = p->gpus[i].device };
		size_t n = o->n;
		r = add_series(o, p, c, &p->gpus[i].series);
		if (o->n > n)
			outlook_limit_device(&o->curves[n], p);
	}
	return r;
}

static bool is_told(const struct outlook *o, const char *name)
{
	for (size_t i = 0; i < o->n; i++)
		if (o->curves[i].kind == OUTLOOK_ROLE && strcmp(o->curves[i].of, name) == 0)
			return true;
	return false;
}

static int add_roles(struct outlook *o, const struct profile *p)
{
	size_t roles = 0;
	int r = 0;
	for (size_t i = 0; i < p->n_children && roles < ROLES && o->n < OUTLOOK_MOST && r == 0;
	     i++) {
		const struct profile_child *child = &p->children[i];
		struct curve curve;
		if (!child->name || child->series.samples == 0 || is_told(o, child->name) ||
		    sample_mib(child->series.peak.umib) < NOTABLE_ROLE)
			continue;
		roles++;
		r = curve_of_role(&curve, p, child->name);
		if (r < 0)
			break;
		r = add(o, (struct outlook_curve){ OUTLOOK_ROLE, .of = child->name }, &curve, 0);
		curve_free(&curve);
	}
	return r;
}

/* ---- its own memory, and its heap ---- */

/* From mark to mark too. Takes the curve. */
static int add_own(struct outlook *o, const struct profile *p, struct outlook_curve c,
		   struct curve *curve, double error)
{
	int r = rounds_find(&c.rounds, o->round, sizeof o->round, p, curve);
	if (r == 0)
		r = add(o, c, curve, error);
	curve_free(curve);
	return r;
}

static int add_memory(struct outlook *o, const struct profile *p)
{
	const struct outlook_curve c = { .kind = OUTLOOK_MEMORY,
					 .of = profile_setting(p, "metric") };
	struct curve curve;
	if (p->memory.samples == 0)
		return 0;
	int r = curve_of_columns(&curve, &p->memory.columns, p->start_us);
	r = r < 0 ? r : add_own(o, p, c, &curve, 0);
	if (r == 0)
		outlook_limit_memory(&o->curves[0], p);
	return r;
}

static int add_heap(struct outlook *o, const struct profile *p)
{
	const struct outlook_curve c = { .kind = OUTLOOK_HEAP };
	struct curve curve;
	if (p->heap.records == 0)
		return 0;
	int r = curve_of_heap(&curve, p);
	if (r < 0)
		return r;
	o->heap = o->n;
	o->whole = !heap_missing(p);
	return add_own(o, p, c, &curve, curve_heap_error(p));
}

/* ---- where it grew ---- */

bool outlook_is_of_heap(const struct outlook *o)
{
	const struct outlook_curve *all = &o->curves[0], *heap = &o->curves[o->heap];
	if (!o->heap || !outlook_grows(o, o->heap))
		return false;
	if (all->answer.kind == ANSWER_TOO_SHORT)
		return 2 * heap->rounds.slope > all->rounds.slope;
	return 2 * heap->answer.slope > all->answer.slope;
}

/* Who holds it says more than who touched it first, where it is what grows. */
static int find_places(struct outlook *o, const struct profile *p, growth_own own)
{
	struct outlook_curve *all = &o->curves[0], *heap = &o->curves[o->heap];
	int r = 0;
	if (o->heap && (outlook_grows(o, o->heap) || heap->answer.kind == ANSWER_UNEVEN))
		r = outlook_place_held(heap, p, own);
	if (r < 0 || (!outlook_grows(o, 0) && all->answer.kind != ANSWER_STOPPED))
		return r;
	o->other = outlook_place_in_bills(all, p);
	return outlook_is_of_heap(o) ? outlook_place_held(all, p, own)
				     : outlook_place_touched(all, p, own);
}

/* ---- all of it ---- */

bool outlook_grows(const struct outlook *o, size_t curve)
{
	const struct outlook_curve *c = &o->curves[curve];
	return c->answer.kind == ANSWER_GROWS ||
	       (c->answer.kind == ANSWER_TOO_SHORT && c->rounds.kind == ANSWER_GROWS);
}

bool outlook_is_told(const struct outlook *o, size_t curve)
{
	return curve == 0 || outlook_grows(o, curve);
}

int outlook_make(struct outlook *o, const struct profile *p, growth_own own)
{
	*o = (struct outlook){ .other = -1 };
	int r = add_memory(o, p);
	if (r == 0 && o->n > 0)
		r = add_heap(o, p);
	if (r == 0)
		r = add_values(o, p);
	if (r == 0)
		r = add_gpus(o, p);
	if (r == 0)
		r = add_roles(o, p);
	if (r == 0 && o->n > 0)
		r = find_places(o, p, own);
	return r;
}
