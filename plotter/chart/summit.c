#include "plotter/chart/summit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/chart/parts.h"
#include "share/array.h"
#include "share/format.h"
#include "share/metrics.h"

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
	bool exact;       /* nothing escaped it */
	int64_t beyond;   /* umib: held at some moment that is not known; 0: nothing more */
	const char *how;  /* how `beyond` is known */
};

/* The kernel's last word is no more than what was read before. */
static bool is_final(const struct profile *profile)
{
	return profile->ru_maxrss > 0 && profile->ru_maxrss <= profile->high_water + NOISE;
}

/* The mark of one process of those that make up the figure: together they held no less. */
static void find_of_tree(struct summit *s, const struct profile *profile)
{
	if (profile->high_water > s->at.umib + NOISE) {
		s->beyond = profile->high_water;
		s->how = "at least";
	}
}

/* The kernel's last word of one that was killed in the midst of it. Of others it is most often that
 * of a process that they waited for, which says nothing of them. */
static bool is_late(const struct profile *profile, const struct summit *s)
{
	int64_t last = profile->ru_maxrss;
	return profile->ended && profile->status < 0 && last > OURS && last > s->at.umib + NOISE &&
	       !is_final(profile);
}

/* What was held beyond all that has a moment. The kernel's last word may be of a process that the
 * target has waited for: the target held no more than that, and no less than its own mark. */
static void find_beyond(struct summit *s, const struct profile *profile)
{
	int64_t mark = profile->high_water, last = profile->ru_maxrss;
	bool more = !is_final(profile);
	if (last > 0 && mark > s->at.umib + NOISE) {
		s->beyond = mark;
		s->how = more ? "at least" : "exact";
	} else if (is_late(profile, s)) {
		s->beyond = last;
		s->how = "at most";
	} else {
		bool marked = parts_is_set(profile, "exact") && !parts_is_set(profile, "unreset");
		s->exact = marked || (mark > 0 && !more);
	}
}

/* The kernel's marks are of a process' own RSS, and of all its time. */
static struct summit find_summit(const struct profile *profile, const struct chart_wish *wish)
{
	const struct metric *metric = metric_find(profile_setting(profile, "metric"));
	struct summit s = { .at = profile->memory.peak };
	if (!metric || !metric->marked || wish->from != wish->to)
		return s;
	if (parts_is_set(profile, "tree")) {
		find_of_tree(&s, profile);
		return s;
	}
	if (profile->highest.umib > s.at.umib) {
		s.at = (struct sample){ profile->highest.to, profile->highest.umib };
		s.since = profile->highest.from;
	}
	/* Of a process that was running already, the mark may be older than the recording; the
	 * kernel's last word is missing then. */
	find_beyond(&s, profile);
	return s;
}

/* What is known to have been held, though not when. */
static int add_line(struct chart *chart, const struct summit *s, unsigned colour)
{
	char size[FORMAT_SIZE];
	format_memory(size, sample_mib(s->beyond));
	char *label = strcmp(s->how, "exact") == 0 ? parts_text("exact peak %s", size)
						   : parts_text("peak %s %s", s->how, size);
	int r = parts_add_limit(chart, sample_mib(s->beyond), colour, false, label);
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

/* "peak 182.0 MiB at 0.60 s, exact" */
static char *describe(const struct summit *s, int64_t start, bool apart)
{
	char size[FORMAT_SIZE], when[2 * FORMAT_SIZE + 16], all[FORMAT_SIZE];
	format_memory(size, sample_mib(s->at.umib));
	describe_moment(s, start, when, sizeof when);
	format_memory(all, sample_mib(s->beyond));
	if (apart)
		return parts_text("sampled %s %s", size, when);
	if (s->beyond > 0)
		return parts_text("peak %s %s (%s %s)", size, when, s->how, all);
	return parts_text("peak %s %s%s", size, when, s->exact ? ", exact" : "");
}

int summit_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
		unsigned colour, bool brief)
{
	const struct summit s = find_summit(profile, wish);
	double seconds = sample_seconds(s.at.us - profile->start_us);
	bool apart = !brief && (double)s.beyond > APART * (double)s.at.umib;
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
