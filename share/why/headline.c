/* The two lines that a recording ends with. */
#include <inttypes.h>
#include <string.h>

#include "share/profile/profile.h"
#include "share/why/facts.h"
#include "share/why/state.h"

void why_headline(char out[WHY_LINE], const struct why *why)
{
	const struct profile *p = why->profile;
	const struct why_statement *end = why_about(why, WHY_END), *peak = why_about(why, WHY_PEAK);
	char length[FORMAT_SIZE];
	uint64_t samples = p->memory.samples;
	*out = '\0';
	why_add(out, WHY_LINE, "%s: %s, %" PRIu64 " sample%s", p->path,
		format_duration(length, why_seconds(p)), samples, samples == 1 ? "" : "s");
	if (p->missed > 0)
		why_add(out, WHY_LINE, ", %" PRIu64 " ticks missed", p->missed);
	why_add(out, WHY_LINE, ", %s; %s", end ? end->words : "?", peak ? peak->words : "?");
}

/* Where it is seen, as the last word of all. */
static void add_way(char out[WHY_LINE], const struct why *why, const char *more)
{
	char operand[WHY_COMMAND];
	why_operand(operand, sizeof operand, why->profile);
	why_add(out, WHY_LINE, "see it with: mprof-c plot%s%s%s", operand, more,
		*more ? operand : "");
}

/* What grew, and whatever is odd and weighs something. */
static void add_rest(char out[WHY_LINE], const struct why *why)
{
	enum { NOTABLE = 40 };
	for (size_t i = 0; i < why->n; i++) {
		const struct why_statement *s = &why->statements[i];
		if (s->topic >= WHY_PLACE && s->weight >= NOTABLE)
			why_add(out, WHY_LINE, "%s%s", *out ? "; " : "", s->words);
	}
}

void why_closing(char first[WHY_LINE], char second[WHY_LINE], const struct why *why)
{
	why_headline(first, why);
	*second = '\0';
	add_rest(second, why);
	if (*second)
		why_add(second, WHY_LINE, "; ");
	else
		why_add(first, WHY_LINE, "; ");
	add_way(*second ? second : first, why, *second ? ", more with: mprof-c why" : "");
}
