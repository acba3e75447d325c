/* --at: what it remembers, and what it does. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "recorder/kernel/membership.h"
#include "recorder/probes/threshold.h"

struct recording;

struct act {
	struct thresholds at;
	struct membership membership; /* where a size is a share of what is allowed */
	bool relative;
	bool refused;    /* a signal was, which is told once */
	int64_t settled; /* monotonic ns: until then ends are awaited of what was done late; 0 */
	struct rise {
		uint64_t size; /* bytes; 0: not known */
		bool above;
		bool failed;   /* the command could not be started: it is tried again while it is
				  above */
		pid_t command; /* that runs; 0: none */
		void *state;   /* of the threshold's own source; NULL: it has none, or no figure */
		uint64_t held; /* bytes of that, when last read */
		int64_t due[MOST_STEPS]; /* monotonic ns; 0: not to be done */
	} rises[MOST_THRESHOLDS];        /* as the thresholds */
};

/* What of the threshold's figure is held. */
uint64_t deeds_held(const struct act *act, const struct recording *recording, size_t i);

/* It has risen above: marks the moment and does what is to be done at once. */
void deeds_do(struct act *act, struct recording *recording, size_t i, int64_t now);

/* Still above: a command that could not be started is tried again. */
void deeds_retry(struct act *act, struct recording *recording, size_t i);

/* Does what was to be done later, and is due. */
void deeds_follow(struct act *act, struct recording *recording, int64_t now);

/* Nanoseconds until that; -1: there is nothing. */
int64_t deeds_wait(const struct act *act, int64_t now);
