#include "share/fleet/member.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"
#include "share/metrics.h"
#include "share/number.h"

enum { MOST_STARTS = 1000000, MOST_RANKS = 1 << 30 };
enum { COLUMNS = 2000, LONGEST = 2048 /* bytes of a text: there may be many thousands */ };

size_t member_columns(const struct fleet_wish *wish)
{
	size_t columns = wish->columns ? wish->columns : COLUMNS;
	return columns < 4 ? 4 : columns & ~(size_t)1;
}

/* ---- what it says of itself ---- */

int member_tell_text(char **to, const char *value)
{
	free(*to);
	*to = strndup(value, LONGEST);
	return *to ? 0 : -ENOMEM;
}

static void tell_limit(struct fleet_member *m, const char *value, bool machine)
{
	double mib;
	if (number_decimal(value, &mib) < 0 || mib <= 0 || mib > 1e12 ||
	    (machine && m->limit > 0 && !m->machine))
		return;
	m->limit = llround(mib * 1e6);
	m->machine = machine;
}

static void tell_clock(struct fleet_member *m, const char *value)
{
	double seconds;
	if (number_decimal(value, &seconds) == 0 && fabs(seconds) < 1e11)
		m->clock_moved = llround(seconds * 1e6);
}

int member_tell(struct fleet_member *m, const char *key, const char *value)
{
	long n;
	if (strcmp(key, "node") == 0)
		return member_tell_text(&m->node, value);
	if (strcmp(key, "host") == 0)
		return m->node ? 0 : member_tell_text(&m->node, value);
	if (strcmp(key, "job") == 0)
		return member_tell_text(&m->job, value);
	if (strcmp(key, "step") == 0)
		return member_tell_text(&m->step, value);
	if (strcmp(key, "metric") == 0)
		return member_tell_text(&m->metric, value);
	if (strcmp(key, "rank") == 0 && number_whole(value, &n) == 0 && n >= 0)
		m->rank = n;
	else if (strcmp(key, "ranks") == 0 && number_whole(value, &n) == 0 && n > 0)
		m->ranks = n < MOST_RANKS ? n : 0;
	else if (strcmp(key, "restart") == 0 && number_whole(value, &n) == 0 && n > 0)
		m->restart = n < MOST_STARTS ? (int)n : MOST_STARTS;
	else if (strcmp(key, "limit") == 0 || strcmp(key, "machine") == 0)
		tell_limit(m, value, *key == 'm');
	else if (strcmp(key, "unsynchronised") == 0)
		m->unsynchronised = strcmp(value, "1") == 0;
	else if (strcmp(key, "clock_moved") == 0)
		tell_clock(m, value);
	return 0;
}

/* ---- of several ---- */

int member_add_grown(struct fleet_member *m, const struct fleet_grown *grown)
{
	struct fleet_grown copy = { strdup(grown->file), strdup(grown->function), grown->line,
				    grown->umib };
	struct fleet_grown *place = copy.file && copy.function
					    ? array_more(&m->grown, &m->n_grown, sizeof *place)
					    : NULL;
	if (!place) {
		free(copy.file);
		free(copy.function);
		return -ENOMEM;
	}
	*place = copy;
	return 0;
}

int member_add_mark(struct fleet_member *m, const struct fleet_wish *wish, const struct sample *at,
		    const char *label)
{
	if (wish->mark && m->mark == 0 && strcmp(label, wish->mark) == 0)
		m->mark = at->us;
	if (!wish->marks || m->n_marks == MEMBER_MARKS)
		return 0;
	char *copy = strdup(label);
	struct profile_mark *mark = copy ? array_more(&m->marks, &m->n_marks, sizeof *mark) : NULL;
	if (!mark) {
		free(copy);
		return -ENOMEM;
	}
	*mark = (struct profile_mark){ *at, copy };
	return 0;
}

bool member_adds_up(const struct fleet_member *m)
{
	const struct metric *metric = m->metric ? metric_find(m->metric) : NULL;
	return !metric || metric->owner == METRIC_OF_PROCESS;
}

static bool is_same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* One may have been read, or merged, while it was still written: it is shorter, and as old. Of two
 * without a rank that alone tells nothing. */
bool member_is_same(const struct fleet_member *a, const struct fleet_member *b)
{
	bool told = a->rank >= 0 || (a->to == b->to && a->highest.umib == b->highest.umib);
	return told && a->rank == b->rank && a->restart == b->restart && a->from == b->from &&
	       is_same_text(a->node, b->node) && is_same_text(a->job, b->job) &&
	       is_same_text(a->step, b->step) && is_same_text(a->command, b->command);
}

static int compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int compare_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

/* Those without a rank come last. What else is compared puts what is the same side by side, what
 * tells most of it at the end. */
int member_compare(const struct fleet_member *a, const struct fleet_member *b)
{
	int by = compare(a->rank < 0, b->rank < 0);
	by = by ? by : compare(a->rank, b->rank);
	by = by ? by : compare(a->from, b->from);
	by = by ? by : compare(a->restart, b->restart);
	by = by ? by : compare_text(a->node, b->node);
	by = by ? by : compare_text(a->job, b->job);
	by = by ? by : compare_text(a->step, b->step);
	by = by ? by : compare_text(a->command, b->command);
	by = by ? by : compare(a->to, b->to);
	by = by ? by : compare(a->ended, b->ended);
	by = by ? by : compare(a->highest.umib, b->highest.umib);
	return by ? by : compare((int64_t)a->n_points, (int64_t)b->n_points);
}

void member_free(struct fleet_member *m)
{
	for (size_t i = 0; i < m->n_grown; i++) {
		free(m->grown[i].file);
		free(m->grown[i].function);
	}
	free(m->grown);
	for (size_t i = 0; i < m->n_marks; i++)
		free(m->marks[i].label);
	free(m->marks);
	free(m->points);
	free(m->node);
	free(m->job);
	free(m->step);
	free(m->path);
	free(m->command);
	free(m->killed);
	free(m->metric);
	*m = (struct fleet_member){ 0 };
}
