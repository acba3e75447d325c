#include "plotter/chart/summit.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/chart/between.h"
#include "plotter/chart/parts.h"
#include "share/array.h"
#include "share/format.h"
#include "share/growth/peak_known.h"

/* The kernel's counts differ by so much among themselves. */
static const int64_t NOISE = 256000; /* umib */

/* Before it became the program, a process was a copy of the recorder, which holds no more. */
static const int64_t OURS = 4000000;

/* What was held beyond the samples stands for itself from here on, in parts of the highest figure
 * that has a moment: closer by, its line would lie on the other's. */
static const double APART = 1.08;

struct summit {
	struct sample at; /* the highest figure that there is a moment of */
	int64_t since;    /* µs: it was held at some moment from then on; 0: it is a sample */
	bool told;        /* how the following is known is */
	double mib;       /* the highest that is known */
	enum known known;
	double most; /* it cannot have been more, as far as that is worth a line; or 0 */
};

static bool is_above(const struct summit *s)
{
	return s->mib > sample_mib(s->at.umib + NOISE);
}

static bool is_apart(const struct summit *s, double mib)
{
	return mib > APART * sample_mib(s->at.umib);
}

/* The kernel's last word of one that was killed in the midst of it. Of others it is most often that
 * of a process that they waited for, which says nothing of them. */
static double find_late(const struct summit *s, const struct profile *profile)
{
	double last = sample_mib(profile->ru_maxrss);
	bool killed = profile->ended && profile->status < 0 && profile->ru_maxrss > OURS;
	return killed && !is_above(s) && is_apart(s, last) && !peak_is_final(profile) ? last : 0;
}

/* The highest sample, or what was seen between them, which may be off by a little. */
static struct sample find_highest(const struct profile *profile, const struct chart_wish *wish)
{
	struct peak_verdict best;
	const struct sample peak = profile->memory.peak;
	struct sample between = between_highest(profile, wish->from, wish->to);
	if (peak_best(profile, &best) && best.known == KNOWN_EXACT)
		between.umib = (int64_t)fmin((double)between.umib, best.mib * 1e6);
	return between.umib > peak.umib + NOISE ? between : peak;
}

/* Marks, and what the recorder came to, are of the whole run. */
static struct summit find_summit(const struct profile *profile, const struct chart_wish *wish)
{
	struct summit s = { .at = find_highest(profile, wish) };
	struct peak_verdict best;
	bool tree = profile_is_set(profile, "tree");
	s.mib = sample_mib(s.at.umib);
	if (wish->from != wish->to)
		return s;
	if (!tree && peak_is_marked(profile) && profile->highest.umib > s.at.umib) {
		s.at = (struct sample){ profile->highest.to, profile->highest.umib };
		s.since = profile->highest.from;
	}
	s.told = peak_best(profile, &best);
	s.known = best.known;
	if (s.told && s.known == KNOWN_EXACT)
		s.at.umib = (int64_t)fmin((double)s.at.umib, best.mib * 1e6);
	s.mib = fmax(best.mib, sample_mib(s.at.umib));
	if (!tree && peak_is_marked(profile))
		s.most = find_late(&s, profile);
	return s;
}

/* What is known to have been held, though not when. */
static int add_line(struct chart *chart, double mib, enum known known, unsigned colour)
{
	char size[FORMAT_SIZE];
	format_memory(size, mib);
	int r = parts_add_limit(chart, mib, colour, false,
				parts_text("%s %s", known_peak(known), size));
	if (r == 0)
		chart->limits[chart->n_limits - 1].peak = true;
	return r;
}

/* "at 0.60 s", "between 0.50 s and 0.60 s" */
static void describe_moment(const struct summit *s, int64_t start, char *out, size_t size)
{
	char at[FORMAT_SIZE], since[FORMAT_SIZE];
	format_duration(at, sample_seconds(s->at.us - start));
	format_duration(since, sample_seconds(s->since > start ? s->since - start : 0));
	if (s->since == 0 || strcmp(since, at) == 0)
		snprintf(out, size, "at %s", at);
	else
		snprintf(out, size, "between %s and %s", since, at);
}

/* "exact peak 182.0 MiB at 0.60 s"; just "peak …" of what is only the highest sample. */
static char *describe(const struct summit *s, int64_t start, bool apart)
{
	char size[FORMAT_SIZE], when[2 * FORMAT_SIZE + 16], all[FORMAT_SIZE];
	format_memory(size, sample_mib(s->at.umib));
	describe_moment(s, start, when, sizeof when);
	format_memory(all, s->mib);
	if (apart)
		return parts_text("%s %s %s", known_word(KNOWN_SAMPLED), size, when);
	if (is_above(s))
		return parts_text("%s %s (%s %s)", known_peak(s->known), all, size, when);
	return parts_text("%s %s %s", s->told ? known_peak(s->known) : "peak", size, when);
}

char *summit_say(const struct profile *profile, const struct chart_wish *wish)
{
	char size[FORMAT_SIZE];
	struct peak_verdict best;
	bool told = wish->from == wish->to && peak_best(profile, &best);
	double seen = sample_mib(find_highest(profile, wish).umib);
	bool exact = told && best.known == KNOWN_EXACT;
	format_memory(size, exact ? best.mib : told ? fmax(best.mib, seen) : seen);
	return parts_text("%s %s", told ? known_peak(best.known) : "peak", size);
}

static int add_note(struct chart *chart, const struct summit *s, int64_t start, unsigned colour,
		    bool brief)
{
	bool apart = is_apart(s, s->mib);
	char size[FORMAT_SIZE];
	struct chart_note *note = array_more(&chart->notes, &chart->n_notes, sizeof *note);
	if (!note)
		return -ENOMEM;
	format_memory(size, sample_mib(s->at.umib));
	note->at = (struct chart_point){ sample_seconds(s->at.us - start), sample_mib(s->at.umib) };
	note->colour = colour;
	note->label = brief ? parts_text("%s", size) : describe(s, start, apart);
	if (!note->label)
		return -ENOMEM;
	if (!brief && !apart)
		format_memory(size, is_above(s) ? s->mib : sample_mib(s->at.umib));
	const char *figure = strstr(note->label, size);
	note->head = figure ? (size_t)(figure - note->label) + strlen(size) : 0;
	return 0;
}

int summit_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
		unsigned colour, bool brief)
{
	const struct summit s = find_summit(profile, wish);
	int r = add_note(chart, &s, profile->start_us, colour, brief);
	if (r == 0 && !brief && is_apart(&s, s.mib))
		r = add_line(chart, s.mib, s.known, colour);
	if (r == 0 && !brief && s.most > 0)
		r = add_line(chart, s.most, KNOWN_AT_MOST, colour);
	return r;
}
