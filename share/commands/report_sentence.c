#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "share/commands/catalog.h"
#include "share/commands/recording.h"
#include "share/commands/report.h"
#include "share/fault.h"
#include "share/format.h"
#include "share/growth/names.h"
#include "share/growth/peak.h"
#include "share/metrics.h"
#include "share/profile/profile.h"
#include "share/text.h"

static int64_t start_of(const struct profile *p)
{
	if (p->growth.n_steps == 0)
		return p->start_us;
	int64_t first = p->growth.steps[0].at.us;
	return p->start_us && p->start_us < first ? p->start_us : first;
}

static int64_t end_of(const struct profile *p)
{
	size_t n = p->growth.n_steps;
	int64_t last = n ? p->growth.steps[n - 1].at.us : 0;
	int64_t told = p->ended ? p->ended_us : p->memory.last.us;
	return told > last ? told : last;
}

int report_open(struct report *report, const struct profile *profile, growth_own own)
{
	*report = (struct report){ .profile = profile,
				   .start = start_of(profile),
				   .end = end_of(profile) };
	source_right_of(&report->right, profile);
	int r = growth_open(&report->growth, &profile->growth, own);
	return r < 0 ? r : growth_peak_maker(&report->growth, &report->maker);
}

void report_close(struct report *report)
{
	growth_close(&report->growth);
}

/* ---- the highest ---- */

static bool is_alone(const struct profile *p)
{
	const char *tree = profile_setting(p, "tree");
	if ((tree && strcmp(tree, "0") != 0) || p->n_children > 0)
		return false;
	for (size_t i = 1; i < p->growth.n_threads; i++)
		if (p->growth.threads[i].pid != p->growth.threads[0].pid)
			return false;
	return true;
}

int64_t report_known_peak(const struct profile *p)
{
	const struct metric *metric = metric_find(profile_setting(p, "metric"));
	if (!is_alone(p))
		return 0;
	int64_t known = p->high_water;
	if (metric && metric->marked && p->memory.peak.umib > known)
		known = p->memory.peak.umib;
	return known;
}

/* ---- the sentence ---- */

struct sentence {
	char *out;
	size_t n;
};

__attribute__((format(printf, 2, 3))) static void say(struct sentence *s, const char *format, ...)
{
	va_list values;
	va_start(values, format);
	int n = vsnprintf(s->out + s->n, REPORT_SENTENCE - s->n, format, values);
	va_end(values);
	if (n > 0)
		s->n += (size_t)n;
	if (s->n >= REPORT_SENTENCE)
		s->n = REPORT_SENTENCE - 1;
}

/* "work, a.py:10"; of native code without a line "grow, libnat.so". */
static void say_line(struct sentence *s, const struct growth *g, const struct profile_frame *f)
{
	const char *path = growth_path(g, f->path);
	if (f->line > 0)
		say(s, "%s, %s:%d", f->function, path, f->line);
	else
		say(s, "%s, %s", f->function, path);
}

static void say_place(struct sentence *s, const struct growth *g, size_t inner)
{
	char name[GROWTH_NAME];
	size_t user = growth_charged(g, inner, GROWTH_TO_USER);
	if (inner == 0 || growth_charged(g, inner, GROWTH_TO_INNERMOST) == 0) {
		say(s, ", at no known line");
		return;
	}
	const struct profile_frame *f = &g->frames[inner];
	if (f->thread) {
		const struct growth_row row = { .frame = user, .thread = f->thread };
		say(s, " in %s", growth_name(name, g, &row, GROWTH_BY_LINE));
		return;
	}
	growth_package(name, g, f->path);
	if (user == GROWTH_NOT_USERS)
		say(s, " in %s ", name);
	else
		say(s, " in ");
	say_line(s, g, user == GROWTH_NOT_USERS ? f : &g->frames[user]);
	if (user != inner && user != GROWTH_NOT_USERS)
		say(s, "%s %s%s%s", g->waits[inner] ? ", which waits for" : ", inside",
		    *name == '<' ? "" : name, *name == '<' ? "" : " ", f->function);
}

enum { NOTABLE = 100 }; /* of so manieth is spoken */

void report_sentence(char out[REPORT_SENTENCE], const struct report *p)
{
	char memory[FORMAT_SIZE], moment[FORMAT_SIZE];
	const struct sample *peak = &p->growth.peak.at;
	int64_t after = peak->us - p->start, known = report_known_peak(p->profile);
	struct sentence s = { out, 0 };
	say(&s, "peak %s at %s", format_memory(memory, sample_mib(peak->umib)),
	    format_duration(moment, sample_seconds(after > 0 ? after : 0)));
	say_place(&s, &p->growth, p->maker);
	if (known - peak->umib > known / NOTABLE)
		say(&s, "; it once held %s, between two looks",
		    format_memory(memory, sample_mib(known)));
}

/* ---- at the end of a recording ---- */

/* What an interpreter needs by itself is no news. */
static bool is_notable(const struct growth_row *row)
{
	const int64_t least = 1000000; /* umib */
	return row->frame != 0 && row->frame != GROWTH_NOT_USERS && row->grew >= least;
}

/* The peak was told before. The newest recording need not be named. */
static void say_lines(const struct report *p)
{
	char path[REPORT_SENTENCE];
	profile_quote(path, sizeof path, p->profile->path);
	bool named = !catalog_is_recording(p->profile->path);
	notice("grew most, by line; more with: mprof-c report%s%s%s", named ? " " : "",
	       named && *path == '-' ? "./" : "", named ? path : "");
}

static void print_lines(const struct report *p, const struct growth_table *table, FILE *out)
{
	enum { LINES = 3 };
	size_t shown = 0;
	for (size_t i = 0; i < table->n && shown < LINES; i++) {
		char name[GROWTH_NAME];
		if (!is_notable(&table->rows[i]))
			continue;
		if (shown++ == 0)
			say_lines(p);
		char *place = text_printable(
			growth_marked(name, &p->growth, &table->rows[i], GROWTH_BY_LINE));
		fprintf(out, "%14.1f MiB  %s\n", sample_mib(table->rows[i].grew),
			place ? place : "");
		free(place);
	}
}

static void summarize(const struct profile *profile, FILE *out)
{
	struct report report;
	struct growth_table table;
	if (profile->growth.n_steps == 0 || report_open(&report, profile, NULL) < 0)
		return;
	if (growth_table_make(&table, &report.growth, GROWTH_BY_LINE, GROWTH_TO_USER) == 0) {
		print_lines(&report, &table, out);
		growth_table_free(&table);
	}
	report_close(&report);
}

/* Within what is not worth a word. */
static void place(char out[REPORT_SENTENCE], const struct profile *profile, int64_t umib)
{
	struct report report;
	struct sentence s = { out, 0 };
	if (profile->growth.n_steps == 0 || report_open(&report, profile, NULL) < 0)
		return;
	int64_t seen = report.growth.peak.at.umib;
	if (llabs(umib - seen) <= umib / NOTABLE && report.maker != 0)
		say_place(&s, &report.growth, report.maker);
	report_close(&report);
}

void report_place(char out[REPORT_SENTENCE], const char *path, int64_t umib)
{
	const struct profile_wish wish = { .columns = 4 };
	struct profile profile;
	*out = '\0';
	if (!recording_is_file(path) || profile_load(&profile, path, &wish) < 0)
		return;
	place(out, &profile, umib);
	profile_free(&profile);
}

void report_summarize(const char *path, FILE *out)
{
	const struct profile_wish wish = { .columns = 4 };
	struct profile profile;
	if (!recording_is_file(path) || profile_load(&profile, path, &wish) < 0)
		return; /* what was written to a pipe is not there any more */
	summarize(&profile, out);
	profile_free(&profile);
}
