/* A snapshot of torch's caching allocator, as torch.cuda.memory._dump_snapshot() writes it, or as
 * pickle.dump() does of _snapshot() and memory_snapshot(): what its segments hold, by device, and
 * what its history of events tells.
 *
 * The layout, as torch/csrc/cuda/memory_snapshot.cpp and Module.cpp have it:
 *   {"segments": [{"device", "total_size", "segment_pool_id", "blocks": [{"size",
 *      "requested_size", "state", "frames": [{"filename", "line", "name"}, …]}, …]}, …],
 *    "device_traces": [[{"action", "addr" or "device_free", "size", "time_us", "frames"}, …], …]}
 * In torch 1.x it is the list of segments alone, without requested sizes and frames; in 1.13 and
 * 2.0 a block has a "history" [{"real_size", "frames"}, …] instead of them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "share/growth/growth.h"
#include "share/profile/input.h"
#include "share/snapshot/device.h"
#include "share/snapshot/pickle.h"
#include "share/snapshot/places.h"

enum { SNAPSHOT_DEVICES = 64 };

struct snapshot {
	struct places places;
	struct device devices[SNAPSHOT_DEVICES];
	size_t n_events;
	bool is_one;          /* has segments, or a place for them */
	bool expandable;      /* torch was told to use expandable segments */
	bool stacks;          /* some block or event has one */
	bool unrequested;     /* blocks tell only what they take, not what was asked for */
	char why[PICKLE_WHY]; /* what went wrong, as pickle_read tells it */
};

/* `own` as growth_open has it. 0, an error of pickle_read, or -EINVAL: a pickle, but of something
 * else. Either way snapshot_free is to follow. */
int snapshot_read(struct snapshot *snapshot, struct profile_input *input, growth_own own);
void snapshot_free(struct snapshot *snapshot);
