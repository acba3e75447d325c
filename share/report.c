#include "share/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/catalog.h"
#include "share/fault.h"
#include "share/format.h"
#include "share/handover.h"
#include "share/number.h"
#include "share/recording.h"
#include "share/source_text.h"
#include "share/text.h"

/* ---- options ---- */

static const char *const ways[] = { "line", "function", "file", "module",
				    "thread" }; /* growth_by */

static int parse_by(const char *text, void *value)
{
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		if (strcmp(text, ways[i]) == 0) {
			*(enum growth_by *)value = (enum growth_by)i;
			return 0;
		}
	return -EINVAL;
}

static int parse_top(const char *text, void *value)
{
	long n;
	int r = number_whole(text, &n);
	if (r == 0 && (n < 1 || n > 1000000))
		r = -ERANGE;
	if (r == 0)
		*(size_t *)value = (size_t)n;
	return r;
}

static const struct option_type type_by = { "WHAT", "line, function, file, module or thread",
					    parse_by, "line function file module thread" };
static const struct option_type type_top = { "N", "a number of rows from 1 to 1000000", parse_top };

static const struct command_option options_table[] = {
	{ 0, "by", &type_by, offsetof(struct report_options, by),
	  "add up by line (default), function, file, module or thread" },
	{ 0, "top", &type_top, offsetof(struct report_options, top), "rows of each table (10)" },
	{ 0, "json", NULL, offsetof(struct report_options, json), "everything, as JSON" },
	{ 0, "folded", NULL, offsetof(struct report_options, folded),
	  "stacks with the KiB they grew, for flame-graph tools" },
	{ 0 },
};

/* ---- the sentence ---- */

static bool is_tree(const struct profile *p)
{
	const char *tree = profile_setting(p, "tree");
	return tree && strcmp(tree, "1") == 0;
}

/* A tick may have seen more than the looks between the ticks. */
static struct sample highest(const struct profile *p)
{
	const char *metric = profile_setting(p, "metric");
	bool same = metric && strcmp(metric, "rss") == 0 && !is_tree(p) && p->together.umib == 0 &&
		    p->memory.samples > 0;
	return same && p->memory.peak.umib > p->growth.peak.at.umib ? p->memory.peak
								    : p->growth.peak.at;
}

static void add_text(char out[REPORT_SENTENCE], const char *format, const char *a, const char *b,
		     int line)
{
	size_t n = strlen(out);
	if (line >= 0)
		snprintf(out + n, REPORT_SENTENCE - n, format, a, b, line);
	else
		snprintf(out + n, REPORT_SENTENCE - n, format, a, b);
}

static void add_place(char out[REPORT_SENTENCE], const struct profile_growth *g)
{
	size_t inner = g->peak.frame, users = growth_users_frame(g, inner);
	const struct profile_frame *f = &g->frames[users], *in = &g->frames[inner];
	if (inner == 0) {
		add_text(out, "%s%s", " at no known line", "", -1);
		return;
	}
	if (users)
		add_text(out, " in %s, %s:%d", f->function, growth_short_path(g->paths[f->path]),
			 f->line);
	if (users != inner)
		add_text(out, ", inside %s of %s:%d", in->function,
			 growth_short_path(g->paths[in->path]), in->line);
}

void report_sentence(char out[REPORT_SENTENCE], const struct profile *p)
{
	char memory[FORMAT_SIZE], moment[FORMAT_SIZE];
	struct sample peak = highest(p);
	int64_t start = p->start_us ? p->start_us : p->growth.steps[0].at.us;
	int64_t after = peak.us > start ? peak.us - start : 0;
	snprintf(out, REPORT_SENTENCE, "peak %s at %s",
		 format_memory(memory, sample_mib(peak.umib)),
		 format_duration(moment, sample_seconds(after)));
	add_place(out, &p->growth);
}

/* ---- tables ---- */

static void name_row(char out[GROWTH_PLACE], const struct profile *p, const struct growth_row *row,
		     enum growth_by by)
{
	if (by != GROWTH_BY_THREAD)
		growth_place(out, &p->growth, row->frame, by);
	else if (row->thread == row->pid)
		snprintf(out, GROWTH_PLACE, "process %d, main thread", (int)row->pid);
	else if (row->thread == 0)
		snprintf(out, GROWTH_PLACE, "process %d, thread not known", (int)row->pid);
	else
		snprintf(out, GROWTH_PLACE, "process %d, thread %d", (int)row->pid,
			 (int)row->thread);
}

static void print_row(const struct profile *p, const struct growth_row *row, int64_t all,
		      enum growth_by by)
{
	char place[GROWTH_PLACE];
	name_row(place, p, row, by);
	char *shown = text_printable(place), *source = NULL;
	if (by == GROWTH_BY_LINE && row->frame)
		source = source_text(p->growth.paths[p->growth.frames[row->frame].path],
				     p->growth.frames[row->frame].line);
	printf("%+10.1f %9.1f %5.0f%% %6llu  %s%s%s\n", sample_mib(row->net), sample_mib(row->grew),
	       all > 0 ? 100.0 * (double)row->grew / (double)all : 0.0,
	       (unsigned long long)row->steps, shown ? shown : "", source ? "    | " : "",
	       source ? source : "");
	free(source);
	free(shown);
}

static int print_table(const struct profile *p, const struct report_options *o, const char *title,
		       bool users)
{
	struct growth_table table;
	int r = growth_table_make(&table, &p->growth, o->by, users);
	if (r < 0)
		return r;
	printf("\n%s\n   net MiB  grew MiB  share  steps  %s\n", title, ways[o->by]);
	for (size_t i = 0; i < table.n && i < o->top; i++)
		print_row(p, &table.rows[i], table.grew, o->by);
	if (table.n > o->top)
		printf("  … %zu more\n", table.n - o->top);
	growth_table_free(&table);
	return 0;
}

static int by_peak(const void *a, const void *b)
{
	const struct growth_row *x = a, *y = b;
	return (x->at_peak < y->at_peak) - (x->at_peak > y->at_peak);
}

/* What a line released that another had taken stands as one figure, so that the sum is right. */
static int print_alive(const struct profile *p, const struct report_options *o)
{
	struct growth_table table;
	int r = growth_table_make(&table, &p->growth, o->by, true);
	if (r < 0)
		return r;
	int64_t rest = 0;
	if (table.n > 0)
		qsort(table.rows, table.n, sizeof *table.rows, by_peak);
	puts("\nAlive at the peak (an estimate: what each grew by until then, less what it "
	     "released)\n       MiB");
	for (size_t i = 0; i < table.n; i++) {
		char place[GROWTH_PLACE];
		if (i >= o->top || table.rows[i].at_peak <= 0) {
			rest += table.rows[i].at_peak;
			continue;
		}
		name_row(place, p, &table.rows[i], o->by);
		char *shown = text_printable(place);
		printf("%10.1f  %s\n", sample_mib(table.rows[i].at_peak), shown ? shown : "");
		free(shown);
	}
	if (rest != 0)
		printf("%10.1f  %s\n", sample_mib(rest),
		       rest < 0 ? "released by lines that had not taken it" : "all others");
	growth_table_free(&table);
	return 0;
}

static int64_t magnitude(int64_t value)
{
	return value < 0 ? -value : value;
}

static int by_change(const void *a, const void *b)
{
	const struct growth_row *x = a, *y = b;
	int64_t p = magnitude(x->net), q = magnitude(y->net);
	return (p < q) - (p > q);
}

static int print_phase(const struct profile *p, const struct growth_phase *phase)
{
	enum { NAMED = 3 };
	char place[GROWTH_PLACE];
	struct growth_table table;
	int r = growth_table_of_steps(&table, &p->growth, GROWTH_BY_LINE, true, phase->first,
				      phase->end);
	if (r < 0)
		return r;
	qsort(table.rows, table.n, sizeof *table.rows, by_change);
	printf("%8.2f – %.2f s  %+.1f MiB to %.1f", sample_seconds(phase->from.us - p->start_us),
	       sample_seconds(phase->to.us - p->start_us), sample_mib(phase->net),
	       sample_mib(phase->to.umib));
	for (size_t i = 0; i < table.n && i < NAMED; i++) {
		if (magnitude(table.rows[i].net) * 20 < magnitude(phase->net))
			break;
		char *shown = text_printable(
			growth_place(place, &p->growth, table.rows[i].frame, GROWTH_BY_LINE));
		printf("%s %+.1f %s", i ? "," : ":", sample_mib(table.rows[i].net),
		       shown ? shown : "");
		free(shown);
	}
	puts("");
	growth_table_free(&table);
	return 0;
}

static int print_phases(const struct profile *p)
{
	enum { MOST = 12 };
	struct growth_phase phases[MOST];
	size_t n = growth_phases(&p->growth, phases, MOST);
	int r = 0;
	puts("\nPhases");
	for (size_t i = 0; i < n && r == 0; i++)
		r = print_phase(p, &phases[i]);
	if (n == MOST && phases[n - 1].end < p->growth.n_steps)
		puts("         … and on");
	return r;
}

/* ---- folded ---- */

static void print_frames(const struct profile_growth *g, size_t frame)
{
	char place[GROWTH_PLACE];
	const struct profile_frame *f = &g->frames[frame];
	if (f->caller) {
		print_frames(g, f->caller);
		putchar(';');
	}
	snprintf(place, sizeof place, "%s (%s:%d)", f->function,
		 growth_short_path(g->paths[f->path]), f->line);
	char *shown = text_printable(place);
	for (char *c = shown; c && *c; c++)
		putchar(*c == ';' ? ':' : *c);
	free(shown);
}

static void print_folded(const struct profile_growth *g)
{
	for (size_t i = 0; i < g->n_frames; i++) {
		double kib = sample_mib(g->frames[i].grew) * 1024;
		if (kib < 0.5)
			continue;
		if (i == 0)
			fputs("(no Python line)", stdout);
		else
			print_frames(g, i);
		printf(" %.0f\n", kib);
	}
}

/* ---- all of it ---- */

static int print_text(const struct profile *p, const struct report_options *o)
{
	char sentence[REPORT_SENTENCE];
	report_sentence(sentence, p);
	char *shown = text_printable(sentence);
	puts(shown ? shown : "");
	free(shown);
	int r = 0;
	if (o->by == GROWTH_BY_THREAD) {
		r = print_table(p, o, "Growth, by the thread that was charged", false);
	} else {
		r = print_table(p, o, "Growth, by your own code that it happened in or under",
				true);
		r = r < 0 ? r
			  : print_table(p, o, "Growth, by the innermost code, whoever's it is",
					false);
	}
	r = r < 0 ? r : print_alive(p, o);
	return r < 0 ? r : print_phases(p);
}

static int say_none(const struct profile *p)
{
	const char *python = profile_setting(p, "python"), *where = profile_setting(p, "where");
	if (python && where && strcmp(where, "stacks") != 0 && strcmp(where, "lines") != 0)
		return fault(STATUS_FAULT,
			     "%s has no growth of Python lines: Python %s could not be looked into "
			     "(%s)",
			     p->path, python, where);
	return fault(STATUS_FAULT,
		     "%s has no growth of Python lines: no Python was recorded, or with "
		     "--where=off",
		     p->path);
}

static int print_report(const struct profile *p, const struct report_options *o)
{
	int r = 0;
	if (p->growth.n_steps == 0)
		return say_none(p);
	if (o->json)
		r = report_print_json(p, o);
	else if (o->folded)
		print_folded(&p->growth);
	else
		r = print_text(p, o);
	return r < 0 ? fault(STATUS_FAULT, "out of memory") : STATUS_OK;
}

void report_summarize(const char *path, FILE *out)
{
	enum { LINES = 3 };
	char sentence[REPORT_SENTENCE], place[GROWTH_PLACE];
	const struct profile_wish wish = { .columns = 4 };
	struct profile p;
	struct growth_table table;
	if (profile_load(&p, path, &wish) < 0)
		return;
	if (p.growth.n_steps > 0 &&
	    growth_table_make(&table, &p.growth, GROWTH_BY_LINE, true) == 0) {
		report_sentence(sentence, &p);
		notice("%s", sentence);
		for (size_t i = 0; i < table.n && i < LINES; i++) {
			char *shown = text_printable(growth_place(
				place, &p.growth, table.rows[i].frame, GROWTH_BY_LINE));
			fprintf(out, "%12.1f MiB  %s\n", sample_mib(table.rows[i].grew),
				shown ? shown : "");
			free(shown);
		}
		growth_table_free(&table);
	}
	profile_free(&p);
}

static int report_of(const char *path, const struct report_options *options)
{
	const struct profile_wish wish = { .columns = 4 };
	struct profile profile;
	int r = profile_load(&profile, path, &wish);
	if (r < 0)
		return fault(STATUS_FAULT, "cannot read %s: %s", path, strerror(-r));
	recording_warn(&profile);
	int status = print_report(&profile, options);
	profile_free(&profile);
	return status;
}

/* A compressed recording is for the program that links zlib: it gets the words as they came. */
static int run_words(int argc, char *argv[], char *words[])
{
	struct report_options options = { .top = 10 };
	struct selection selection;
	int n = 0;
	int status = command_parse(&command_report, OPERANDS_ANYWHERE, argc, argv, &options, &n);
	if (status != -1)
		return status;
	if (n > 1)
		return fault(STATUS_USAGE, "report takes one recording");
	if (options.json && options.folded)
		return fault(STATUS_USAGE, "--json and --folded exclude each other");
	status = selection_make(&selection, argv + 1, (size_t)n);
	if (status == -1)
		status = recording_needs_plotter(selection.paths, selection.n)
				 ? handover(words)
				 : command_end(report_of(selection.paths[0], &options));
	selection_free(&selection);
	return status;
}

static int run(int argc, char *argv[])
{
	char **words = calloc((size_t)argc + 1, sizeof *words);
	if (!words)
		return fault(STATUS_FAULT, "out of memory");
	memcpy(words, argv, (size_t)argc * sizeof *words);
	int status = run_words(argc, argv, words);
	free(words);
	return status;
}

const struct command command_report = {
	.name = "report",
	.usage = "[OPTIONS] [PROFILE]",
	.summary = "tell which Python lines grew the memory",
	.run = run,
	.options = options_table,
	.details = "PROFILE is a file, - for standard input, or an index from mprof-c list: 0 is "
		   "the oldest, -1 the\n"
		   "newest, which is the default.",
};
