#include "plotter/chart/children.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/chart/parts.h"
#include "plotter/chart/together.h"
#include "share/format.h"
#include "share/text.h"

enum { MOST_CURVES = 200 }; /* beyond, a picture shows only ink */

/* Of the largest: what never held so much goes with the others, where all have names. */
static const double NOTABLE = 0.03;

/* The children of one name, or one that has none. */
struct group {
	const struct profile_child **members; /* those with samples, in the list of all */
	size_t n;
	struct together together; /* of several; of one, its own series is meant */
};

struct grouping {
	const struct profile *profile;
	const struct profile_child **list; /* sorted by name */
	struct group *groups;              /* sorted by peak */
	size_t n;
	size_t named; /* the first of them, which have a row each */
	bool apart, overlaid;
};

/* The nameless, which stand for themselves, at the end. */
static int by_name(const void *a, const void *b)
{
	const struct profile_child *x = *(const struct profile_child *const *)a;
	const struct profile_child *y = *(const struct profile_child *const *)b;
	int order = x->name && y->name ? strcmp(x->name, y->name) : !x->name - !y->name;
	return order ? order : (x->pid > y->pid) - (x->pid < y->pid);
}

static const struct profile_series *series_of(const struct group *group)
{
	return group->n == 1 ? &group->members[0]->series : &group->together.sum;
}

static int by_peak(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	int64_t p = series_of(x)->peak.umib, q = series_of(y)->peak.umib;
	pid_t i = x->members[0]->pid, k = y->members[0]->pid;
	return p != q ? (p < q) - (p > q) : (i > k) - (i < k);
}

static bool is_same(const struct profile_child *a, const struct profile_child *b)
{
	return a->name && b->name && strcmp(a->name, b->name) == 0;
}

/* Cuts the sorted list into groups and adds up what their members hold. */
static int cut(struct grouping *g, size_t n)
{
	int r = 0;
	for (size_t i = 0, end; i < n && r == 0; i = end) {
		struct group *group = &g->groups[g->n++];
		for (end = i + 1; end < n && !g->apart && is_same(g->list[i], g->list[end]);)
			end++;
		*group = (struct group){ .members = &g->list[i], .n = end - i };
		if (group->n > 1)
			r = together_make(&group->together, group->members, group->n);
	}
	return r;
}

static void free_grouping(struct grouping *g)
{
	for (size_t i = 0; i < g->n; i++)
		together_free(&g->groups[i].together);
	free(g->groups);
	free(g->list);
}

static int make_grouping(struct grouping *g)
{
	const struct profile *profile = g->profile;
	size_t n = 0;
	g->list = calloc(profile->n_children + 1, sizeof *g->list);
	g->groups = calloc(profile->n_children + 1, sizeof *g->groups);
	if (!g->list || !g->groups)
		return -ENOMEM;
	for (size_t i = 0; i < profile->n_children; i++)
		if (profile->children[i].series.samples > 0)
			g->list[n++] = &profile->children[i];
	qsort(g->list, n, sizeof *g->list, by_name);
	int r = cut(g, n);
	qsort(g->groups, g->n, sizeof *g->groups, by_peak);
	return r;
}

/* "worker 139", "child 138", "python worker ×8" */
static char *group_label(const struct group *group)
{
	const struct profile_child *first = group->members[0];
	if (group->n > 1)
		return parts_text("%s ×%zu", first->name, group->n);
	return first->name ? parts_text("%s %d", first->name, (int)first->pid)
			   : parts_text("child %d", (int)first->pid);
}

/* Of several recordings, whose it is. */
static char *peak_detail(const struct grouping *g, const struct profile_series *series,
			 bool together)
{
	char size[FORMAT_SIZE];
	format_memory(size, sample_mib(series->peak.umib));
	return parts_text("peak %s%s%s%s", size, together ? ", together" : "",
			  g->overlaid ? " · " : "",
			  g->overlaid ? text_base_name(g->profile->path) : "");
}

/* The line is broken where none of them lived. */
static int add_sum(struct chart *chart, const struct together *together, int64_t start,
		   unsigned colour, const struct chart_wish *wish)
{
	int r = parts_add_curve(chart, &together->sum, start, CHART_CHILD, colour, wish);
	for (size_t i = 0; i < together->n_lulls && r == 0; i++)
		parts_break(&chart->curves[chart->n_curves - 1],
			    sample_seconds(together->lulls[i].from - start),
			    sample_seconds(together->lulls[i].to - start), wish);
	return r;
}

static int add_group(struct chart *chart, const struct grouping *g, const struct group *group,
		     const struct chart_wish *wish, unsigned colour)
{
	const struct profile *profile = g->profile;
	const struct profile_series *series = series_of(group);
	int r = group->n > 1 ? add_sum(chart, &group->together, profile->start_us, colour, wish)
			     : parts_add_curve(chart, series, profile->start_us, CHART_CHILD,
					       colour, wish);
	if (r < 0 || colour == CHART_OTHERS)
		return r;
	chart->curves[chart->n_curves - 1].row = chart->n_rows + 1;
	return parts_add_row(chart, ROW_CHILD, colour, group_label(group),
			     peak_detail(g, series, group->n > 1));
}

/* Those that have no row of their own: some, and none of them nameless. */
static bool rest_has_names(const struct grouping *g)
{
	for (size_t i = g->named; i < g->n; i++)
		if (!g->groups[i].members[0]->name)
			return false;
	return g->n > g->named;
}

/* All that has no row of its own, as one curve. */
static int add_others(struct chart *chart, const struct grouping *g, const struct chart_wish *wish,
		      bool row)
{
	struct together together = { 0 };
	const struct profile_child **members = calloc(g->profile->n_children, sizeof *members);
	size_t n_members = 0;
	int r = members ? 0 : -ENOMEM;
	for (size_t i = g->named; i < g->n && r == 0; i++)
		for (size_t k = 0; k < g->groups[i].n; k++)
			members[n_members++] = g->groups[i].members[k];
	if (r == 0)
		r = together_make(&together, members, n_members);
	if (r == 0)
		r = add_sum(chart, &together, g->profile->start_us, CHART_OTHERS, wish);
	if (r == 0 && row)
		r = parts_add_row(chart, ROW_CHILD, CHART_OTHERS,
				  parts_text("%zu others", n_members),
				  peak_detail(g, &together.sum, true));
	together_free(&together);
	free(members);
	return r;
}

/* As many thin lines, and a row that says so. */
static int add_crowd(struct chart *chart, const struct grouping *g, const struct chart_wish *wish,
		     bool row)
{
	int r = 0;
	for (size_t i = g->named; i < g->n && i < MOST_CURVES && r == 0; i++)
		r = add_group(chart, g, &g->groups[i], wish, CHART_OTHERS);
	uint64_t unnamed = g->n - g->named + g->profile->untracked_children;
	if (r < 0 || unnamed == 0 || !row)
		return r;
	return parts_add_row(
		chart, ROW_MORE, CHART_OTHERS,
		parts_text("%llu %s", (unsigned long long)unnamed, g->named ? "more" : "children"),
		parts_text(g->named ? "smaller children" : "thin lines"));
}

/* Names those that have room and are worth it. */
static void name_notable(struct grouping *g, size_t room)
{
	double least = g->n ? NOTABLE * (double)series_of(&g->groups[0])->peak.umib : 0;
	while (g->named < room && (double)series_of(&g->groups[g->named])->peak.umib >= least)
		g->named++;
	/* One that is left alone has no need of another name. */
	if (g->n - g->named <= 1 || !rest_has_names(g))
		g->named = room;
}

int children_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
		  unsigned colour, size_t rows, bool overlaid)
{
	struct grouping g = { .profile = profile, .apart = wish->apart, .overlaid = overlaid };
	int r = make_grouping(&g);
	if (r == 0)
		name_notable(&g, parts_named(g.n, rows));
	for (size_t i = 0; i < g.named && r == 0; i++)
		r = add_group(chart, &g, &g.groups[i], wish,
			      overlaid ? colour : colour + (unsigned)i);
	if (r == 0 && rest_has_names(&g) && profile->untracked_children == 0)
		r = add_others(chart, &g, wish, rows > 0);
	else if (r == 0)
		r = add_crowd(chart, &g, wish, rows > 0);
	free_grouping(&g);
	return r;
}
