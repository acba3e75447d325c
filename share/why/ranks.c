/* How the ranks of a job ended, of what merge wrote. */
#include <stdlib.h>
#include <string.h>

#include "share/profile/profile.h"
#include "share/why/clock.h"
#include "share/why/end.h"
#include "share/why/facts.h"

/* Told with an end, good or bad; another had none, or its status is not known. */
static bool has_status(const struct profile_rank *rank)
{
	return rank->status != PROFILE_STATUS_UNKNOWN;
}

/* µs: by the clocks of most nodes, where its own is off. */
static int64_t end_of(const struct why *why, const struct profile_rank *rank)
{
	return rank->to - why_clock_ahead(why->clocks, (size_t)(rank - why->profile->ranks));
}

static const struct profile_rank *first_of(const struct why *why, bool failed, size_t *n)
{
	const struct profile *p = why->profile;
	const struct profile_rank *first = NULL;
	*n = 0;
	for (size_t i = 0; i < p->n_ranks; i++) {
		const struct profile_rank *rank = &p->ranks[i];
		bool is_one = failed ? has_status(rank) && rank->status != 0 : !has_status(rank);
		*n += is_one;
		if (is_one && (!first || end_of(why, rank) < end_of(why, first)))
			first = rank;
	}
	return first;
}

static void say_rank(struct why_statement *s, const struct why *why,
		     const struct profile_rank *rank)
{
	const struct profile *p = why->profile;
	char after[FORMAT_SIZE];
	int64_t first = rank->from;
	for (size_t i = 0; i < p->n_ranks; i++) {
		int64_t from = p->ranks[i].from - why_clock_ahead(why->clocks, i);
		first = i == 0 || from < first ? from : first;
	}
	format_duration(after, sample_seconds(end_of(why, rank) - first));
	if (rank->rank >= 0)
		WHY_SAY(s, "rank %ld after %s", rank->rank, after);
	else
		WHY_SAY(s, "the recording number %d after %s", rank->member, after);
}

/* "killed: out of memory" where that is told, else "exit 3". */
static void say_end(struct why_statement *s, const struct profile_rank *rank)
{
	static const char key[] = "killed=";
	char end[FORMAT_SIZE], *words = strdup(rank->told), *cursor = words, *word;
	const char *killed = NULL;
	while (words && !killed && profile_unquote(&cursor, &word) == 1)
		if (strncmp(word, key, sizeof key - 1) == 0)
			killed = word + sizeof key - 1;
	WHY_SAY(s, " (%s)", killed ? killed : format_end(end, rank->status));
	free(words);
}

/* Ranks that were started again, or that nobody told, are no ranks that can be counted. Those of
 * one number stand together. */
static const char *what_is_counted(const struct profile *p)
{
	for (size_t i = 0; i < p->n_ranks; i++)
		if (p->ranks[i].rank < 0 || (i > 0 && p->ranks[i].rank == p->ranks[i - 1].rank))
			return p->n_ranks == 1 ? "recording" : "recordings";
	return p->n_ranks == 1 ? "rank" : "ranks";
}

bool why_is_of_ranks(struct why *why)
{
	const struct profile *p = why->profile;
	size_t failed, untold;
	if (p->n_ranks == 0)
		return false;
	const struct profile_rank *first = first_of(why, true, &failed);
	const struct profile_rank *without = first_of(why, false, &untold);
	struct why_statement *s = why_state(why, WHY_END, "ranks", KNOWN_EXACT);
	WHY_SAY(s, "%zu of %zu %s ended with exit 0", p->n_ranks - failed - untold, p->n_ranks,
		what_is_counted(p));
	if (first) {
		WHY_SAY(s, "; %zu failed, first ", failed);
		say_rank(s, why, first);
		say_end(s, first);
	}
	if (without) {
		WHY_SAY(s, "; %zu without an end, first ", untold);
		say_rank(s, why, without);
	}
	WHY_BY(s, "what the recording of each says");
	return true;
}
