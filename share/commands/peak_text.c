#include "share/commands/peak_text.h"

#include <stdio.h>
#include <stdlib.h>

#include "share/commands/peak_bill.h"
#include "share/commands/peak_gpu.h"
#include "share/commands/peak_metrics.h"
#include "share/fault.h"
#include "share/growth/card_print.h"
#include "share/growth/outlook.h"
#include "share/growth/peak_known.h"
#include "share/profile/profile.h"
#include "share/slurm/max_rss.h"
#include "share/text.h"

enum { NOISE = 250000 }; /* umib: what the kernel's own counts differ by */

/* In the column where mprof's tabs put a child's peak. */
static void print_figure(const char *what, double mib, const char *note)
{
	printf("  %-30s%.3f MiB  %s\n", what, mib, note);
}

/* ---- of all together ---- */

/* One process may have held more between samples than all together at any. */
static void print_one(const struct profile *p)
{
	char words[KNOWN_SIZE];
	struct peak_verdict best;
	if (peak_best(p, &best) && best.how.by == KNOWN_BY_MARK &&
	    best.mib > sample_mib(p->memory.peak.umib))
		print_figure("one process of it", best.mib, known_say(words, &best.how));
}

/* No process held more than its mark of an interval, but not all did so at once. */
static void print_bracket(const struct profile *p)
{
	int64_t least = p->memory.peak.umib, most = p->peaks.peak.umib;
	struct known_how how = peak_sampled(p, true);
	char lacks[KNOWN_SIZE];
	printf("  %-30s%.3f … %.3f MiB  %s: highest sampled sum … highest sum of interval marks%s, "
	       "shared pages counted in each%s\n",
	       "whole tree", sample_mib(least), sample_mib(most > least ? most : least),
	       known_word(known_judge(&how)),
	       profile_is_set(p, "unreset") ? " (those of some are not known)" : "",
	       known_say_lacks(lacks, how.lacks & ~(unsigned)KNOWN_UNRESET));
	print_one(p);
}

static void print_tree(const struct profile *p)
{
	char words[KNOWN_SIZE];
	struct known_how how = peak_sampled(p, true);
	print_figure("whole tree", sample_mib(p->memory.peak.umib), known_say(words, &how));
	print_one(p);
}

static void print_together(const struct profile *p)
{
	char words[KNOWN_SIZE];
	struct known_how how = peak_sampled(p, true);
	bool tree = profile_is_set(p, "tree");
	if (tree && profile_is_set(p, "exact")) {
		print_bracket(p);
	} else if (tree) {
		print_tree(p);
	} else if (p->together.umib > 0) {
		print_figure("program and children", sample_mib(p->together.umib),
			     known_say(words, &how));
		if (!profile_setting(p, "tree"))
			puts("  (if it was recorded with -C, the first figure is the whole tree "
			     "already)");
	}
}

static void print_ranks_together(const struct profile *p)
{
	char words[KNOWN_SIZE];
	struct known_how how = peak_sampled(p, true);
	if (p->memory.samples == 0)
		printf("  %-30s%s\n", "all ranks together", known_word(KNOWN_UNKNOWN));
	else
		print_figure("all ranks together", sample_mib(p->memory.peak.umib),
			     known_say(words, &how));
}

/* ---- of the program itself ---- */

/* What samples can tell of a peak. One that was made of a mark, since there was none, is that. */
static void print_first(const struct profile *p)
{
	const char *interval = profile_setting(p, "interval"), *name = profile_setting(p, "metric");
	const struct metric *metric = peak_metric(p);
	struct known_how how = peak_sampled(p, false);
	struct peak_verdict v;
	bool unsampled = peak_verdict(p, &v) && v.how.lacks & KNOWN_NOTHING_READ;
	char *every = interval ? text_printable(interval) : NULL;
	char *what = name ? text_printable(name) : NULL;
	char words[KNOWN_SIZE];
	if (unsampled)
		printf("  %-30s%s\n", "the first figure", known_say(words, &v.how));
	else
		printf("  %-30s%s: %s%ssampled%s%s%s%s\n", "the first figure",
		       known_word(known_judge(&how)), what ? what : "", what ? " " : "",
		       every ? (metric && metric->costly ? " at most every " : " every ") : "",
		       every ? every : "", every ? " s" : "", known_say_lacks(words, how.lacks));
	free(every);
	free(what);
}

/* In seconds of the recording. */
static void describe_span(const struct profile *p, char *out, size_t size)
{
	const struct profile_span *s = &p->highest;
	double from = sample_seconds(s->from - p->start_us),
	       to = sample_seconds(s->to - p->start_us);
	int digits = s->from && to - from < 0.02 ? 4 : 2;
	if (s->from == 0)
		snprintf(out, size, ", up to %.*f s", digits, to);
	else
		snprintf(out, size, ", between %.*f and %.*f s", digits, from > 0 ? from : 0,
			 digits, to);
}

/* When the program itself held as much, if that is known. */
static void describe_moment(const struct profile *p, char *out, size_t size)
{
	bool own = !profile_is_set(p, "tree") && peak_is_marked(p);
	const struct sample *sampled = &p->memory.peak;
	*out = '\0';
	if (own && p->highest.umib > sampled->umib && p->highest.umib >= p->high_water - NOISE)
		describe_span(p, out, size);
	else if (own && sampled->umib >= p->high_water - NOISE)
		snprintf(out, size, ", sampled at %.2f s",
			 sample_seconds(sampled->us - p->start_us));
}

/* "exact high-water mark of RSS": only of what is exact. */
static void print_mark(const char *name, const struct known_how *how, int64_t umib,
		       const char *note)
{
	char label[64], words[256];
	enum known known = known_judge(how);
	bool exact = known == KNOWN_EXACT;
	snprintf(label, sizeof label, "%s%s", exact ? "exact " : "", name);
	snprintf(words, sizeof words, "%s%s%s", exact ? "" : known_word(known), exact ? "" : ": ",
		 note);
	print_figure(label, sample_mib(umib), words);
}

static void print_marks(const struct profile *p)
{
	struct known_how mark = peak_mark(p), told = peak_maxrss(p);
	char when[80], note[160];
	double floor;
	describe_moment(p, when, sizeof when);
	snprintf(note, sizeof note, "VmHWM of the program itself since its start%s%s", when,
		 peak_is_final(p) ? "" : "; when last read");
	if (p->high_water > 0)
		print_mark(peak_is_marked(p) ? "high-water mark" : "high-water mark of RSS", &mark,
			   p->high_water, note);
	if (p->ru_maxrss > 0)
		print_mark(peak_is_marked(p) ? "ru_maxrss" : "ru_maxrss, of RSS", &told,
			   p->ru_maxrss,
			   "the largest single process: the program or one that it waited for");
	else if (profile_setting_mib(p, "floor", &floor))
		print_figure("ru_maxrss", floor,
			     "at most: it is the recorder's own, which was there before");
	else if (p->high_water == 0)
		puts("  no exact figure in this file");
}

/* Slurm's own figure, by Slurm's name, which is of another thing: its largest task, not this one.
 */
static void print_slurm(const struct profile *p)
{
	struct slurm_max_rss said;
	char label[128], note[256];
	if (!slurm_ask(&said, p))
		return;
	snprintf(label, sizeof label, "MaxRSS of %s", said.step);
	snprintf(note, sizeof note, "%s: Slurm's, of the step's largest task%s%s%s%s, as it polled",
		 said.by, *said.task ? ", " : "", said.task, *said.node ? " on " : "", said.node);
	if (said.told)
		print_figure(label, sample_bytes_mib(said.bytes), note);
	else
		printf("  %-30sunknown: %s tells none\n", label, said.by);
}

/* ---- all of it ---- */

/* mprof's lines first, to the letter but for what stands behind them: scripts read them. */
static int print_samples(const struct profile *p)
{
	char *path = text_printable(p->path);
	if (!path)
		return fault(STATUS_FAULT, "out of memory");
	if (p->memory.samples == 0)
		printf("%s\t%s\n", path, known_word(KNOWN_UNKNOWN));
	else
		printf("%s\t%.3f MiB\n", path, sample_mib(p->memory.peak.umib));
	free(path);
	for (size_t i = 0; i < p->n_children; i++) {
		const struct profile_child *c = &p->children[i];
		char *name = c->name ? text_printable(c->name) : NULL;
		if (c->series.samples > 0)
			printf("  Child %d\t\t\t%.3f MiB%s%s\n", (int)c->pid,
			       sample_mib(c->series.peak.umib), name ? "  " : "", name ? name : "");
		free(name);
	}
	return STATUS_OK;
}

static int print_outlook(const struct profile *p)
{
	struct outlook outlook;
	char of[OUTLOOK_PLACE], label[OUTLOOK_PLACE + 16], sentence[OUTLOOK_SENTENCE];
	if (outlook_make(&outlook, p, NULL) < 0)
		return fault(STATUS_FAULT, "out of memory");
	for (size_t i = 0; i < outlook.n; i++) {
		if (!outlook_is_told(&outlook, i))
			continue;
		outlook_name(of, &outlook.curves[i]);
		snprintf(label, sizeof label, "growth%s%s", *of ? " of " : "", of);
		char *shown = text_printable(label);
		char *said = text_printable(outlook_say(sentence, &outlook, i));
		printf("  %-30s%s\n", shown ? shown : "", said ? said : "");
		free(said);
		free(shown);
	}
	return STATUS_OK;
}

int peak_print_sum(const struct profile *p)
{
	int status = print_samples(p);
	if (status == STATUS_OK)
		print_ranks_together(p);
	return status;
}

int peak_print_text(const struct profile *p)
{
	const char *metric = profile_setting(p, "metric");
	bool common = metric && metric_scope(metric);
	int status = print_samples(p);
	if (status)
		return status;
	if (!common)
		print_together(p);
	if (common || !profile_is_set(p, "tree"))
		print_first(p);
	print_marks(p);
	print_slurm(p);
	peak_print_gpus(p);
	card_print_bills(stdout, p, p->start_us, "  ");
	peak_print_metrics(p);
	peak_print_bill(p);
	return print_outlook(p);
}
