/* Ranks of a job of which there is no recording. */
#pragma once

#include "share/fleet/fleet.h"

enum { MISSING_NAMED = 4, MISSING_SENTENCE = 256 };

struct fleet_missing {
	long ranks; /* that the job has; 0: nobody tells, or they are of several jobs or steps */
	long n;     /* of those there is none of so many */
	long first[MISSING_NAMED]; /* of those the lowest */
};

/* Of a fleet that is sorted by rank. */
void fleet_missing_find(struct fleet_missing *missing, const struct fleet *fleet);

/* "2 of the job's 10 ranks have no recording here: 3, 7"; of `n` above 0. */
char *fleet_missing_say(char out[MISSING_SENTENCE], const struct fleet_missing *missing);
