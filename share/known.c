#include "share/known.h"

#include <stdio.h>
#include <string.h>

#define KEY(id, key, about)    key,
#define PHRASE(id, key, about) about,
static const char *const lack_keys[] = { KNOWN_LACKS(KEY) };
static const char *const lack_phrases[] = { KNOWN_LACKS(PHRASE) };

/* ---- what is known ---- */

/* Of a sum some part is missing, so that it bounds nothing from above. */
enum { MISSING = KNOWN_NOTHING_READ | KNOWN_UNREAD | KNOWN_UNSEEN | KNOWN_LIVING | KNOWN_CUT };

static enum known judge_samples(const struct known_how *how)
{
	const struct metric *metric = how->metric;
	if (how->lacks & KNOWN_NOTHING_READ)
		return KNOWN_UNKNOWN;
	if (!metric || how->lacks & (KNOWN_FELL_BACK | KNOWN_STRETCHED))
		return KNOWN_SAMPLED;
	return how->sum && metric->owner == METRIC_OF_PROCESS && !metric->adds_up ? KNOWN_SAMPLED
										  : KNOWN_AT_LEAST;
}

static enum known judge_mark(const struct known_how *how)
{
	bool part = !how->metric->marked && how->metric != &metric_cgroup;
	if (part || how->lacks & (KNOWN_FLOOR | KNOWN_NOTHING_READ))
		return how->lacks & (KNOWN_EARLY | KNOWN_CUT | KNOWN_UNRESET) ? KNOWN_UNKNOWN
									      : KNOWN_AT_MOST;
	return how->lacks & (KNOWN_EARLY | KNOWN_CUT | KNOWN_UNRESET) ? KNOWN_AT_LEAST
								      : KNOWN_EXACT;
}

static enum known judge_marks(const struct known_how *how)
{
	return how->lacks & (MISSING | KNOWN_EARLY | KNOWN_UNRESET) ? KNOWN_SAMPLED : KNOWN_AT_MOST;
}

/* The kernel keeps marks of the RSS and of groups: what is a part of that they bound, and of
 * others they tell nothing. */
enum known known_judge(const struct known_how *how)
{
	bool kept = how->metric && (how->metric->resident || how->metric->owner == METRIC_OF_GROUP);
	if (how->by == KNOWN_BY_SAMPLES)
		return judge_samples(how);
	if (!kept || (how->by == KNOWN_BY_MARK && how->sum))
		return KNOWN_UNKNOWN;
	return how->by == KNOWN_BY_MARK ? judge_mark(how) : judge_marks(how);
}

bool known_is_reached(enum known known)
{
	return known == KNOWN_EXACT || known == KNOWN_AT_LEAST;
}

bool known_is_bound(enum known known)
{
	return known == KNOWN_EXACT || known == KNOWN_AT_MOST;
}

/* ---- the words ---- */

const char *known_word(enum known known)
{
	static const char *const words[] = {
		[KNOWN_EXACT] = "exact",          [KNOWN_SAMPLED] = "sampled",
		[KNOWN_AT_LEAST] = "at least",    [KNOWN_AT_MOST] = "at most",
		[KNOWN_ESTIMATE] = "an estimate", [KNOWN_UNKNOWN] = "unknown",
	};
	return words[known];
}

const char *known_key(enum known known)
{
	static const char *const words[] = {
		[KNOWN_EXACT] = "exact",       [KNOWN_SAMPLED] = "sampled",
		[KNOWN_AT_LEAST] = "at-least", [KNOWN_AT_MOST] = "at-most",
		[KNOWN_ESTIMATE] = "estimate", [KNOWN_UNKNOWN] = "unknown",
	};
	return words[known];
}

const char *known_peak(enum known known)
{
	static const char *const words[] = {
		[KNOWN_EXACT] = "exact peak",       [KNOWN_SAMPLED] = "sampled peak",
		[KNOWN_AT_LEAST] = "peak at least", [KNOWN_AT_MOST] = "peak at most",
		[KNOWN_ESTIMATE] = "peak about",    [KNOWN_UNKNOWN] = "peak unknown",
	};
	return words[known];
}

static const char *method(const struct known_how *how)
{
	bool sum = how->sum && !(how->metric && how->metric->owner != METRIC_OF_PROCESS);
	bool shares = sum && !(how->metric && how->metric->adds_up);
	if (how->by == KNOWN_BY_MARK && how->metric && how->metric->resident &&
	    !how->metric->marked)
		return "the kernel's own mark of the RSS";
	if (how->by == KNOWN_BY_MARK)
		return how->metric && how->metric->owner == METRIC_OF_GROUP
			       ? "the group's own mark"
			       : "the kernel's own mark";
	if (how->by == KNOWN_BY_MARKS)
		return "the sum of all marks, which need not have stood at once";
	if (shares)
		return "the highest sum of samples, shared pages counted in each process";
	return sum ? "the highest sum of samples" : "the highest sample";
}

static size_t append(char out[KNOWN_SIZE], size_t used, const char *between, const char *text)
{
	int n = snprintf(out + used, KNOWN_SIZE - used, "%s%s", between, text);
	return n > 0 && used + (size_t)n < KNOWN_SIZE ? used + (size_t)n : used;
}

static char *list(char out[KNOWN_SIZE], unsigned lacks, const char *const texts[],
		  const char *before, const char *between)
{
	size_t used = 0;
	*out = '\0';
	for (size_t i = 0; i < N_KNOWN_LACKS; i++)
		if (lacks & 1u << i)
			used = append(out, used, used ? between : before, texts[i]);
	return out;
}

char *known_say_lacks(char out[KNOWN_SIZE], unsigned lacks)
{
	return list(out, lacks, lack_phrases, "; ", ", ");
}

char *known_write_lacks(char out[KNOWN_SIZE], unsigned lacks)
{
	return list(out, lacks, lack_keys, "", ",");
}

char *known_say(char out[KNOWN_SIZE], const struct known_how *how)
{
	char lacks[KNOWN_SIZE];
	size_t used = append(out, 0, "", known_word(known_judge(how)));
	used = append(out, used, ": ", method(how));
	append(out, used, "", known_say_lacks(lacks, how->lacks));
	return out;
}

static unsigned lack_of(const char *text, size_t n)
{
	for (unsigned i = 0; i < N_KNOWN_LACKS; i++)
		if (strlen(lack_keys[i]) == n && strncmp(lack_keys[i], text, n) == 0)
			return 1u << i;
	return 0;
}

unsigned known_read_lacks(const char *text)
{
	unsigned lacks = 0;
	while (text && *text) {
		size_t n = strcspn(text, ",");
		lacks |= lack_of(text, n);
		text += n + (text[n] == ',');
	}
	return lacks;
}
