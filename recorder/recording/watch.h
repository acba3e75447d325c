/* The loop: samples at each tick into the writer, passes signals on, and sees the target's end at
 * once, since what it sleeps on is the target itself. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "recorder/probes/probe.h"
#include "recorder/recording/sampler.h"
#include "recorder/recording/signals.h"
#include "recorder/recording/target.h"
#include "recorder/tree/family.h"
#include "share/profile/profile.h"

struct watch {
	struct target *target;
	struct signals *signals;
	struct family *family; /* open, or without a member when nothing can be measured */
	struct profile_writer *writer;
	struct probes *probes;
	const struct record_options *options;
	struct sampler sampler; /* started */
	int64_t timeout;        /* ns from the first tick; 0: none */
	bool total, each;       /* MEM is the whole family's; a CHLD for each descendant */

	bool silent; /* nothing is to be sampled any more: only the end is awaited */

	uint64_t bytes;    /* of the last MEM */
	uint64_t limit;    /* bytes that the target may have; 0: no less than the machine has */
	uint64_t most;     /* held at most since the sample before it, so far as is known */
	uint64_t vram;     /* of the GPU where it is most, as last told */
	double vram_share; /* of a GPU's memory, where that is most */

	/* What came of it. */
	uint64_t samples, peak; /* peak: bytes, of what MEM says */
	uint64_t high_water;    /* the target's own mark */
	bool exact;             /* nothing of the target's own life has escaped that */
	uint64_t bound;         /* where MEM is a sum: that of all marks at most; 0: not known */
	int64_t us;             /* of the last look at the target */
	int interrupted;        /* the signal that ended it before the target did */
};

/* What family_open is to tell. */
struct family_watcher watch_family(struct watch *watch);

/* Until the target ends; an adopted one also until the timeout, a signal or a failed write. */
void watch_run(struct watch *watch);
