/* What a recording tells of whether it keeps growing: the answers for all its curves, when what is
 * allowed is reached, and where most of it grew. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "share/growth/answer.h"
#include "share/growth/growth.h"

enum { OUTLOOK_COLUMNS = 2048 }; /* that a profile should be loaded with */
enum { OUTLOOK_MOST = 16, OUTLOOK_SENTENCE = 1024, OUTLOOK_PLACE = 512 };

enum outlook_kind {
	OUTLOOK_MEMORY,
	OUTLOOK_HEAP, /* what a sampled heap holds */
	OUTLOOK_METRIC,
	OUTLOOK_GPU,
	OUTLOOK_ROLE,
	OUTLOOK_KINDS
};

enum outlook_limit {
	OUTLOOK_NO_LIMIT,
	OUTLOOK_ALLOWED,   /* by its control group */
	OUTLOOK_SLOWED,    /* above that, by the same */
	OUTLOOK_MACHINE,   /* what it has */
	OUTLOOK_ADDRESSES, /* that it may take, RLIMIT_AS */
	OUTLOOK_DEVICE,    /* what a GPU has */
	OUTLOOK_LIMITS
};

struct outlook_curve {
	enum outlook_kind kind;
	const char
		*of; /* a metric's name, a device, the name of children; the profile's, or NULL */
	struct answer answer;
	struct answer rounds; /* from mark to mark, in MiB a round; of its own memory and the heap,
				 others are too short */
	enum outlook_limit limit_of;
	double limit; /* MiB that may be held; 0: not known */
	/* Hours from the end until that is reached at this rate, and by the interval's ends; all 0
	 * unless it grows and the limit is known. */
	double reached, soonest, latest;
	char place[OUTLOOK_PLACE]; /* where most of it grew: "cache.py:88 put"; "": not known; of
				      its own memory and the heap */
	double share;              /* of what grew, that stands there: 0 to 1 */
};

struct outlook {
	struct outlook_curve curves[OUTLOOK_MOST]; /* the recording's own memory comes first */
	size_t n;                                  /* 0: nothing was sampled */
	size_t heap;                               /* the curve of its heap; 0: none was sampled */
	bool whole;     /* all of that heap was seen, so far as is known */
	char round[64]; /* what marks that count rounds are called; "": there are none */
	int other; /* enum bill_class, of its bill that which most of it grew by; -1: not known */
};

/* `profile` needs columns to tell it by, and outlives it. 0 or -ENOMEM. */
int outlook_make(struct outlook *outlook, const struct profile *profile, growth_own own);

/* What a curve does: "grows 596 MiB/h (95 %:
 * 540–650) after the first 150 s, steadily, mostly at cache.py:88; at this rate the 16.0 GiB
 * allowed are reached in 21 h (19–24)". Returns `out`. */
char *outlook_say(char out[OUTLOOK_SENTENCE], const struct outlook *outlook, size_t curve);

/* Of which curve a sentence is: "live heap", "worker", "GPU 0", "PSS"; "" of its own memory.
 * Returns `out`. */
char *outlook_name(char out[OUTLOOK_PLACE], const struct outlook_curve *curve);

/* Is it worth a line of text? Its own memory is; of the others only what goes on growing. */
bool outlook_is_told(const struct outlook *outlook, size_t curve);

/* Does it go on growing, so far as anything tells? */
bool outlook_grows(const struct outlook *outlook, size_t curve);

/* Is what its memory grows by, for half or more, what its sampled heap holds? */
bool outlook_is_of_heap(const struct outlook *outlook);

/* An array, an object a curve. */
void outlook_json(FILE *out, const struct outlook *outlook);
