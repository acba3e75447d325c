#include "share/fleet/missing.h"

#include <stdio.h>
#include <string.h>

static bool is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* One step of one job, all of whose ranks tell the same of how many there are. */
static long ranks_of(const struct fleet *fleet)
{
	const struct fleet_member *first = fleet->members;
	for (size_t i = 0; i < fleet->n; i++) {
		const struct fleet_member *m = &fleet->members[i];
		if (m->ranks != first->ranks || m->rank < 0 || m->rank >= m->ranks ||
		    !is_same(m->job, first->job) || !is_same(m->step, first->step))
			return 0;
	}
	return fleet->n > 0 ? first->ranks : 0;
}

static void note(struct fleet_missing *missing, long from, long to)
{
	for (long rank = from; rank < to && missing->n + rank - from < MISSING_NAMED; rank++)
		missing->first[missing->n + rank - from] = rank;
	missing->n += to > from ? to - from : 0;
}

void fleet_missing_find(struct fleet_missing *missing, const struct fleet *fleet)
{
	long next = 0;
	*missing = (struct fleet_missing){ .ranks = ranks_of(fleet) };
	for (size_t i = 0; i < fleet->n && missing->ranks > 0; i++) {
		note(missing, next, fleet->members[i].rank);
		next = fleet->members[i].rank + 1;
	}
	note(missing, next, missing->ranks);
}

char *fleet_missing_say(char out[MISSING_SENTENCE], const struct fleet_missing *missing)
{
	int n = snprintf(out, MISSING_SENTENCE,
			 "%ld of the job's %ld ranks %s no recording here:", missing->n,
			 missing->ranks, missing->n == 1 ? "has" : "have");
	for (long i = 0; i < missing->n && i < MISSING_NAMED; i++)
		n += snprintf(out + n, MISSING_SENTENCE - (size_t)n, "%s %ld", i ? "," : "",
			      missing->first[i]);
	if (missing->n > MISSING_NAMED)
		snprintf(out + n, MISSING_SENTENCE - (size_t)n, ", …");
	return out;
}
