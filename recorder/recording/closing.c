#include "recorder/recording/closing.h"

#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/recording/figure.h"
#include "recorder/recording/recording.h"
#include "share/commands/report.h"
#include "share/fault.h"

struct sentence {
	char text[4096];
	size_t n;
};

__attribute__((format(printf, 2, 3))) static void add(struct sentence *s, const char *format, ...)
{
	va_list values;
	va_start(values, format);
	int n = vsnprintf(s->text + s->n, sizeof s->text - s->n, format, values);
	va_end(values);
	s->n += n > 0 ? (size_t)n : 0;
	s->n = s->n < sizeof s->text ? s->n : sizeof s->text - 1;
}

/* A log has no use for it, but of one that others read for what a run came to. */
static bool is_wanted(const struct recording *r)
{
	const char *ci = getenv("CI");
	return !r->options.quiet && (isatty(STDERR_FILENO) || (ci && *ci));
}

/* ---- what was done ---- */

static void add_run(struct sentence *s, const struct recording *r)
{
	char length[FORMAT_SIZE];
	double seconds = (double)(r->us - r->sampler.epoch / 1000) / 1e6;
	uint64_t samples = r->memory.samples;
	add(s, "%s: %s, %" PRIu64 " sample%s", r->path, format_duration(length, seconds), samples,
	    samples == 1 ? "" : "s");
	if (r->sampler.missed > 0)
		add(s, ", %" PRIu64 " ticks missed", r->sampler.missed);
	if (r->writer.dropped > 0)
		add(s, ", %" PRIu64 " records not written", r->writer.dropped);
}

static void add_status(struct sentence *s, const struct recording *r)
{
	char end[FORMAT_SIZE];
	int status = r->target.status;
	if (!r->target.ended || status == PROFILE_STATUS_UNKNOWN)
		return;
	if (status >= 0)
		add(s, ", exited with %d", status);
	else
		add(s, ", killed by %s%s", format_end(end, status),
		    status == -SIGKILL && !r->kill.told ? "; who sent it is not known" : "");
}

/* ---- the peak ---- */

/* The moment and the line are told of the figure that stands there, or not at all. */
static void add_moment(struct sentence *s, const struct recording *r)
{
	char moment[FORMAT_SIZE], place[REPORT_SENTENCE] = "";
	int64_t after = r->peak.us - r->sampler.epoch / 1000;
	if (r->peak.us > 0)
		add(s, " at %s", format_duration(moment, after > 0 ? (double)after / 1e6 : 0));
	if (r->growth.steps > 0 && !r->total && r->source->metric->marked)
		report_place(place, r->path, sample_umib(r->peak.bytes));
	add(s, "%s", place);
}

/* What bounds it from above is near: then most of it is known, and nobody else held much more. */
static bool is_close(const struct peak_result *p)
{
	return p->known == KNOWN_AT_LEAST && p->bound > p->bytes + HIGH_WATER_NOISE &&
	       p->bound <= p->bytes + p->bytes / 8;
}

/* With --exact, the sum of a tree's marks. */
static bool is_of_marks(const struct recording *r)
{
	const struct peak_result *p = &r->peak;
	return r->peaks.bound > p->bytes + HIGH_WATER_NOISE && p->bound == r->peaks.bound;
}

static void add_peak(struct sentence *s, const struct recording *r)
{
	const struct peak_result *p = &r->peak;
	char figure[FORMAT_SIZE];
	add(s, "; %s", known_peak(p->known));
	if (p->known == KNOWN_UNKNOWN && p->bytes == 0)
		return;
	add(s, " %s", figure_say(figure, p->bytes));
	if (p->bytes == 0)
		return;
	add_moment(s, r);
	if (is_close(p) || is_of_marks(r))
		add(s, " (at most %s)", figure_say(figure, p->bound));
	if (r->limit.bytes > 0)
		add(s, " of %s allowed", figure_say(figure, r->limit.bytes));
}

/* ---- what is not in it ---- */

static void add_living(struct sentence *s, const struct recording *r)
{
	enum { NAMED = 3 };
	const struct member *living[NAMED];
	size_t n = r->total ? family_living(&r->family, living, NAMED) : 0;
	if (n == 0)
		return;
	add(s, "; %zu descendant%s still run%s (", n, n == 1 ? "" : "s", n == 1 ? "s" : "");
	for (size_t i = 0; i < n && i < NAMED; i++)
		add(s, "%s%s %d", i ? ", " : "",
		    *living[i]->name ? living[i]->name : living[i]->comm, (int)living[i]->pid);
	add(s, "%s%s", n > NAMED ? ", …)" : ")",
	    r->options.wait ? ""
	    : n == 1        ? ": --wait records it too"
			    : ": --wait records them too");
}

static const char *base(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* sh -c 'python3 …': the program is the shell, and Python its child. */
static bool hides_python(const struct recording *r)
{
	static const char *const shells[] = { "sh", "bash", "dash", "ksh", "zsh" };
	char *const *words = r->proxy.words;
	bool shell = false;
	if (r->growth.python || r->family.reach != FAMILY_ALONE || !words || !words[0])
		return false;
	for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
		shell |= strcmp(base(words[0]), shells[i]) == 0;
	return shell && words[1] && strcmp(words[1], "-c") == 0 && words[2] &&
	       (strstr(words[2], "python") || strstr(words[2], ".py"));
}

/* With -M each is recorded by itself. */
static bool add_children(struct sentence *s, const struct recording *r)
{
	char figure[FORMAT_SIZE];
	bool others = r->options.children && !r->total && !source_is_common(r->source) &&
		      r->memory.together > r->peak.bytes + HIGH_WATER_NOISE;
	if (others)
		add(s, " for the program itself; sampled peak %s with its children",
		    figure_say(figure, r->memory.together));
	return others;
}

static void add_missing(struct sentence *s, const struct recording *r)
{
	char figure[FORMAT_SIZE], lacks[KNOWN_SIZE];
	unsigned said = KNOWN_LIVING | KNOWN_EARLY | KNOWN_FLOOR | KNOWN_NOTHING_READ;
	bool others = add_children(s, r);
	add(s, "%s", known_say_lacks(lacks, r->peak.lacks & ~said));
	add_living(s, r);
	if (!others && r->peak.waited > 0 && !is_close(&r->peak))
		add(s, "; it, or a process that it waited for, held %s: -C counts those too",
		    figure_say(figure, r->peak.waited));
	if (hides_python(r))
		add(s, "; a Python behind %s -c is looked into with -C", base(r->proxy.words[0]));
}

static void add_way(struct sentence *s, const struct recording *r)
{
	char path[PATH_MAX] = "";
	if (r->options.output)
		profile_quote(path, sizeof path, r->path);
	add(s, "; see it with: mprof-c plot%s%s%s", *path ? " " : "", *path == '-' ? "./" : "",
	    path);
}

void closing_say(const struct recording *r)
{
	struct sentence s = { .n = 0 };
	if (!is_wanted(r))
		return;
	add_run(&s, r);
	add_status(&s, r);
	add_peak(&s, r);
	add_missing(&s, r);
	add_way(&s, r);
	notice("%s", s.text);
}
