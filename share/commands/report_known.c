/* How what is reported is known, and what is not: the file's own words, for people. */
#include <stdlib.h>
#include <string.h>

#include "share/commands/report.h"
#include "share/format.h"
#include "share/metrics.h"
#include "share/number.h"
#include "share/profile/near.h"
#include "share/text.h"

/* Other recorders' files never have an end. */
static bool is_cut_short(const struct profile *p)
{
	const char *tool = profile_setting(p, "tool");
	return !p->ended && tool && strncmp(tool, "mprof-c", 7) == 0;
}

static void say_end(const struct profile *p)
{
	char length[FORMAT_SIZE], held[FORMAT_SIZE], limit[FORMAT_SIZE];
	struct profile_near near;
	if (is_cut_short(p) && profile_ends_near_limit(p, &near))
		printf("The recording has no end: it stops after %s, where its control group held "
		       "%s of the %s allowed; killed for memory, if it does not still go on, is "
		       "probable but not known.\n",
		       format_duration(length, sample_seconds(profile_end_us(p) - p->start_us)),
		       format_memory(held, near.held), format_memory(limit, near.limit));
	else if (is_cut_short(p))
		printf("The recording has no end: it still goes on, or the recorder was ended "
		       "first; what came after %s is not known.\n",
		       format_duration(length, sample_seconds(profile_end_us(p) - p->start_us)));
}

/* So many samples as the interval asks for; 0: not known, or at the metric's own pace. */
static double expected_samples(const struct profile *p)
{
	const char *told = profile_setting(p, "interval");
	const struct metric *metric = metric_find(profile_setting(p, "metric"));
	double interval;
	if (!told || number_decimal(told, &interval) < 0 || interval <= 0 || !metric ||
	    metric->costly)
		return 0;
	return sample_seconds(p->memory.last.us - p->memory.first.us) / interval + 1;
}

/* Only a gap that is worth a word: a busy machine makes one late now and then. */
static void say_gaps(const struct profile *p)
{
	double expected = expected_samples(p), there = (double)p->memory.samples;
	if (p->memory.samples > 0 && there + 2 < expected * 0.9)
		printf("There are gaps: of the %.0f samples that the interval asks for there are "
		       "%.0f; what happened meanwhile is not in the curve.\n",
		       expected, there);
}

static void say_unseen(const struct profile *p)
{
	const char *unseen = profile_setting(p, "unseen");
	long most;
	if (!unseen)
		return;
	if (number_whole(unseen, &most) < 0)
		puts("How many descendants came and went unseen is not known.");
	else if (most > 0)
		printf("At most %ld descendant%s came and went unseen.\n", most,
		       most == 1 ? "" : "s");
}

const char *report_refused(const struct profile *p)
{
	const char *refused = profile_setting(p, "refused"), *where = profile_setting(p, "where");
	const char *python = profile_setting(p, "python");
	if (refused || !where)
		return refused;
	if (strcmp(where, "unsupported") == 0)
		return python ? python : "unknown";
	return strcmp(where, "permission") == 0 ? where : NULL;
}

/* A Python whose lines are missing, though others or other programs have some. */
static void say_refused(const struct profile *p)
{
	const char *refused = report_refused(p);
	if (refused && strcmp(refused, "permission") == 0)
		puts("The memory of a Python could not be read from outside, so its lines are "
		     "missing.");
	else if (refused && strcmp(refused, "unknown") == 0)
		puts("A Python does not tell its version, so its lines are missing.");
	else if (refused)
		printf("Python %s cannot be looked into, so its lines are missing; the versions "
		       "that can are 3.9 to 3.15.\n",
		       refused);
}

static void say_hidden(const struct profile *p)
{
	const char *hidden = profile_setting(p, "hidden");
	long n;
	if (hidden && number_whole(hidden, &n) == 0 && n > 0)
		printf("%ld process%s might not be looked at: what %s held is in no figure.\n", n,
		       n == 1 ? "" : "es", n == 1 ? "it" : "they");
}

/* What was started and not recorded may be what mattered, as behind a shell. */
static void say_others(const struct profile *p)
{
	char size[FORMAT_SIZE];
	const char *tree = profile_setting(p, "tree");
	int64_t seen = p->growth.peak.at.umib;
	seen = p->high_water > seen ? p->high_water : seen;
	seen = p->memory.peak.umib > seen ? p->memory.peak.umib : seen;
	if (tree && strcmp(tree, "0") == 0 && p->ended && p->ru_maxrss > seen + seen / 10)
		printf("A process that it waited for held %s: that is looked into with: "
		       "mprof-c run -C\n",
		       format_memory(size, sample_mib(p->ru_maxrss)));
}

/* Of what grew, in percent: how the places are known. */
static void say_places(const struct growth *g)
{
	static const char *const hows[PROFILE_HOWS] = {
		[PROFILE_UNSAID] = "not at all",
		[PROFILE_FAULT] = "by the very page faults",
		[PROFILE_LATE] = "by the thread of a page fault, its line read a moment later",
		[PROFILE_POLLED] = "by polling, an estimate (~): where a thread stood at a change",
	};
	double grew[PROFILE_HOWS] = { 0 }, all = 0;
	for (size_t i = 0; i < g->n_steps; i++) {
		const struct profile_step *step = &g->steps[i];
		double delta = step->delta > 0 ? (double)step->delta : 0;
		bool known = growth_charged(g, step->frame, GROWTH_TO_INNERMOST) != 0;
		grew[!known                        ? PROFILE_UNSAID
		     : growth_step_is_polled(step) ? PROFILE_POLLED
						   : step->how] += delta;
		all += delta;
	}
	puts("\nResident set (RSS). The places of what grew are known:");
	for (int how = 0; how < PROFILE_HOWS; how++)
		if (hows[how] && grew[how] > 0)
			printf("%4.0f%%  %s\n", 100 * grew[how] / all, hows[how]);
}

void report_print_whole(const struct profile *p)
{
	say_end(p);
	say_gaps(p);
	say_unseen(p);
	say_hidden(p);
}

void report_print_known(const struct report *report)
{
	say_places(&report->growth);
	say_others(report->profile);
	report_print_whole(report->profile);
	say_refused(report->profile);
}

void report_warn_of_churn(const struct profile *p)
{
	char grew[FORMAT_SIZE], kept[FORMAT_SIZE];
	struct heap_churn churn;
	if (!heap_churns(p, &churn))
		return;
	format_memory(grew, sample_mib(churn.grew));
	format_memory(kept, sample_mib(churn.kept));
	if (churn.sampled)
		printf("Most of what was allocated was given back: of %s, %s live at the end; who "
		       "holds that: mprof-c report --heap\n",
		       grew, kept);
	else
		printf("Most of what grew was given back: of %s, %s was held when last seen. Who "
		       "holds that is recorded with: mprof-c run --heap\n",
		       grew, kept);
}

static void put_count(const char *name, const char *told)
{
	long n;
	if (!told)
		return;
	if (number_whole(told, &n) < 0)
		printf(",\n  \"%s\": null", name);
	else
		printf(",\n  \"%s\": %ld", name, n);
}

void report_put_known(const struct report *report)
{
	const struct profile *p = report->profile;
	printf(",\n  \"ended\": %s", p->ended ? "true" : "false");
	if (p->ended)
		printf(",\n  \"missed_ticks\": %llu", (unsigned long long)p->missed);
	put_count("unseen", profile_setting(p, "unseen"));
	put_count("hidden", profile_setting(p, "hidden"));
}
