#include "share/snapshot/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"
#include "share/profile/sum.h"

/* ---- the words of the layout ---- */

/* WORD(identifier, as it is written); the fields of a dict come first. */
#define WORDS(WORD)                                        \
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
	WORD(DEVICE_FREE, "device_free")                   \
	WORD(SEGMENTS, "segments")                         \
	WORD(DEVICE_TRACES, "device_traces")               \
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
enum word { WORD_NONE, WORDS(WORD_ID) N_WORDS };
#undef WORD_ID
enum { N_FIELDS = WORD_DEVICE_FREE + 1 };

#define WORD_TEXT(id, text) text,
static const char *const words[] = { WORDS(WORD_TEXT) };
#undef WORD_TEXT

/* ---- what a container is, by where it stands ---- */

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
	N_ROLES,
};

static const struct {
	enum role parent;
	enum word key;
	enum pickle_kind kind;
	enum role role;
} rules[] = {
	{ ROLE_TRACE, WORD_NONE, PICKLE_DICT, ROLE_EVENT },
	{ ROLE_BLOCKS, WORD_NONE, PICKLE_DICT, ROLE_BLOCK },
	{ ROLE_FRAMES, WORD_NONE, PICKLE_DICT, ROLE_FRAME },
	{ ROLE_EVENT, WORD_FRAMES, PICKLE_LIST, ROLE_FRAMES },
	{ ROLE_BLOCK, WORD_FRAMES, PICKLE_LIST, ROLE_FRAMES },
	{ ROLE_BLOCK, WORD_HISTORY, PICKLE_LIST, ROLE_HISTORY },
	{ ROLE_HISTORY, WORD_NONE, PICKLE_DICT, ROLE_PAST },
	{ ROLE_PAST, WORD_FRAMES, PICKLE_LIST, ROLE_FRAMES },
	{ ROLE_SEGMENTS, WORD_NONE, PICKLE_DICT, ROLE_SEGMENT },
	{ ROLE_SEGMENT, WORD_BLOCKS, PICKLE_LIST, ROLE_BLOCKS },
	{ ROLE_SEGMENT, WORD_FRAMES, PICKLE_LIST, ROLE_FRAMES },
	{ ROLE_ROOT, WORD_SEGMENTS, PICKLE_LIST, ROLE_SEGMENTS },
	{ ROLE_ROOT, WORD_DEVICE_TRACES, PICKLE_LIST, ROLE_TRACES },
	{ ROLE_TRACES, WORD_NONE, PICKLE_LIST, ROLE_TRACE },
};

/* The blocks of a segment come before its dict is whole, and so before its device is known. */
struct reading {
	struct snapshot *snapshot;
	struct device_block *blocks; /* owned */
	size_t n_blocks;
	int64_t past_size; /* asked for, as the newest of a block's history tells; -1: no history */
	size_t n_traces;
	struct live live;
};

static int role_of(void *context, enum pickle_kind kind, const struct pickle_place *place)
{
	struct reading *r = context;
	if (place->top)
		return kind == PICKLE_DICT ? ROLE_ROOT : ROLE_SEGMENTS;
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		if ((int)rules[i].parent != place->role || rules[i].kind != kind ||
		    (int64_t)rules[i].key != place->key)
			continue;
		r->snapshot->is_one = r->snapshot->is_one || rules[i].role == ROLE_SEGMENTS;
		if (rules[i].role == ROLE_TRACE) {
			r->n_traces++;
			live_clear(&r->live);
		}
		return (int)rules[i].role;
	}
	return ROLE_NONE;
}

static int64_t text_of(void *context, const char *text, const struct pickle_place *place)
{
	struct places *places = &((struct reading *)context)->snapshot->places;
	bool any = place->role == ROLE_FRAME &&
		   (place->key == WORD_FILENAME || place->key == WORD_NAME);
	return any ? places_text(places, text) : places_word(places, text);
}

/* ---- the fields of a dict ---- */

struct fields {
	int64_t of[N_FIELDS];
	bool has[N_FIELDS]; /* the key, whatever is there */
};

/* What a field must be to count; of lists, which. */
static const struct {
	enum pickle_kind kind;
	enum role role;
} wanted[N_FIELDS] = {
	[WORD_DEVICE] = { PICKLE_NUMBER, ROLE_NONE },
	[WORD_TOTAL_SIZE] = { PICKLE_NUMBER, ROLE_NONE },
	[WORD_POOL] = { PICKLE_NUMBER, ROLE_NONE },
	[WORD_SIZE] = { PICKLE_NUMBER, ROLE_NONE },
	[WORD_REQUESTED_SIZE] = { PICKLE_NUMBER, ROLE_NONE },
	[WORD_REAL_SIZE] = { PICKLE_NUMBER, ROLE_NONE },
	[WORD_STATE] = { PICKLE_TEXT, ROLE_NONE },
	[WORD_HISTORY] = { PICKLE_LIST, ROLE_HISTORY },
	[WORD_FRAMES] = { PICKLE_LIST, ROLE_FRAMES },
	[WORD_FILENAME] = { PICKLE_TEXT, ROLE_NONE },
	[WORD_LINE] = { PICKLE_NUMBER, ROLE_NONE },
	[WORD_NAME] = { PICKLE_TEXT, ROLE_NONE },
	[WORD_ACTION] = { PICKLE_TEXT, ROLE_NONE },
	[WORD_ADDR] = { PICKLE_NUMBER, ROLE_NONE },
	[WORD_TIME_US] = { PICKLE_NUMBER, ROLE_NONE },
	[WORD_DEVICE_FREE] = { PICKLE_NUMBER, ROLE_NONE },
};

static void gather(struct fields *f, const struct pickle_value *items, size_t n)
{
	memset(f, 0, sizeof *f);
	for (size_t i = 0; i + 1 < n; i += 2) {
		const struct pickle_value *key = &items[i], *value = &items[i + 1];
		if (key->kind != PICKLE_TEXT || key->number <= 0 || key->number >= N_FIELDS)
			continue;
		f->has[key->number] = true;
		if (value->kind != wanted[key->number].kind ||
		    (value->kind == PICKLE_LIST && value->role != wanted[key->number].role))
			continue;
		f->of[key->number] = value->number;
	}
}

/* No card has as much, and sums of many stay within bounds. */
static int64_t size_in(const struct fields *f, enum word word)
{
	const int64_t most = (int64_t)1 << 44;
	return f->of[word] < 0 ? 0 : f->of[word] > most ? most : f->of[word];
}

/* A moment is one that can be: after 1970. */
static int64_t time_in(const struct fields *f)
{
	return f->of[WORD_TIME_US] > 0 ? f->of[WORD_TIME_US] : 0;
}

/* ---- what is made of each ---- */

static int take_frame(struct reading *r, struct pickle_value *dict, const struct fields *f)
{
	int64_t line = f->of[WORD_LINE];
	line = line < 0 || line > INT32_MAX ? 0 : line;
	long frame = places_frame(&r->snapshot->places, (uint32_t)f->of[WORD_FILENAME],
				  (int32_t)line, (uint32_t)f->of[WORD_NAME]);
	dict->number = frame > 0 ? frame : 0;
	return frame < 0 ? (int)frame : 0;
}

static enum device_state state_of(int64_t word)
{
	if (word == WORD_ACTIVE_ALLOCATED)
		return DEVICE_ALLOCATED;
	bool awaits = word == WORD_ACTIVE_PENDING_FREE || word == WORD_ACTIVE_AWAITING_FREE;
	return awaits ? DEVICE_AWAITING : DEVICE_UNUSED;
}

enum { MOST_BLOCKS = 1 << 22 }; /* of one segment */

static int take_block(struct reading *r, struct pickle_value *dict, const struct fields *f)
{
	struct device_block block = {
		.state = state_of(f->of[WORD_STATE]),
		.size = size_in(f, WORD_SIZE),
		.place = (uint32_t)(f->of[WORD_FRAMES] ? f->of[WORD_FRAMES] : f->of[WORD_HISTORY]),
	};
	(void)dict;
	bool known = f->has[WORD_REQUESTED_SIZE] || r->past_size >= 0;
	block.requested = f->has[WORD_REQUESTED_SIZE] ? size_in(f, WORD_REQUESTED_SIZE)
			  : r->past_size >= 0         ? r->past_size
						      : block.size;
	r->past_size = -1;
	r->snapshot->unrequested =
		r->snapshot->unrequested || (!known && block.state == DEVICE_ALLOCATED);
	r->snapshot->stacks = r->snapshot->stacks || block.place;
	if (r->n_blocks == MOST_BLOCKS)
		return -E2BIG;
	struct device_block *new = array_more(&r->blocks, &r->n_blocks, sizeof *new);
	if (!new)
		return -ENOMEM;
	*new = block;
	return 0;
}

/* NULL: there is no such device. */
static struct device *device_of(struct reading *r, int64_t number)
{
	return number >= 0 && number < SNAPSHOT_DEVICES ? &r->snapshot->devices[number] : NULL;
}

static int take_segment(struct reading *r, struct pickle_value *dict, const struct fields *f)
{
	struct device *d = device_of(r, f->of[WORD_DEVICE]);
	int result = d ? 0 : -E2BIG;
	(void)dict;
	if (!f->has[WORD_TOTAL_SIZE])
		return -EINVAL;
	for (size_t i = 0; result == 0 && i < r->n_blocks; i++)
		result = device_add_block(d, &r->blocks[i]);
	r->n_blocks = 0;
	if (result < 0)
		return result;
	d->seen = true;
	d->segments++;
	d->reserved = sum_of(d->reserved, size_in(f, WORD_TOTAL_SIZE));
	if (f->of[WORD_POOL])
		d->private = sum_of(d->private, size_in(f, WORD_TOTAL_SIZE));
	r->snapshot->is_one = true;
	return 0;
}

static enum device_action action_of(int64_t word)
{
	switch (word) {
	case WORD_ALLOC: return DEVICE_ALLOC;
	case WORD_FREE_REQUESTED: return DEVICE_FREE;
	case WORD_SEGMENT_ALLOC:
	case WORD_SEGMENT_MAP: return DEVICE_RESERVE;
	case WORD_SEGMENT_FREE:
	case WORD_SEGMENT_UNMAP: return DEVICE_UNRESERVE;
	case WORD_OOM: return DEVICE_OOM;
	default: return DEVICE_NONE;
	}
}

static int take_event(struct reading *r, struct pickle_value *dict, const struct fields *f)
{
	const struct device_event event = {
		.action = action_of(f->of[WORD_ACTION]),
		.address = f->of[WORD_ADDR],
		.size = size_in(f, WORD_SIZE),
		.us = time_in(f),
		.free = f->has[WORD_DEVICE_FREE] ? size_in(f, WORD_DEVICE_FREE) : -1,
		.place = (uint32_t)f->of[WORD_FRAMES],
	};
	struct device *d = device_of(r, (int64_t)r->n_traces - 1);
	(void)dict;
	if (!f->has[WORD_ACTION])
		return -EINVAL;
	if (!d)
		return -E2BIG;
	d->seen = true;
	r->snapshot->n_events++;
	r->snapshot->stacks = r->snapshot->stacks || event.place;
	return device_add_event(d, &r->live, &event);
}

/* The newest of them is what the block is now; its frames are the history's. */
static int take_past(struct reading *r, struct pickle_value *dict, const struct fields *f)
{
	if (r->past_size < 0 && f->has[WORD_REAL_SIZE])
		r->past_size = size_in(f, WORD_REAL_SIZE);
	dict->number = f->of[WORD_FRAMES];
	return 0;
}

static int take_history(struct reading *r, struct pickle_value *list,
			const struct pickle_value *items, size_t n)
{
	(void)r;
	if (list->number == 0 && n > 0 && items[0].role == ROLE_PAST)
		list->number = items[0].number;
	return 0;
}

static int take_frames(struct reading *r, struct pickle_value *list,
		       const struct pickle_value *items, size_t n)
{
	struct places *places = &r->snapshot->places;
	for (size_t i = 0; i < n && !places_is_users(places, (uint32_t)list->number); i++) {
		if (items[i].kind != PICKLE_DICT || items[i].role != ROLE_FRAME ||
		    items[i].number == 0)
			continue;
		long place =
			places_outwards(places, (uint32_t)list->number, (uint32_t)items[i].number);
		if (place < 0)
			return (int)place;
		list->number = place;
	}
	return 0;
}

static int (*const dicts[N_ROLES])(struct reading *r, struct pickle_value *dict,
				   const struct fields *f) = {
	[ROLE_SEGMENT] = take_segment, [ROLE_BLOCK] = take_block, [ROLE_PAST] = take_past,
	[ROLE_EVENT] = take_event,     [ROLE_FRAME] = take_frame,
};

static int (*const lists[N_ROLES])(struct reading *r, struct pickle_value *list,
				   const struct pickle_value *items, size_t n) = {
	[ROLE_HISTORY] = take_history,
	[ROLE_FRAMES] = take_frames,
};

/* Of a dict that is told of, all items come at once: none has a thousand. */
static int take_items(void *context, struct pickle_value *container,
		      const struct pickle_value *items, size_t n)
{
	struct reading *r = context;
	struct fields fields;
	if (container->kind == PICKLE_LIST)
		return lists[container->role] ? lists[container->role](r, container, items, n) : 0;
	if (!dicts[container->role])
		return 0;
	if (container->filled)
		return -EPROTO;
	gather(&fields, items, n);
	return dicts[container->role](r, container, &fields);
}

/* ---- all of it ---- */

int snapshot_read(struct snapshot *snapshot, struct profile_input *input, growth_own own)
{
	static const struct pickle_use use = { role_of, text_of, take_items };
	struct reading r = { .snapshot = snapshot, .past_size = -1 };
	*snapshot = (struct snapshot){ 0 };
	int result = places_open(&snapshot->places, words, sizeof words / sizeof *words, own);
	if (result == 0)
		result = pickle_read(input, &use, &r, snapshot->why);
	if (result == 0 && !snapshot->is_one)
		result = -EINVAL;
	free(r.blocks);
	live_free(&r.live);
	return result;
}

void snapshot_free(struct snapshot *snapshot)
{
	places_close(&snapshot->places);
	for (size_t i = 0; i < SNAPSHOT_DEVICES; i++)
		device_free(&snapshot->devices[i]);
}
