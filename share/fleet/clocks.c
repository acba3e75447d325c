#include "share/fleet/clocks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"
#include "share/format.h"
#include "share/names.h"

enum { MOST = 1 << 20 };
static const int64_t OFF = 10 * 1000000, TOGETHER = 2 * 1000000; /* µs */

struct began { /* of the first starts on one node */
	const char *node;
	int64_t from, to; /* the earliest, and the latest end */
	bool unsynchronised;
};

struct begun {
	struct began *all;
	size_t n;
};

static bool is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool begin_together(const struct fleet *fleet)
{
	for (size_t i = 0; i < fleet->n; i++) {
		const struct fleet_member *m = &fleet->members[i];
		if (m->rank < 0 || !is_same(m->job, fleet->members[0].job) ||
		    !is_same(m->step, fleet->members[0].step))
			return false;
	}
	return true;
}

/* A restart begins when it must. */
static int gather(struct begun *b, const struct fleet *fleet)
{
	struct names names = { 0 };
	int r = 0;
	for (size_t i = 0; i < fleet->n && r == 0; i++) {
		const struct fleet_member *m = &fleet->members[i];
		size_t known = names.n;
		long at = m->node && m->restart == 0 ? names_find(&names, m->node, MOST) : -ENOSPC;
		struct began *one = NULL;
		if (at == -ENOSPC)
			continue;
		if (at >= 0)
			one = names.n > known ? array_more(&b->all, &b->n, sizeof *one)
					      : &b->all[at];
		if (!one) {
			r = -ENOMEM;
		} else if (names.n > known) {
			*one = (struct began){ m->node, m->from, m->to, m->unsynchronised };
		} else {
			one->from = m->from < one->from ? m->from : one->from;
			one->to = m->to > one->to ? m->to : one->to;
			one->unsynchronised |= m->unsynchronised;
		}
	}
	names_free(&names);
	return r;
}

static int by_moment(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/* 0 or -ENOMEM; of at least one. */
static int medians(const struct begun *b, int64_t *from, int64_t *to)
{
	int64_t *moments = calloc(2 * b->n, sizeof *moments);
	if (!moments)
		return -ENOMEM;
	for (size_t i = 0; i < b->n; i++) {
		moments[i] = b->all[i].from;
		moments[b->n + i] = b->all[i].to;
	}
	qsort(moments, b->n, sizeof *moments, by_moment);
	qsort(moments + b->n, b->n, sizeof *moments, by_moment);
	*from = moments[(b->n - 1) / 2];
	*to = moments[b->n + (b->n - 1) / 2];
	free(moments);
	return 0;
}

static bool is_near(int64_t a, int64_t b, int64_t within)
{
	return a - b <= within && b - a <= within;
}

static int judge(struct fleet_clocks *clocks, const struct begun *b, int64_t from, int64_t to)
{
	size_t together = 0;
	for (size_t i = 0; i < b->n; i++)
		together += is_near(b->all[i].from, from, TOGETHER);
	for (size_t i = 0; i < b->n && 2 * together >= b->n; i++) {
		const struct began *one = &b->all[i];
		int64_t ahead = one->from - from;
		if (is_near(ahead, 0, OFF - 1))
			continue;
		struct fleet_clock *clock = array_more(&clocks->all, &clocks->n, sizeof *clock);
		if (!clock)
			return -ENOMEM;
		bool ends = is_near(one->to - to, ahead, TOGETHER);
		bool apart = one->from > to || one->to < from;
		*clock = (struct fleet_clock){ one->node, ahead, ends, apart };
	}
	return 0;
}

static int by_distance(const void *a, const void *b)
{
	const struct fleet_clock *x = a, *y = b;
	int64_t p = x->ahead < 0 ? -x->ahead : x->ahead, q = y->ahead < 0 ? -y->ahead : y->ahead;
	int by = (p < q) - (p > q);
	return by ? by : strcmp(x->node, y->node);
}

static int64_t far(int64_t us)
{
	return us < 0 ? -us : us;
}

bool fleet_clock_moved(int64_t moved, int64_t span)
{
	return far(moved) >= 1000000 || (span > 0 && far(moved) > span);
}

static void find_moved(struct fleet_clocks *clocks, const struct fleet *fleet)
{
	clocks->all_told = fleet->n;
	for (size_t i = 0; i < fleet->n; i++) {
		const struct fleet_member *m = &fleet->members[i];
		if (!fleet_clock_moved(m->clock_moved, m->to - m->from))
			continue;
		if (clocks->moved++ > 0 && far(m->clock_moved) <= far(clocks->most))
			continue;
		clocks->most = m->clock_moved;
		clocks->mover = m->node;
	}
}

int fleet_clocks_make(struct fleet_clocks *clocks, const struct fleet *fleet)
{
	struct begun b = { 0 };
	int64_t from, to;
	*clocks = (struct fleet_clocks){ 0 };
	int r = gather(&b, fleet);
	find_moved(clocks, fleet);
	for (size_t i = 0; i < b.n; i++) {
		clocks->unsynchronised += b.all[i].unsynchronised;
		if (b.all[i].unsynchronised && !clocks->first)
			clocks->first = b.all[i].node;
	}
	bool judged = b.n > 1 && begin_together(fleet);
	if (r == 0 && judged)
		r = medians(&b, &from, &to);
	if (r == 0 && judged)
		r = judge(clocks, &b, from, to);
	free(b.all);
	if (r < 0)
		fleet_clocks_free(clocks);
	else if (clocks->n > 0)
		qsort(clocks->all, clocks->n, sizeof *clocks->all, by_distance);
	return r;
}

bool fleet_clock_is_off(const struct fleet_clock *clock)
{
	return clock->ends || clock->apart;
}

int64_t fleet_clocks_ahead(const struct fleet_clocks *clocks, const char *node)
{
	for (size_t i = 0; node && i < clocks->n; i++)
		if (fleet_clock_is_off(&clocks->all[i]) && strcmp(clocks->all[i].node, node) == 0)
			return clocks->all[i].ahead;
	return 0;
}

char *fleet_clock_say(char out[FLEET_CLOCK_SENTENCE], const struct fleet_clock *clock)
{
	char by[FORMAT_SIZE];
	int64_t off = clock->ahead < 0 ? -clock->ahead : clock->ahead;
	const char *when = clock->ahead < 0 ? "earlier" : "later";
	format_duration(by, sample_seconds(off));
	if (clock->ends)
		snprintf(out, FLEET_CLOCK_SENTENCE,
			 "the clock of %.200s seems %s %s the others': its ranks begin and end so "
			 "much "
			 "%s",
			 clock->node, by, clock->ahead < 0 ? "behind" : "ahead of", when);
	else
		snprintf(out, FLEET_CLOCK_SENTENCE,
			 "the ranks of %.200s begin %s %s than the others: its clock is off, or "
			 "they were started then",
			 clock->node, by, when);
	return out;
}

char *fleet_clocks_say_moved(char out[FLEET_CLOCK_SENTENCE], const struct fleet_clocks *clocks)
{
	char by[FORMAT_SIZE];
	format_duration(by, sample_seconds(far(clocks->most)));
	snprintf(out, FLEET_CLOCK_SENTENCE,
		 "in %zu of %zu recordings the wall clock moved meanwhile, %s%.200s%s%s by %s: "
		 "it was set%s, and moments are told as if it had not",
		 clocks->moved, clocks->all_told, clocks->mover ? "on " : "",
		 clocks->mover ? clocks->mover : "", clocks->mover ? " " : "",
		 clocks->most < 0 ? "back" : "forward", by,
		 clocks->most < 0 ? "" : ", or the machine slept");
	return out;
}

void fleet_clocks_free(struct fleet_clocks *clocks)
{
	free(clocks->all);
	*clocks = (struct fleet_clocks){ 0 };
}
