/* The words of a snapshot's layout, and what a container is by where it stands. */
#pragma once

#include "share/snapshot/pickle.h"

/* WORD(identifier, as it is written); the fields of a dict come first. */
#define LAYOUT_WORDS(WORD)                                 \
	WORD(DEVICE, "device")                             \
	WORD(TOTAL_SIZE, "total_size")                     \
	WORD(POOL, "segment_pool_id")                      \
	WORD(SIZE, "size")                                 \
	WORD(REQUESTED_SIZE, "requested_size")             \
	WORD(REAL_SIZE, "real_size")                       \
	WORD(STATE, "state")                               \
	WORD(HISTORY, "history")                           \
	WORD(FRAMES, "frames")                             \
	WORD(FILENAME, "filename")                         \
	WORD(LINE, "line")                                 \
	WORD(NAME, "name")                                 \
	WORD(ACTION, "action")                             \
	WORD(ADDR, "addr")                                 \
	WORD(TIME_US, "time_us")                           \
	WORD(EXPANDABLE, "expandable_segments")            \
	WORD(DEVICE_FREE, "device_free")                   \
	WORD(SEGMENTS, "segments")                         \
	WORD(DEVICE_TRACES, "device_traces")               \
	WORD(SETTINGS, "allocator_settings")               \
	WORD(BLOCKS, "blocks")                             \
	WORD(ACTIVE_ALLOCATED, "active_allocated")         \
	WORD(ACTIVE_PENDING_FREE, "active_pending_free")   \
	WORD(ACTIVE_AWAITING_FREE, "active_awaiting_free") \
	WORD(INACTIVE, "inactive")                         \
	WORD(ALLOC, "alloc")                               \
	WORD(FREE_REQUESTED, "free_requested")             \
	WORD(SEGMENT_ALLOC, "segment_alloc")               \
	WORD(SEGMENT_FREE, "segment_free")                 \
	WORD(SEGMENT_MAP, "segment_map")                   \
	WORD(SEGMENT_UNMAP, "segment_unmap")               \
	WORD(OOM, "oom")

#define WORD_ID(id, text) WORD_##id,
enum word { WORD_NONE, LAYOUT_WORDS(WORD_ID) N_WORDS };
#undef WORD_ID
enum { N_FIELDS = WORD_DEVICE_FREE + 1 };

/* By their number - 1. */
extern const char *const layout_words[N_WORDS - 1];

enum role {
	ROLE_NONE,
	ROLE_ROOT,
	ROLE_SEGMENTS,
	ROLE_SEGMENT,
	ROLE_BLOCKS,
	ROLE_BLOCK,
	ROLE_HISTORY,
	ROLE_PAST, /* an item of a history */
	ROLE_TRACES,
	ROLE_TRACE,
	ROLE_EVENT,
	ROLE_FRAMES,
	ROLE_FRAME,
	ROLE_SETTINGS,
	N_ROLES,
};

/* ROLE_NONE of what is of no interest. */
enum role layout_role(enum pickle_kind kind, const struct pickle_place *place);
