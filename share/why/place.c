/* Who held it: by a sampled heap the lines whose blocks lived, else the user's own lines that grew
 * most. */
#include <string.h>

#include "share/commands/report.h"
#include "share/growth/heap.h"
#include "share/growth/names.h"
#include "share/profile/profile.h"
#include "share/profile/sum.h"
#include "share/why/facts.h"
#include "share/why/state.h"

enum { SHOWN = 3, SMALL = 10 }; /* so much less than the first is not worth a word */

/* What an interpreter needs by itself is no news. */
static const int64_t LEAST = 1000000; /* umib */

static bool is_named(size_t frame)
{
	return frame != 0 && frame != GROWTH_NOT_USERS;
}

/* ---- who held it ---- */

/* umib: of a row, at the end or when the heap was at its peak, and how far off that may be. */
struct held {
	bool at_end;
	const struct growth *places;
};

static int64_t live_of(const struct held *h, const struct profile_heap_frame *f)
{
	return h->at_end ? f->live : f->at_peak;
}

/* The row that held most of those not yet told, `told` so many; NULL: none is worth a word. */
static const struct heap_row *most_of(const struct held *h, const struct heap_table *t,
				      const struct heap_row *const told[], size_t n)
{
	const struct heap_row *most = NULL;
	for (size_t i = 0; i < t->n; i++) {
		const struct heap_row *row = &t->rows[i];
		bool is_told = false;
		for (size_t k = 0; k < n; k++)
			is_told = is_told || told[k] == row;
		if (!is_told && is_named(row->who.frame) && live_of(h, &row->figures) >= LEAST &&
		    (!most || live_of(h, &row->figures) > live_of(h, &most->figures)))
			most = row;
	}
	return most;
}

static void say_held(struct why_statement *s, const struct held *h, const struct heap_row *row)
{
	char name[GROWTH_NAME], figure[FORMAT_SIZE], error[FORMAT_SIZE];
	const struct profile_heap_frame *f = &row->figures;
	WHY_SAY(s, "%s %s (± %s)", growth_name(name, h->places, &row->who, GROWTH_BY_LINE),
		format_memory(figure, sample_mib(live_of(h, f))),
		format_memory(error, heap_error(h->at_end ? f->spread : f->spread_at_peak)));
}

static void say_moment(struct why_statement *s, const struct profile *p, const struct held *h,
		       const struct heap_table *t)
{
	char all[FORMAT_SIZE], moment[FORMAT_SIZE];
	const char *total = format_memory(all, sample_mib(live_of(h, &t->all)));
	int64_t after = p->heap.peak.us - p->start_us;
	int64_t written = heap_written_until(p);
	if (h->at_end && written > 0)
		WHY_SAY(s, "held at %s, when last written, of %s: ",
			format_duration(moment, sample_seconds(written - p->start_us)), total);
	else if (h->at_end)
		WHY_SAY(s, "held at the end, of %s: ", total);
	else
		WHY_SAY(s, "held at %s, of %s: ",
			format_duration(moment, sample_seconds(after > 0 ? after : 0)), total);
}

/* What ended well has let go of most things by then; but where its memory stayed, the few that it
 * still held are what is asked for: they may keep the rest from being given back. */
static bool is_of_end(const struct profile *p, const struct heap_table *t)
{
	int64_t held = p->memory.last.umib;
	bool stayed = held / 3 > t->all.live && 2 * held >= p->memory.peak.umib;
	return 2 * t->all.live >= p->heap.peak.umib || (stayed && t->all.live >= 2 * LEAST);
}

/* What it does not account for is not all malloc's doing then. */
static bool say_missing(struct why_statement *s, const struct profile *p)
{
	const char *missing = heap_missing(p);
	if (missing)
		WHY_SAY(s, "; in no figure of that: %s", missing);
	return missing;
}

/* What the heap does not account for. */
static void say_beyond(struct why_statement *s, const struct profile *p, const struct held *h,
		       const struct heap_table *t)
{
	char figure[FORMAT_SIZE];
	const int64_t much = 32000000; /* umib */
	int64_t held = p->memory.last.umib;
	if (say_missing(s, p))
		return;
	if (h->at_end && held - t->all.live > much && held / 3 > t->all.live)
		WHY_SAY(s, "; its memory was %s then: the rest is kept free, or not of the heap",
			format_memory(figure, sample_mib(held)));
}

/* Of one program, whose RSS was followed: what it held beyond all that it ever had in RAM. */
static void say_untouched(const struct why *why, struct why_statement *s, const struct held *h,
			  const struct heap_table *t)
{
	const struct profile *p = why->profile;
	const char *metric = profile_setting(p, "metric"), *seen = profile_setting(p, "heap_seen");
	double live = sample_mib(live_of(h, &t->all)) -
		      heap_error(h->at_end ? t->all.spread : t->all.spread_at_peak);
	if (metric && strcmp(metric, "rss") == 0 && seen && strcmp(seen, "1") == 0 &&
	    why->peak > 0 && live >= 1.25 * why->peak)
		WHY_SAY(s, "; more than was in RAM: not all of it was touched");
}

static void say_holders(struct why *why, const struct heap_table *t)
{
	const struct profile *p = why->profile;
	const struct heap_row *told[SHOWN] = { NULL };
	const struct held h = { is_of_end(p, t), why->places };
	const struct heap_row *row = most_of(&h, t, told, 0);
	struct why_statement *s = row ? why_state(why, WHY_PLACE, "held", KNOWN_ESTIMATE) : NULL;
	if (!s)
		return;
	say_moment(s, p, &h, t);
	int64_t small = live_of(&h, &row->figures) / SMALL;
	for (size_t n = 0; row && n < SHOWN && live_of(&h, &row->figures) > small;) {
		WHY_SAY(s, "%s", n ? ", " : "");
		say_held(s, &h, row);
		told[n++] = row;
		row = most_of(&h, t, told, n);
	}
	say_beyond(s, p, &h, t);
	say_untouched(why, s, &h, t);
	WHY_BY(s, "the heap, sampled by bytes: what was allocated there and not freed; ± in 95 of "
		  "100");
	s->weight = 100;
}

static int find_holders(struct why *why)
{
	struct heap_table table;
	const struct profile *p = why->profile;
	if (p->heap.records == 0)
		return 0;
	int r = heap_table_make(&table, &p->heap, why->places, GROWTH_BY_LINE, GROWTH_TO_USER);
	if (r < 0)
		return r;
	say_holders(why, &table);
	heap_table_free(&table);
	return 0;
}

/* ---- who took it ---- */

static bool is_notable(const struct growth_row *row)
{
	return is_named(row->frame) && row->grew >= LEAST;
}

static void say_row(struct why_statement *s, const struct growth *g, const struct growth_row *row)
{
	char name[GROWTH_NAME], figure[FORMAT_SIZE];
	WHY_SAY(s, "%s %s", growth_marked(name, g, row, GROWTH_BY_LINE),
		format_memory(figure, sample_mib(row->grew)));
}

static void say_how(struct why_statement *s, const struct profile *p, int64_t polled, int64_t grew)
{
	char reason[HEAP_UNSEEN];
	s->known = 2 * polled > grew ? KNOWN_ESTIMATE : KNOWN_SAMPLED;
	WHY_BY(s, "%s",
	       s->known == KNOWN_ESTIMATE ? "where a thread stood when a change was seen (~)"
					  : "the lines of the page faults");
	if (heap_is_unseen(p))
		WHY_BY(s, "; what each took first: its heap was not sampled: %s",
		       heap_say_unseen(reason, p));
	else if (p->heap.records == 0)
		WHY_BY(s, "; what each took first: who holds it is not known without run --heap");
	else
		WHY_BY(s, "; the sampled heap held nothing of note%s%s",
		       heap_missing(p) ? ", but is without " : "",
		       heap_missing(p) ? heap_missing(p) : "");
}

static void say_takers(struct why *why, const struct growth *g, const struct growth_table *table)
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
		polled = sum_of(polled, row->polled);
		grew = sum_of(grew, row->grew);
	}
	if (!s)
		return;
	/* Rows come by what they grew: what has no line of the user's may have grown by more. */
	if (!is_named(table->rows[0].frame))
		WHY_SAY(s, "%s", ", of your own lines");
	say_how(s, why->profile, polled, grew);
	s->weight = 100;
}

static int find_takers(struct why *why)
{
	struct growth_table table;
	if (why->profile->growth.n_steps == 0)
		return 0;
	int r = growth_table_make(&table, why->places, GROWTH_BY_LINE, GROWTH_TO_USER);
	if (r < 0)
		return r;
	say_takers(why, why->places, &table);
	growth_table_free(&table);
	return 0;
}

/* ---- neither ---- */

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
	size_t before = why->n;
	int r = find_holders(why);
	if (r == 0 && why->n == before)
		r = find_takers(why);
	if (r == 0 && why->n == before)
		say_none(why);
	return r;
}
