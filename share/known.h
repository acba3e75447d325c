/* How a figure is known: computed here, and nowhere else, from what the metric is and how it was
 * read. Whoever says a figure says it in these words; whoever decides by one asks for its bounds.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "share/metrics.h"

enum known {
	KNOWN_EXACT,    /* the kernel counted it */
	KNOWN_SAMPLED,  /* the highest that was seen; the truth may be above or below */
	KNOWN_AT_LEAST, /* so much was held; it may have been more */
	KNOWN_AT_MOST,  /* it cannot have been more */
	KNOWN_ESTIMATE,
	KNOWN_UNKNOWN,
};

enum known_by {
	KNOWN_BY_SAMPLES, /* the highest of them */
	KNOWN_BY_MARK,    /* the kernel's high-water mark of one process, or of a group */
	KNOWN_BY_MARKS,   /* the sum of such marks */
};

/* What a figure lacks: KNOWN_…, or'ed together. KNOWN_LACKS(identifier, the word in a recording,
 * what is said of it). */
#define KNOWN_LACKS(LACK)                                                                      \
	LACK(NOTHING_READ, "unsampled", "nothing could be read while it ran")                  \
	LACK(UNREAD, "unread", "some processes could not be read")                             \
	LACK(UNSEEN, "unseen", "short-lived ones may have been missed")                        \
	LACK(LIVING, "living", "descendants outlived the recording")                           \
	LACK(FELL_BACK, "fallback", "the rss of some stands in it, whose own may not be read") \
	LACK(STALLED, "stalled", "the recorder was held up for a while")                       \
	LACK(CUT, "cut", "the recording ended before the program")                             \
	LACK(UNRESET, "unreset", "the marks of some could not be reset")                       \
	LACK(EARLY, "early", "last read before the end")                                       \
	LACK(FLOOR, "floor", "below that the recorder's own image hides it")                   \
	LACK(BEYOND, "beyond", "one of them held more than was ever seen")                     \
	LACK(HUGE, "huge", "huge pages are not in it")                                         \
	LACK(STRETCHED, "stretched", "the highest of each in a stretch of time, added up")     \
	LACK(OVERLAP, "overlap", "what is of a group or the machine counted for each rank")    \
	LACK(MIXED, "mixed", "figures of several metrics")

#define KNOWN_PLACE(id, ...) KNOWN_PLACE_##id,
enum known_place { KNOWN_LACKS(KNOWN_PLACE) N_KNOWN_LACKS };
#undef KNOWN_PLACE
#define KNOWN_BIT(id, ...) KNOWN_##id = 1 << KNOWN_PLACE_##id,
enum known_lack { KNOWN_LACKS(KNOWN_BIT) };
#undef KNOWN_BIT

struct known_how {
	const struct metric *metric; /* NULL: none that is known here */
	enum known_by by;
	bool sum; /* over the processes of a tree; false of what has one figure for them all */
	unsigned lacks;
};

enum known known_judge(const struct known_how *how);

/* Can it not have been less; can it not have been more? */
bool known_is_reached(enum known known);
bool known_is_bound(enum known known);

/* "exact", "sampled", "at least", "at most", "an estimate", "unknown"; in a recording and as JSON,
 * "at-least". */
const char *known_word(enum known known);
const char *known_key(enum known known);

/* What stands before a figure: "exact peak", "peak at least", "sampled peak"; "peak unknown",
 * behind which there is none. */
const char *known_peak(enum known known);

enum { KNOWN_SIZE = 768 };

/* The word, and why: "at least: the highest of the samples", "sampled: the highest sum, shared
 * pages counted in each process; some processes could not be read". Returns `out`. */
char *known_say(char out[KNOWN_SIZE], const struct known_how *how);

/* What it lacks: "; some processes could not be read", or nothing. As a recording keeps it:
 * "unread,living". Each returns `out`. */
char *known_say_lacks(char out[KNOWN_SIZE], unsigned lacks);
char *known_write_lacks(char out[KNOWN_SIZE], unsigned lacks);
unsigned known_read_lacks(const char *text); /* words that are not known are passed over */
