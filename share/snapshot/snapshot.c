#include "share/snapshot/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"
#include "share/profile/sum.h"
#include "share/snapshot/layout.h"

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
	enum role role = layout_role(kind, place);
	if (role == ROLE_SEGMENTS && !place->top)
		r->snapshot->is_one = true;
	if (role == ROLE_TRACE) {
		r->n_traces++;
		live_clear(&r->live);
	}
	return (int)role;
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
	[WORD_EXPANDABLE] = { PICKLE_NUMBER, ROLE_NONE },
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

static int take_settings(struct reading *r, struct pickle_value *dict, const struct fields *f)
{
	(void)dict;
	r->snapshot->expandable = f->of[WORD_EXPANDABLE] != 0;
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
	[ROLE_EVENT] = take_event,     [ROLE_FRAME] = take_frame, [ROLE_SETTINGS] = take_settings,
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
	int result = places_open(&snapshot->places, layout_words, N_WORDS - 1, own);
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
