/* The table of record kinds: what a line of each holds, and where in struct profile_record. It
 * drives reading, writing, the exports and the test of the manual. */
#pragma once

#include "share/profile/record.h"

enum field_type {
	FIELD_NONE,
	FIELD_MEMORY, /* int64_t, umib */
	FIELD_FIGURE, /* the same, or "?", which is 0: not known */
	FIELD_MAYBE,  /* the same, or "?", which is PROFILE_UNTOLD */
	FIELD_BELOW,  /* the same, from 0; not written where it and those behind it are 0 */
	FIELD_MOMENT, /* int64_t, µs */
	FIELD_PID,    /* pid_t, or another int from 0 that tells a series from others */
	FIELD_COUNT,  /* uint64_t */
	FIELD_CHANGE, /* int64_t, a whole number, below 0 too */
	FIELD_WHOLE,  /* int, from 0 */
	FIELD_STATUS, /* int: an exit status, a signal as a negative number, or "?" */
	FIELD_SCOPE,  /* bool: "device" or "tree", the last of its line */
	FIELD_HOW,    /* unsigned char, enum profile_how: a word; not written where nothing is said,
			 so the last of its line */
	FIELD_WORD,   /* text: what stands between blanks */
	FIELD_NAME,   /* text: a word, but in other recorders' files it may hold blanks, so that the
			 fields behind it are told from the right */
	FIELD_PLACE,  /* struct profile_place: "file:line", quoted as a word of the command line is
		       */
	FIELD_TEXT,   /* text: to the end of the line */
	FIELD_SOME,   /* the same, never empty */
	FIELD_QUOTED, /* text: all of the line, quoted by who writes it */
};

struct field {
	unsigned char type;
	bool optional; /* may be missing at the end of a line */
	unsigned short at;
};

enum { MOST_FIELDS = 8 };

struct kind {
	char tag[8];          /* padded with zeros, so that all of it is compared at once */
	unsigned char length; /* of the tag */
	/* Of those that hold a sample of their own: how a series of them is called, and the array
	 * that holds them in JSON; NULL: nothing of the kind. */
	const char *series, *array;
	struct field fields[MOST_FIELDS + 1];
};

extern const struct kind profile_kinds[PROFILE_KINDS];
extern const char *const profile_hows[PROFILE_HOWS]; /* the words; of PROFILE_UNSAID "" */
