/* How the figures of a recording are known, as it tells: for share/known's judgement. */
#pragma once

#include <stdbool.h>

#include "share/known.h"

struct profile;

/* Of MEM; NULL: not told, as in older files, or not known here. */
const struct metric *peak_metric(const struct profile *profile);

/* The kernel's marks are of that; older files do not say what theirs is. */
bool peak_is_marked(const struct profile *profile);

/* The highest sample of MEM; with `sum`, of it and the children's that stand with it. */
struct known_how peak_sampled(const struct profile *profile, bool sum);

/* The same of a second metric. */
struct known_how peak_of_value(const struct profile *profile, const char *metric);

/* The program's own high-water mark of the RSS, from GONE, and ru_maxrss, from EXIT. */
bool peak_is_final(const struct profile *profile); /* nothing has escaped the first */
struct known_how peak_mark(const struct profile *profile);
struct known_how peak_maxrss(const struct profile *profile);

/* What the recorder came to at its end: false where it did not, or is older. */
struct peak_verdict {
	double mib;
	enum known known;
	struct known_how how;
};
bool peak_verdict(const struct profile *profile, struct peak_verdict *verdict);

/* The highest that is known of MEM, for all who tell of it: the recorder's verdict, else what the
 * kernel's marks in the file or the samples tell. False: only that it is the highest sample. */
bool peak_best(const struct profile *profile, struct peak_verdict *best);
