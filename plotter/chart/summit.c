#include "plotter/chart/summit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/chart/parts.h"
#include "share/array.h"
#include "share/commands/peak_known.h"
#include "share/format.h"

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
};

static bool is_above(const struct summit *s)
{
	return s->mib > sample_mib(s->at.umib + NOISE);
}

/* The kernel's last word of one that was killed in the midst of it. Of others it is most often that
 * of a process that they waited for, which says nothing of them. */
static void find_late(struct summit *s, const struct profile *profile)
{
	int64_t last = profile->ru_maxrss;
	if (!profile->ended || profile->status >= 0 || last <= OURS || is_above(s) ||
	    last <= s->at.umib + NOISE || peak_is_final(profile))
		return;
	s->mib = sample_mib(last);
	s->known = KNOWN_AT_MOST;
}

/* Marks, and what the recorder came to, are of the whole run. */
static struct summit find_summit(const struct profile *profile, const struct chart_wish *wish)
{
	struct summit s = { .at = profile->memory.peak };
	struct peak_verdict best;
	bool tree = peak_is_set(profile, "tree");
	s.mib = sample_mib(s.at.umib);
	if (wish->from != wish->to)
		return s;
	if (!tree && peak_is_marked(profile) && profile->highest.umib > s.at.umib) {
		s.at = (struct sample){ profile->highest.to, profile->highest.umib };
		s.since = profile->highest.from;
	}
	s.told = peak_best(profile, &best);
	s.mib = best.mib;
	s.known = best.known;
	if (!tree && peak_is_marked(profile))
		find_late(&s, profile);
	return s;
}

/* What is known to have been held, though not when. */
static int add_line(struct chart *chart, const struct summit *s, unsigned colour)
{
	char size[FORMAT_SIZE];
	format_memory(size, s->mib);
	char *label = parts_text("%s %s", known_peak(s->known), size);
	int r = parts_add_limit(chart, s->mib, colour, false, label);
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
		return parts_text("peak %s %s (%s %s)", size, when, known_word(s->known), all);
	return parts_text("%s %s %s", s->told ? known_peak(s->known) : "peak", size, when);
}

char *summit_say(const struct profile *profile, const struct chart_wish *wish)
{
	char size[FORMAT_SIZE];
	struct peak_verdict best;
	bool told = wish->from == wish->to && peak_best(profile, &best);
	format_memory(size, told ? best.mib : sample_mib(profile->memory.peak.umib));
	return parts_text("%s %s", told ? known_peak(best.known) : "peak", size);
}

int summit_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
		unsigned colour, bool brief)
{
	const struct summit s = find_summit(profile, wish);
	double seconds = sample_seconds(s.at.us - profile->start_us);
	bool apart = !brief && s.mib > APART * sample_mib(s.at.umib);
	char size[FORMAT_SIZE];
	format_memory(size, sample_mib(s.at.umib));
	struct chart_note *note = array_more(&chart->notes, &chart->n_notes, sizeof *note);
	if (!note)
		return -ENOMEM;
	note->at = (struct chart_point){ seconds, sample_mib(s.at.umib) };
	note->colour = colour;
	note->label = brief ? parts_text("%s", size) : describe(&s, profile->start_us, apart);
	if (!note->label)
		return -ENOMEM;
	const char *figure = strstr(note->label, size);
	note->head = figure ? (size_t)(figure - note->label) + strlen(size) : 0;
	return apart ? add_line(chart, &s, colour) : 0;
}
