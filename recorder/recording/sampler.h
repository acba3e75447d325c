/* When to sample: ticks at multiples of the interval from the first, so that nothing drifts; a tick
 * that was slept through is skipped and counted. Pure arithmetic over nanoseconds of
 * CLOCK_MONOTONIC, and the epoch that goes with them. */
#pragma once

#include <stdint.h>

#include "recorder/recording/purse.h"

/* Seconds between samples that are possible. */
#define SAMPLER_SHORTEST 0.0001
#define SAMPLER_LONGEST  86400.0

struct sampler {
	int64_t interval; /* ns */
	int64_t first;    /* monotonic ns of tick 0 */
	int64_t epoch;    /* ns of the epoch at tick 0: samples keep their distances when the wall
			     clock is set */
	int64_t next;     /* number of the tick that is due next */
	uint64_t missed;
	int64_t longest;    /* ns, that ticks were missed for at once, at most */
	struct purse purse; /* of costly sources, which rest until they have earned a sample */
};

/* Tick 0 is now. Wakes this thread on time: PR_SET_TIMERSLACK. */
void sampler_start(struct sampler *sampler, double interval_seconds);

int64_t sampler_epoch_us(const struct sampler *sampler, int64_t now);

/* ns by which the wall clock has moved since against the other one: it was set, or the machine
 * slept; below 0: back. Less than 0.1 s counts as 0. */
int64_t sampler_clock_moved(const struct sampler *sampler);

/* Nanoseconds from `now` to the next tick, 0 when it is due. */
int64_t sampler_wait(const struct sampler *sampler, int64_t now);

/* Passes the tick that is due at `now`, and counts those that were slept through. */
void sampler_pass(struct sampler *sampler, int64_t now);

/* After a sample at `now` that cost so many ns of CPU time: rests as long as it takes that sampling
 * has at most 1 % of a CPU. Ticks left out on purpose are not missed. */
void sampler_rest(struct sampler *sampler, int64_t now, int64_t cost);
