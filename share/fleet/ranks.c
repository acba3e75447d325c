#include "share/fleet/ranks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/format.h"
#include "share/names.h"
#include "share/text.h"

/* ---- who comes first ---- */

/* Those of which none is known come last. */
static int by_peak(const void *a, const void *b, void *context)
{
	const struct fleet_member *all = context;
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	int64_t p = all[x].highest.umib, q = all[y].highest.umib;
	int by = (all[x].known == KNOWN_UNKNOWN) - (all[y].known == KNOWN_UNKNOWN);
	by = by ? by : (p < q) - (p > q);
	return by ? by : (x > y) - (x < y);
}

double fleet_ranks_at(const struct fleet_ranks *r, const char *node, int64_t us)
{
	return sample_seconds(us - fleet_clocks_ahead(&r->clocks, node) - r->from);
}

static int by_end(const void *a, const void *b, void *context)
{
	const struct fleet_ranks *r = context;
	const struct fleet_member *all = r->fleet->members;
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	double p = fleet_ranks_at(r, all[x].node, all[x].to),
	       q = fleet_ranks_at(r, all[y].node, all[y].to);
	int by = (p > q) - (p < q);
	return by ? by : (x > y) - (x < y);
}

static bool has_failed(const struct fleet_member *m)
{
	return m->killed || (m->ended && m->status != 0 && m->status != PROFILE_STATUS_UNKNOWN);
}

static int count_jobs(struct fleet_ranks *r)
{
	enum { MOST = 1 << 20 };
	struct names jobs = { 0 };
	long found = 0;
	for (size_t i = 0; i < r->fleet->n && found != -ENOMEM; i++)
		if (r->fleet->members[i].job)
			found = names_find(&jobs, r->fleet->members[i].job, MOST);
	r->jobs = jobs.n;
	names_free(&jobs);
	return found == -ENOMEM ? -ENOMEM : 0;
}

/* Of those that are known, which come first. */
static int64_t median(const struct fleet_ranks *r)
{
	if (r->known == 0)
		return 0;
	int64_t above = r->fleet->members[r->by_peak[(r->known - 1) / 2]].highest.umib;
	int64_t below = r->fleet->members[r->by_peak[r->known / 2]].highest.umib;
	return below + (above - below) / 2;
}

static int sort(struct fleet_ranks *r)
{
	const struct fleet *fleet = r->fleet;
	r->by_peak = calloc(fleet->n, sizeof *r->by_peak);
	r->bad = calloc(fleet->n, sizeof *r->bad);
	if (!r->by_peak || !r->bad)
		return -ENOMEM;
	r->from = INT64_MAX;
	for (size_t i = 0; i < fleet->n; i++) {
		const struct fleet_member *m = &fleet->members[i];
		int64_t from = m->from - fleet_clocks_ahead(&r->clocks, m->node);
		r->from = from < r->from ? from : r->from;
		r->by_peak[i] = i;
		if (!m->ended || has_failed(m))
			r->bad[r->n_bad++] = i;
		r->failed += has_failed(m);
	}
	qsort_r(r->by_peak, fleet->n, sizeof *r->by_peak, by_peak, fleet->members);
	qsort_r(r->bad, r->n_bad, sizeof *r->bad, by_end, r);
	for (size_t i = 0; i < fleet->n; i++)
		r->known += fleet->members[i].known != KNOWN_UNKNOWN;
	r->median = median(r);
	return 0;
}

int fleet_ranks_make(struct fleet_ranks *ranks, const struct fleet *fleet)
{
	*ranks = (struct fleet_ranks){ .fleet = fleet };
	int r = fleet_clocks_make(&ranks->clocks, fleet);
	r = r < 0 ? r : sort(ranks);
	r = r < 0 ? r : count_jobs(ranks);
	r = r < 0 ? r : fleet_nodes_make(&ranks->nodes, fleet);
	return r < 0 ? r : fleet_lines_make(&ranks->lines, fleet);
}

void fleet_ranks_free(struct fleet_ranks *ranks)
{
	free(ranks->by_peak);
	free(ranks->bad);
	fleet_nodes_free(&ranks->nodes);
	fleet_lines_free(&ranks->lines);
	fleet_clocks_free(&ranks->clocks);
	*ranks = (struct fleet_ranks){ 0 };
}

/* Half as much again as the others, and enough to mind. */
const struct fleet_line *fleet_ranks_odd(const struct fleet_ranks *r)
{
	const int64_t mind = 16 * 1000000;
	if (r->lines.n == 0)
		return NULL;
	const struct fleet_line *line = &r->lines.all[0];
	int64_t above = line->grown->umib - line->usual;
	return above >= mind && above >= line->usual / 2 ? line : NULL;
}

/* ---- words ---- */

char *fleet_who(char out[FLEET_WHO], const struct fleet_member *m)
{
	char start[32] = "", rank[128];
	if (m->restart > 0)
		snprintf(start, sizeof start, ", start %d", m->restart + 1);
	if (m->rank >= 0)
		snprintf(rank, sizeof rank, "rank %ld%s", m->rank, start);
	else
		snprintf(rank, sizeof rank, "%.90s%s", text_base_name(m->path ? m->path : "?"),
			 start);
	snprintf(out, FLEET_WHO, "%s%s%s%.90s", rank, m->node && *start ? "," : "",
		 m->node ? " on " : "", m->node ? m->node : "");
	return out;
}

char *fleet_ended(char out[FLEET_WHO], const struct fleet_member *m)
{
	char end[FORMAT_SIZE];
	if (m->killed)
		snprintf(out, FLEET_WHO, "%.200s", m->killed);
	else if (!m->ended)
		snprintf(out, FLEET_WHO, "no end");
	else if (m->status == PROFILE_STATUS_UNKNOWN)
		snprintf(out, FLEET_WHO, "status unknown");
	else
		snprintf(out, FLEET_WHO, "%s", format_end(end, m->status));
	return out;
}

/* ---- the sentence ---- */

/* Where a sentence begins. */
static char *begin_who(char out[FLEET_WHO], const struct fleet_member *m)
{
	fleet_who(out, m);
	*out = m->rank >= 0 ? 'R' : *out;
	return out;
}

static void say_highest(FILE *out, const struct fleet_ranks *r)
{
	const struct fleet_member *m = &r->fleet->members[r->by_peak[0]];
	char who[FLEET_WHO], peak[FORMAT_SIZE], median[FORMAT_SIZE];
	if (m->known == KNOWN_UNKNOWN) {
		fputs("what they held is unknown", out);
		return;
	}
	format_memory(peak, sample_mib(m->highest.umib));
	fprintf(out, "%s held most, %s", fleet_who(who, m), peak);
	fprintf(out, " (%s)", known_word(m->known));
	if (r->known > 2)
		fprintf(out, "; the median of the ranks is %s",
			format_memory(median, sample_mib(r->median)));
}

static void say_odd(FILE *out, const struct fleet_ranks *r)
{
	const struct fleet_line *line = fleet_ranks_odd(r);
	char who[FLEET_WHO], grown[FORMAT_SIZE], usual[FORMAT_SIZE];
	if (!line)
		return;
	fprintf(out, ". At its peak %s held %s from %s:%d %s",
		fleet_who(who, &r->fleet->members[line->most]),
		format_memory(grown, sample_mib(line->grown->umib)), line->grown->file,
		line->grown->line, line->grown->function);
	if (r->lines.telling > 1)
		fprintf(out, "; the median of the %zu ranks that tell of their lines is %s",
			r->lines.telling, format_memory(usual, sample_mib(line->usual)));
}

/* The first of those that failed, or of those without an end. */
static const struct fleet_member *first_of(const struct fleet_ranks *r, bool failed)
{
	size_t i = 0;
	while (has_failed(&r->fleet->members[r->bad[i]]) != failed)
		i++;
	return &r->fleet->members[r->bad[i]];
}

static void say_failed(FILE *out, const struct fleet_ranks *r)
{
	char who[FLEET_WHO], ended[FLEET_WHO], at[FORMAT_SIZE];
	if (r->failed == 0)
		return;
	const struct fleet_member *m = first_of(r, true);
	format_duration(at, fleet_ranks_at(r, m->node, m->to));
	if (r->failed == 1)
		fprintf(out, ". %s ended badly", begin_who(who, m));
	else
		fprintf(out, ". %zu ended badly, %s first", r->failed, fleet_who(who, m));
	fprintf(out, ", after %s (%s)", at, fleet_ended(ended, m));
}

/* They may have been killed with their recorders, or run. */
static void say_endless(FILE *out, const struct fleet_ranks *r)
{
	char who[FLEET_WHO], at[FORMAT_SIZE];
	size_t n = r->n_bad - r->failed;
	if (n == 0)
		return;
	const struct fleet_member *m = first_of(r, false);
	format_duration(at, fleet_ranks_at(r, m->node, m->to));
	if (n == 1)
		fprintf(out,
			". The recording of %s has no end: it breaks off, or goes on, after %s",
			fleet_who(who, m), at);
	else
		fprintf(out,
			". %zu recordings have no end: they break off, or go on; the first, of %s, "
			"after %s",
			n, fleet_who(who, m), at);
}

char *fleet_ranks_say(char out[FLEET_SENTENCE], const struct fleet_ranks *r)
{
	FILE *text = fmemopen(out, FLEET_SENTENCE, "w");
	*out = '\0';
	if (!text)
		return out;
	fprintf(text, "%zu recording%s", r->fleet->n, r->fleet->n == 1 ? "" : "s");
	if (r->nodes.n > 1)
		fprintf(text, " of %zu nodes", r->nodes.n);
	if (r->jobs > 1)
		fprintf(text, ", of %zu jobs", r->jobs);
	fputs(": ", text);
	say_highest(text, r);
	say_odd(text, r);
	say_failed(text, r);
	say_endless(text, r);
	fputc('.', text);
	fclose(text);
	out[FLEET_SENTENCE - 1] = '\0';
	return out;
}
