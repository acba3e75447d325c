#include "plotter/many/standing.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "plotter/many/grid.h"
#include "plotter/many/lay.h"
#include "share/fleet/fleet.h"
#include "share/profile/profile.h"

/* Who ended so much before the usual end, in parts of how long that took, ended early. */
static const double EARLY = 0.05;

/* Where more of them than that, in parts of all, were done so much before the others, that is how
 * this job ends. */
static const double USUAL = 0.1;

struct peaked {
	double figure; /* what they are sorted by */
	size_t member;
};

static int by_figure(const void *a, const void *b)
{
	const struct peaked *x = a, *y = b;
	if (x->figure != y->figure)
		return (x->figure < y->figure) - (x->figure > y->figure);
	return (x->member > y->member) - (x->member < y->member);
}

double standing_peak(const struct grid *grid, size_t member)
{
	size_t at = grid_highest(grid, member);
	return at < grid->bins ? (double)grid_row(grid, member)[at] : 0;
}

static void rank_peaks(struct standing *s, struct peaked *all, const struct grid *grid,
		       const struct lay *lay)
{
	for (size_t i = 0; i < grid->members; i++)
		if (lay->shown[i] && grid_highest(grid, i) < grid->bins)
			all[s->n++] = (struct peaked){ standing_peak(grid, i), i };
	qsort(all, s->n, sizeof *all, by_figure);
	for (size_t i = 0; i < s->n; i++)
		s->order[i] = all[i].member;
	for (size_t i = 0; i < s->n && i < STANDING_HIGHEST; i++)
		s->highest[s->n_highest++] = all[i].member;
	if (s->n > 0)
		s->middle = (all[(s->n - 1) / 2].figure + all[s->n / 2].figure) / 2;
}

static double end_of(const struct fleet *fleet, const struct lay *lay, size_t member)
{
	return lay_x(lay, member, fleet->members[member].to);
}

/* More than a few samples before it, too. */
static bool is_early(const struct fleet_member *member, double end, double usual)
{
	double step = (double)(member->to - member->from) / (double)member->n_points / 1e6;
	return end < usual - fmax(EARLY * usual, 3 * step);
}

/* It failed, was killed, or nobody saw it end. */
static bool is_bad(const struct fleet_member *member)
{
	return !member->ended || (member->status != 0 && member->status != PROFILE_STATUS_UNKNOWN);
}

static void rank_ends(struct standing *s, struct peaked *all, const struct fleet *fleet,
		      const struct lay *lay)
{
	size_t n = 0;
	for (size_t i = 0; i < fleet->n; i++)
		if (lay->shown[i])
			all[n++] = (struct peaked){ -end_of(fleet, lay, i), i };
	qsort(all, n, sizeof *all, by_figure);
	double usual = n > 0 ? -all[n / 2].figure : 0;
	for (int bad = 1; bad >= 0; bad--) {
		for (size_t i = 0; i < n; i++) {
			const struct fleet_member *member = &fleet->members[all[i].member];
			if (is_early(member, -all[i].figure, usual) && is_bad(member) == bad)
				s->early[s->n_early++] = all[i].member;
		}
		s->n_bad = bad ? s->n_early : s->n_bad;
	}
	if (s->n_early - s->n_bad > (size_t)(USUAL * (double)n) + 1)
		s->n_early = s->n_bad;
}

int standing_make(struct standing *s, const struct fleet *fleet, const struct grid *grid,
		  const struct lay *lay)
{
	struct peaked *all = calloc(fleet->n + 1, sizeof *all);
	*s = (struct standing){ 0 };
	s->order = calloc(fleet->n + 1, sizeof *s->order);
	s->early = calloc(fleet->n + 1, sizeof *s->early);
	if (!all || !s->order || !s->early) {
		free(all);
		standing_free(s);
		return -ENOMEM;
	}
	rank_peaks(s, all, grid, lay);
	rank_ends(s, all, fleet, lay);
	free(all);
	return 0;
}

void standing_free(struct standing *s)
{
	free(s->order);
	free(s->early);
	*s = (struct standing){ 0 };
}
