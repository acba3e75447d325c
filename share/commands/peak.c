#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/commands/catalog.h"
#include "share/commands/commands.h"
#include "share/commands/handover.h"
#include "share/commands/peak_during.h"
#include "share/commands/peak_gpu.h"
#include "share/commands/peak_metrics.h"
#include "share/commands/recording.h"
#include "share/fault.h"
#include "share/metrics.h"
#include "share/profile/profile.h"
#include "share/text.h"

struct peak_options {
	const char *function;
};

enum { NOISE = 250000 }; /* umib: what the kernel's own counts differ by */

static const struct option_type type_function = { "NAME", "a function's name", option_parse_text };

static const struct command_option options_table[] = {
	{ 0, "func", &type_function, offsetof(struct peak_options, function),
	  "the peak while this function ran, as its FUNC records tell" },
	{ 0 },
};

static bool is_set(const struct profile *p, const char *key)
{
	const char *value = profile_setting(p, key);
	return value && strcmp(value, "1") == 0;
}

/* The one that its MEM records are of; NULL: not told, as in older files, or not known. */
static const struct metric *metric_of(const struct profile *p)
{
	return metric_find(profile_setting(p, "metric"));
}

/* The kernel's marks are of this one; older files do not say what theirs is. */
static bool is_marked(const struct profile *p)
{
	const struct metric *metric = metric_of(p);
	return !profile_setting(p, "metric") || (metric && metric->marked);
}

/* In the column where mprof's tabs put a child's peak. */
static void print_figure(const char *what, double mib, const char *note)
{
	printf("  %-30s%.3f MiB  %s\n", what, mib, note);
}

/* No process held more than its mark of an interval, but not all did so at once. */
static void print_bracket(const struct profile *p)
{
	int64_t least = p->memory.peak.umib, most = p->peaks.peak.umib;
	printf("  %-30s%.3f … %.3f MiB  highest sampled sum … highest sum of interval marks%s, "
	       "shared "
	       "pages counted in each\n",
	       "whole tree", sample_mib(least), sample_mib(most > least ? most : least),
	       is_set(p, "unreset") ? " (some could not be reset)" : "");
}

static void print_together(const struct profile *p)
{
	bool tree = is_set(p, "tree");
	const struct metric *metric = metric_of(p);
	if (!tree && p->together.umib == 0)
		return;
	if (tree && is_set(p, "exact")) {
		print_bracket(p);
		return;
	}
	print_figure(tree ? "whole tree" : "program and children",
		     sample_mib(tree ? p->memory.peak.umib : p->together.umib),
		     metric && metric->adds_up
			     ? "highest sampled sum: a lower bound"
			     : "highest sampled sum, shared pages counted in each: an estimate");
	if (!tree && !profile_setting(p, "tree"))
		puts("  (if it was recorded with -C, the first figure is the whole tree already)");
}

/* What samples can tell of a peak. */
static void print_bound(const struct profile *p)
{
	const char *interval = profile_setting(p, "interval"), *name = profile_setting(p, "metric");
	const struct metric *metric = metric_of(p);
	char *every = interval ? text_printable(interval) : NULL;
	char *what = name ? text_printable(name) : NULL;
	printf("  %-30slower bound: %s%ssampled%s%s%s\n", "the first figure", what ? what : "",
	       what ? " " : "",
	       every ? (metric && metric->costly ? " at most every " : " every ") : "",
	       every ? every : "", every ? " s" : "");
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
	bool own = !is_set(p, "tree") && is_marked(p);
	const struct sample *sampled = &p->memory.peak;
	*out = '\0';
	if (own && p->highest.umib > sampled->umib && p->highest.umib >= p->high_water - NOISE)
		describe_span(p, out, size);
	else if (own && sampled->umib >= p->high_water - NOISE)
		snprintf(out, size, ", sampled at %.2f s",
			 sample_seconds(sampled->us - p->start_us));
}

/* What the kernel told at the end is no more than what was read before: nothing has escaped that.
 */
static bool is_final(const struct profile *p)
{
	return p->ru_maxrss > 0 && p->ru_maxrss <= p->high_water + NOISE;
}

static void print_exact(const struct profile *p)
{
	bool marked = is_marked(p);
	char when[80], note[160];
	describe_moment(p, when, sizeof when);
	snprintf(note, sizeof note, "VmHWM of the program itself since its start%s%s", when,
		 is_final(p) ? "" : "; when last read");
	if (p->high_water > 0)
		print_figure(marked ? "exact high-water mark" : "exact high-water mark of RSS",
			     sample_mib(p->high_water), note);
	if (p->ru_maxrss > 0)
		print_figure(marked ? "exact ru_maxrss" : "exact ru_maxrss, of RSS",
			     sample_mib(p->ru_maxrss),
			     "the largest single process: the program or one that it waited for");
	if (p->high_water == 0 && p->ru_maxrss == 0)
		puts("  no exact figure in this file");
}

/* mprof's lines first, to the letter: scripts read them. */
static int print_peak(const struct profile *p)
{
	char *name = text_printable(p->path);
	if (!name)
		return fault(STATUS_FAULT, "out of memory");
	printf("%s\t%.3f MiB\n", name, sample_mib(p->memory.peak.umib));
	free(name);
	for (size_t i = 0; i < p->n_children; i++)
		if (p->children[i].series.samples > 0)
			printf("  Child %d\t\t\t%.3f MiB\n", (int)p->children[i].pid,
			       sample_mib(p->children[i].series.peak.umib));
	const char *metric = profile_setting(p, "metric");
	bool common = metric && metric_scope(metric);
	if (!common)
		print_together(p);
	if (common || !is_set(p, "tree"))
		print_bound(p);
	print_exact(p);
	peak_print_gpus(p);
	peak_print_metrics(p);
	return STATUS_OK;
}

static int peak_of(const char *path, const struct peak_options *options)
{
	const struct profile_wish wish = { .columns = 4 };
	struct profile profile;
	if (options->function && !recording_is_file(path))
		return fault(STATUS_FAULT, "--func reads a recording twice, and %s is no file",
			     path);
	int r = profile_load(&profile, path, &wish);
	if (r < 0)
		return fault(STATUS_FAULT, "cannot read %s: %s", path, strerror(-r));
	recording_warn(&profile);
	int status;
	if (profile.memory.samples == 0)
		status = recording_say_empty(&profile);
	else
		status = options->function ? peak_print_during(&profile, options->function)
					   : print_peak(&profile);
	profile_free(&profile);
	return status;
}

/* Goes on after a bad one; the last bad one's status is the command's. */
static int peaks_of(const struct selection *selection, const struct peak_options *options)
{
	int status = STATUS_OK;
	for (size_t i = 0; i < selection->n; i++) {
		int bad = peak_of(selection->paths[i], options);
		status = bad ? bad : status;
	}
	return command_end(status);
}

static int run(int argc, char *argv[])
{
	struct peak_options options = { 0 };
	struct selection selection;
	int n = 0;
	int status = command_parse(&command_peak, OPERANDS_ANYWHERE, argc, argv, &options, &n);
	if (status != -1)
		return status;
	status = selection_make(&selection, argv + 1, (size_t)n);
	if (status == -1)
		status = handover_compressed(selection.paths, selection.n);
	if (status == -1)
		status = peaks_of(&selection, &options);
	selection_free(&selection);
	return status;
}

const struct command command_peak = {
	.name = "peak",
	.usage = "[--func NAME] [PROFILE …]",
	.summary = "print the peaks of recordings, sampled and exact",
	.run = run,
	.options = options_table,
	.details = "PROFILE is a file, - for standard input, or an index from mprof-c list: 0 is "
		   "the oldest, -1 the\n"
		   "newest, which is the default.",
};
