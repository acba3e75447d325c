/* Where marks and calls go: the recorders that run in this process, and the recording that
 * mprof-c run makes of it. One lock for all, held across a fork, whose child has no recorder. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "recorder/library/recorder.h"

/* How many places there are; below 0: not yet looked for. Read without the lock: most programs have
 * none. */
extern atomic_int registry_places;

void registry_lock(void); /* looks for the running recording the first time */
void registry_unlock(void);

/* With the lock: */
void registry_add(struct mprof_recorder *recorder);
void registry_remove(struct mprof_recorder *recorder);
bool registry_is_recorded(void); /* by mprof-c run */

/* This moment, in µs of the epoch, as they tell it whose records it goes to. */
int64_t registry_now(void);

/* Hands every place to `put`, then writes what it put. 0, or the first -errno. */
int registry_put(int (*put)(struct profile_writer *writer, const void *what), const void *what);

/* The high-water mark is about to be reset: whoever runs notes what it tells. 0 or -errno. */
int registry_reset_peak(void);
