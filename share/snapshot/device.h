/* What a snapshot tells of one device: what its segments hold now, and what its history of events
 * tells of the time before. Bytes; figures that a damaged file could tell saturate. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "share/snapshot/live.h"

/* Of one place. The history counts bytes as they were asked for; so does what lives now. */
struct device_place {
	int64_t now;     /* lives in the segments */
	int64_t told;    /* of that, what the history saw being allocated */
	int64_t at_peak; /* what the history saw, as it lived at the peak */
	bool changed;    /* `told`, since the peak */
};

struct device_oom {
	int64_t wanted, free;      /* what the device said was free */
	int64_t net, net_reserved; /* of the history up to it */
	int64_t us;
	uint32_t place;
};

struct device {
	bool seen; /* in a segment or an event */
	int64_t reserved, allocated, requested, awaiting, unused, largest_unused;
	int64_t private;                  /* of `reserved`, in pools of their own (CUDA graphs) */
	size_t segments, blocks, unuseds; /* blocks that are allocated, and those that are not */

	size_t events, ooms;
	int64_t first_us, last_us;  /* 0: not told */
	int64_t net, most, most_us; /* asked for, against the beginning of the history */
	int64_t net_reserved, most_reserved;
	struct device_oom oom; /* the last */

	struct device_place *places; /* by number; owned */
	size_t n_places;
	uint32_t *changed; /* whose `told` has changed since the peak; owned */
	size_t n_changed;
};

void device_free(struct device *device);

enum device_state { DEVICE_ALLOCATED, DEVICE_AWAITING, DEVICE_UNUSED };

struct device_block {
	enum device_state state;
	int64_t size, requested;
	uint32_t place;
};

/* A block of one of its segments. 0 or -ENOMEM. */
int device_add_block(struct device *device, const struct device_block *block);

enum device_action {
	DEVICE_NONE,
	DEVICE_ALLOC,
	DEVICE_FREE,
	DEVICE_RESERVE,
	DEVICE_UNRESERVE,
	DEVICE_OOM,
};

struct device_event {
	enum device_action action;
	int64_t address, size, us, free;
	uint32_t place;
};

/* The next of its history; `live` is what that has allocated so far. 0, -ENOMEM or -E2BIG. */
int device_add_event(struct device *device, struct live *live, const struct device_event *event);

/* Does its history tell of a time? torch keeps one event where only the state is recorded. */
bool device_has_history(const struct device *device);

/* Can what its history tells have led to what it holds? */
bool device_agrees(const struct device *device);

/* Do its blocks come to what its segments are said to have? torch adds them up itself. */
bool device_adds_up(const struct device *device);

/* What was asked for, and was reserved, at the last OOM. */
int64_t device_at_oom(const struct device *device);
int64_t device_reserved_at_oom(const struct device *device);

/* What was asked for, and was reserved, when the history began. */
int64_t device_start(const struct device *device);
int64_t device_start_reserved(const struct device *device);

/* Of a place: what lived at the peak, and of that what was there before the history began. */
int64_t device_at_peak(const struct device *device, size_t place);
int64_t device_before(const struct device *device, size_t place);
