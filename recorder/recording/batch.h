/* When what was put reaches the file. Alone, at once: a write a sample. Of the many ranks of a job
 * each would be a request to the disks of the cluster, so there whole lines gather for up to a
 * second; but not while a kill may be near, which would take them along. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct recording;

struct batch {
	bool on;
	int64_t since; /* monotonic ns of the first that waits; 0: nothing does */
	int64_t hasty; /* until that moment nothing waits */
	uint64_t peak; /* bytes: the highest of what has been written */
};

/* In place of profile_flush. */
void batch_flush(struct recording *recording, int64_t now);

/* A signal has come: writes at once, now and in the time in which a kill may follow. */
void batch_hurry(struct recording *recording, int64_t now);
