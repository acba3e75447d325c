#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/commands/catalog.h"
#include "share/commands/recording.h"
#include "share/commands/report.h"
#include "share/fault.h"
#include "share/format.h"
#include "share/growth/names.h"
#include "share/growth/peak.h"
#include "share/growth/peak_known.h"
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

/* Growth is added up: no more than was ever held. */
static void say_peak(struct sentence *s, const struct profile *p, int64_t summed)
{
	char memory[FORMAT_SIZE];
	struct peak_verdict verdict;
	double most;
	bool bound = false;
	if (is_alone(p) && peak_is_marked(p)) {
		bound = profile_setting_mib(p, "peak_most", &most);
		if (!bound && peak_verdict(p, &verdict) && verdict.known == KNOWN_EXACT) {
			most = verdict.mib;
			bound = true;
		}
	}
	bound = bound && sample_mib(summed) > most;
	say(s, "peak %s%s", bound ? "about " : "",
	    format_memory(memory, bound ? most : sample_mib(summed)));
}

void report_sentence(char out[REPORT_SENTENCE], const struct report *p)
{
	char memory[FORMAT_SIZE], moment[FORMAT_SIZE];
	const struct sample *peak = &p->growth.peak.at;
	int64_t after = peak->us - p->start, known = report_known_peak(p->profile);
	struct sentence s = { out, 0 };
	say_peak(&s, p->profile, peak->umib);
	say(&s, " at %s", format_duration(moment, sample_seconds(after > 0 ? after : 0)));
	say_place(&s, &p->growth, p->maker);
	if (known - peak->umib > known / NOTABLE)
		say(&s, "; it once held %s, between two looks",
		    format_memory(memory, sample_mib(known)));
}

/* Within what is not worth a word. */
void report_place(char out[REPORT_SENTENCE], const struct profile *profile, int64_t umib)
{
	struct report report;
	struct sentence s = { out, 0 };
	*out = '\0';
	if (profile->growth.n_steps == 0 || report_open(&report, profile, NULL) < 0)
		return;
	int64_t seen = report.growth.peak.at.umib;
	if (llabs(umib - seen) <= umib / NOTABLE && report.maker != 0)
		say_place(&s, &report.growth, report.maker);
	report_close(&report);
}
