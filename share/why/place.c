/* Who held it: the user's own lines that grew most. */
#include <string.h>

#include "share/commands/report.h"
#include "share/growth/names.h"
#include "share/profile/profile.h"
#include "share/why/facts.h"
#include "share/why/state.h"

enum { SHOWN = 3 };

/* What an interpreter needs by itself is no news. */
static bool is_notable(const struct growth_row *row)
{
	const int64_t least = 1000000; /* umib */
	return row->frame != 0 && row->frame != GROWTH_NOT_USERS && row->grew >= least;
}

static void say_row(struct why_statement *s, const struct growth *g, const struct growth_row *row)
{
	char name[GROWTH_NAME], figure[FORMAT_SIZE];
	WHY_SAY(s, "%s %s", growth_marked(name, g, row, GROWTH_BY_LINE),
		format_memory(figure, sample_mib(row->grew)));
}

static void say_rows(struct why *why, const struct growth *g, const struct growth_table *table)
{
	struct why_statement *s = NULL;
	int64_t polled = 0, grew = 0;
	size_t shown = 0;
	for (size_t i = 0; i < table->n && shown < SHOWN; i++) {
		const struct growth_row *row = &table->rows[i];
		if (!is_notable(row))
			continue;
		if (!s && !(s = why_state(why, WHY_PLACE, "grew", KNOWN_SAMPLED)))
			return;
		WHY_SAY(s, "%s", shown++ ? ", " : "grew most: ");
		say_row(s, g, row);
		polled += row->polled;
		grew += row->grew;
	}
	if (!s)
		return;
	s->known = 2 * polled > grew ? KNOWN_ESTIMATE : KNOWN_SAMPLED;
	WHY_BY(s,
	       s->known == KNOWN_ESTIMATE
		       ? "where a thread stood when a change was seen (~)"
		       : "the lines of the page faults; what each took first, not what it holds");
	s->weight = 100;
}

static void say_none(struct why *why)
{
	const struct profile *p = why->profile;
	const char *refused = report_refused(p);
	if (!why_is_python(p) || (!refused && !profile_setting(p, "python")))
		return;
	struct why_statement *s = why_state(why, WHY_PLACE, "untold", KNOWN_UNKNOWN);
	if (refused && strcmp(refused, "permission") == 0)
		WHY_SAY(s, "which lines cannot be told: its memory may not be read");
	else if (refused)
		WHY_SAY(s, "which lines cannot be told: its Python cannot be looked into");
	else
		WHY_SAY(s, "no line grew by as much as 1 MiB");
	WHY_BY(s, refused ? "META refused" : "its Python was looked into");
	if (!refused)
		s->known = KNOWN_SAMPLED;
}

int why_find_place(struct why *why)
{
	struct report report;
	struct growth_table table;
	size_t before = why->n;
	if (why->profile->growth.n_steps > 0) {
		int r = report_open(&report, why->profile, NULL);
		if (r < 0)
			return r;
		r = growth_table_make(&table, &report.growth, GROWTH_BY_LINE, GROWTH_TO_USER);
		if (r == 0) {
			say_rows(why, &report.growth, &table);
			growth_table_free(&table);
		}
		report_close(&report);
		if (r < 0)
			return r;
	}
	if (why->n == before)
		say_none(why);
	return 0;
}
