#include "share/fleet/clock.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "share/fleet/fleet.h"

/* Seconds below which a launcher may have been slow, and so many times what the nodes differ by
 * anyway. */
static const double LEAST = 2, SPREADS = 5;

/* A clock moves the start and the end alike: by so much of it they may differ. */
static const double ALIKE = 0.25;

/* The members of one node, of those that tell theirs. */
struct clocked {
	const char *node;
	double from, to; /* medians, seconds since the earliest of all */
	bool unsynchronised;
};

struct clocks {
	struct clocked *items;
	size_t n;
};

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *figures, size_t n)
{
	qsort(figures, n, sizeof *figures, by_size);
	return n > 0 ? (figures[(n - 1) / 2] + figures[n / 2]) / 2 : 0;
}

static int by_node(const void *a, const void *b)
{
	const struct fleet_member *const *x = a, *const *y = b;
	return strcmp((*x)->node, (*y)->node);
}

static bool is_one_job(const struct fleet *fleet)
{
	for (size_t i = 0; i < fleet->n; i++)
		if (!fleet->members[i].job ||
		    strcmp(fleet->members[i].job, fleet->members[0].job) != 0)
			return false;
	return fleet->n > 0;
}

/* Medians of `n` members of one node; `scratch` holds as many figures. */
static struct clocked clock_of(const struct fleet_member *const members[], size_t n, int64_t zero,
			       double *scratch)
{
	struct clocked one = { .node = members[0]->node };
	for (size_t i = 0; i < n; i++) {
		scratch[i] = (double)(members[i]->from - zero) / 1e6;
		one.unsynchronised |= members[i]->unsynchronised;
	}
	one.from = median(scratch, n);
	for (size_t i = 0; i < n; i++)
		scratch[i] = (double)(members[i]->to - zero) / 1e6;
	one.to = median(scratch, n);
	return one;
}

static size_t sort_members(const struct fleet *fleet, const struct fleet_member **members,
			   int64_t *zero)
{
	size_t n = 0;
	*zero = INT64_MAX;
	for (size_t i = 0; i < fleet->n; i++)
		if (fleet->members[i].node && fleet->members[i].n_points > 0) {
			members[n++] = &fleet->members[i];
			*zero = fleet->members[i].from < *zero ? fleet->members[i].from : *zero;
		}
	qsort(members, n, sizeof *members, by_node);
	return n;
}

static void group(struct clocks *clocks, const struct fleet_member *const members[], size_t n,
		  int64_t zero, double *scratch)
{
	for (size_t from = 0, to; from < n; from = to) {
		for (to = from + 1; to < n && !strcmp(members[to]->node, members[from]->node);)
			to++;
		clocks->items[clocks->n++] = clock_of(members + from, to - from, zero, scratch);
	}
}

/* The usual distance from the median of the starts: of most nodes, whatever one of them says. */
static double spread_of(const struct clocks *clocks, double middle, double *scratch)
{
	for (size_t i = 0; i < clocks->n; i++)
		scratch[i] = fabs(clocks->items[i].from - middle);
	return median(scratch, clocks->n);
}

/* Their times do not meet at all, or both ends are moved by the same. */
static bool is_off(const struct clocked *one, const double middle[2], double spread)
{
	double start = one->from - middle[0], end = one->to - middle[1];
	bool apart = one->from > middle[1] || one->to < middle[0];
	bool moved = fabs(start - end) <= ALIKE * fabs(start);
	return fabs(start) > fmax(LEAST, SPREADS * spread) && (apart || moved);
}

static void insert(struct clock_off off[], size_t *n, size_t most, const struct clock_off *one)
{
	size_t at = *n < most ? (*n)++ : most;
	for (; at > 0 && fabs(off[at - 1].seconds) < fabs(one->seconds); at--)
		if (at < most)
			off[at] = off[at - 1];
	if (at < most)
		off[at] = *one;
}

static size_t compare(const struct clocks *clocks, double *scratch, struct clock_off off[],
		      size_t most)
{
	double middle[2];
	size_t found = 0;
	for (size_t i = 0; i < clocks->n; i++)
		scratch[i] = clocks->items[i].from;
	middle[0] = median(scratch, clocks->n);
	for (size_t i = 0; i < clocks->n; i++)
		scratch[i] = clocks->items[i].to;
	middle[1] = median(scratch, clocks->n);
	double spread = spread_of(clocks, middle[0], scratch);
	for (size_t i = 0; i < clocks->n; i++) {
		const struct clocked *one = &clocks->items[i];
		const struct clock_off found_off = { one->node, one->from - middle[0],
						     one->unsynchronised };
		if (is_off(one, middle, spread))
			insert(off, &found, most, &found_off);
	}
	return found;
}

/* Of two nodes nobody knows which is right: both are half of it away from the middle. */
size_t clock_find_off(const struct fleet *fleet, struct clock_off off[], size_t most)
{
	const struct fleet_member **members = calloc(fleet->n + 1, sizeof *members);
	double *scratch = calloc(fleet->n + 1, sizeof *scratch);
	struct clocks clocks = { calloc(fleet->n + 1, sizeof *clocks.items), 0 };
	size_t found = 0;
	int64_t zero;
	if (members && scratch && clocks.items && is_one_job(fleet)) {
		size_t n = sort_members(fleet, members, &zero);
		group(&clocks, members, n, zero, scratch);
		found = compare(&clocks, scratch, off, most);
	}
	free(members);
	free(scratch);
	free(clocks.items);
	return found;
}
