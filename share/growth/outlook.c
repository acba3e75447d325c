#include "share/growth/outlook.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/growth/curve.h"
#include "share/growth/names.h"
#include "share/growth/rounds.h"
#include "share/growth/table.h"
#include "share/metrics.h"
#include "share/profile/profile.h"

enum { ROLES = 8 };

static const double NOTABLE_ROLE = 16; /* MiB: of children who never held so much nobody asks */

/* ---- the curves ---- */

static void find_limit(struct outlook_curve *c)
{
	const struct answer *a = &c->answer;
	double left = c->limit - a->held;
	if (a->kind != ANSWER_GROWS || c->limit <= 0 || left <= 0 || a->low <= 0)
		return;
	c->reached = left / a->slope;
	c->soonest = left / a->high;
	c->latest = left / a->low;
}

/* Takes the curve. */
static int add(struct outlook *o, struct outlook_curve c, struct curve *curve)
{
	const struct answer_series series = { .points = curve->points, .n = curve->n };
	int r = answer_find(&c.answer, &series);
	curve_free(curve);
	if (r < 0)
		return r;
	find_limit(&c);
	o->curves[o->n++] = c;
	return 0;
}

static int add_series(struct outlook *o, const struct profile *p, struct outlook_curve c,
		      const struct profile_series *series)
{
	struct curve curve;
	if (series->samples == 0 || o->n == OUTLOOK_MOST)
		return 0;
	int r = curve_of_columns(&curve, &series->columns, p->start_us);
	return r < 0 ? r : add(o, c, &curve);
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
	char key[64];
	int r = 0;
	for (size_t i = 0; i < p->n_gpus && r == 0; i++) {
		struct outlook_curve c = { .kind = OUTLOOK_GPU, .of = p->gpus[i].device };
		snprintf(key, sizeof key, "gpu%s_total", c.of);
		if (!profile_setting_mib(p, key, &c.limit))
			c.limit = 0;
		r = add_series(o, p, c, &p->gpus[i].series);
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
		if (r == 0)
			r = add(o, (struct outlook_curve){ OUTLOOK_ROLE, .of = child->name },
				&curve);
	}
	return r;
}

/* ---- where it grew ---- */

static size_t first_step(const struct growth *g, int64_t from)
{
	size_t i = 0;
	while (i < g->n_steps && g->steps[i].at.us < from)
		i++;
	return i;
}

static void take_place(struct outlook *o, const struct growth *g, const struct growth_table *t)
{
	const struct growth_row *best = NULL;
	for (size_t i = 0; i < t->n; i++)
		if (!best || t->rows[i].net > best->net)
			best = &t->rows[i];
	double all = o->curves[0].answer.grown;
	if (!best || best->net <= 0 || t->net <= 0 || all <= 0 || !growth_is_place(g, best->frame))
		return;
	char name[GROWTH_NAME];
	double grew = sample_mib(t->net) > all ? sample_mib(t->net) : all;
	o->share = sample_mib(best->net) / grew;
	o->share = o->share > 1 ? 1 : o->share;
	snprintf(o->place, sizeof o->place, "%.500s", growth_marked(name, g, best, GROWTH_BY_LINE));
}

/* Of the time that the answer is of. */
static int find_place(struct outlook *o, const struct profile *p, growth_own own)
{
	struct growth growth;
	struct growth_table table;
	int64_t from = p->start_us + (int64_t)(o->curves[0].answer.since * 1e6);
	if (p->growth.n_steps == 0)
		return 0;
	int r = growth_open(&growth, &p->growth, own);
	if (r < 0)
		return r;
	r = growth_table_of_steps(&table, &growth, GROWTH_BY_LINE, GROWTH_TO_USER,
				  first_step(&growth, from), growth.n_steps);
	if (r == 0) {
		take_place(o, &growth, &table);
		growth_table_free(&table);
	}
	growth_close(&growth);
	return r;
}

/* ---- all of it ---- */

static int add_rounds(struct outlook *o, const struct profile *p)
{
	struct curve curve;
	int r = curve_of_columns(&curve, &p->memory.columns, p->start_us);
	if (r < 0)
		return r;
	r = rounds_find(&o->rounds, o->round, sizeof o->round, p, &curve);
	curve_free(&curve);
	return r;
}

bool outlook_grows(const struct outlook *o, size_t curve)
{
	const struct answer *a = &o->curves[curve].answer;
	bool by_rounds = curve == 0 && a->kind == ANSWER_TOO_SHORT;
	return a->kind == ANSWER_GROWS || (by_rounds && o->rounds.kind == ANSWER_GROWS);
}

bool outlook_is_told(const struct outlook *o, size_t curve)
{
	return curve == 0 || outlook_grows(o, curve);
}

int outlook_make(struct outlook *o, const struct profile *p, growth_own own)
{
	struct outlook_curve first = { .kind = OUTLOOK_MEMORY, .of = profile_setting(p, "metric") };
	const char *kind = profile_setting(p, "limit_kind");
	*o = (struct outlook){ .slows = kind && strcmp(kind, "cgroup.high") == 0 };
	if (!profile_setting_mib(p, "limit", &first.limit))
		first.limit = 0;
	int r = add_series(o, p, first, &p->memory);
	if (r == 0 && o->n > 0)
		r = add_rounds(o, p);
	if (r == 0)
		r = add_values(o, p);
	if (r == 0)
		r = add_gpus(o, p);
	if (r == 0)
		r = add_roles(o, p);
	if (r == 0 && o->n > 0 && outlook_grows(o, 0))
		r = find_place(o, p, own);
	return r;
}
