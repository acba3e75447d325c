#include "recorder/heap/preload/python_places.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "recorder/heap/preload/place.h"
#include "recorder/heap/preload/python_api.h"
#include "recorder/heap/preload/python_frames.h"
#include "recorder/python/characters.h"
#include "recorder/python/line_table.h"

enum {
	SLOTS = 4096,
	LONGEST_TEXT = 1024,     /* characters */
	LONGEST_TABLE = 4 << 20, /* bytes; of a longer one the first line is told */
};

/* An instruction that was met. A code object's address is given out anew, so that the pointers that
 * it holds must be the same as well: its file, its name, its qualified name or 0, its lines. */
struct known {
	uint64_t code, keys[4];
	int64_t offset;
	uint32_t place;
};

/* One thread at a time, though that is so of most Pythons anyhow. */
static atomic_flag busy = ATOMIC_FLAG_INIT;
static struct known slots[SLOTS];
static char path[LONGEST_TEXT * CHARACTERS_WIDEST + 1], name[LONGEST_TEXT * CHARACTERS_WIDEST + 1];

void python_places_forked(void)
{
	atomic_flag_clear(&busy);
}

static uint64_t word_at(uint64_t at, int offset)
{
	uint64_t value;
	memcpy(&value, (const void *)(uintptr_t)(at + (unsigned)offset), sizeof value);
	return value;
}

/* A str, or the beginning of a very long one. */
static void take_text(const struct offsets *o, uint64_t at, char *text)
{
	struct characters shape;
	strcpy(text, "<unnamed>");
	int64_t length = at ? (int64_t)word_at(at, o->text_length) : 0;
	if (length <= 0 || !characters_shape((uint32_t)word_at(at, o->text_state), &shape))
		return;
	uint64_t from = shape.compact ? at + (unsigned)(shape.ascii ? o->text_ascii : o->text_wide)
				      : word_at(at, o->text_wide);
	size_t n = length < LONGEST_TEXT ? (size_t)length : LONGEST_TEXT;
	if (from)
		characters_to_utf8(text, (const uint8_t *)(uintptr_t)from, n, shape.width);
}

static int line_of(const struct offsets *o, const struct known *one)
{
	int32_t first = (int32_t)word_at(one->code, o->code_first);
	int64_t size = (int64_t)word_at(one->keys[3], o->bytes_size);
	const uint8_t *table = (const uint8_t *)(uintptr_t)one->keys[3] + o->bytes_data;
	int line = 0;
	if (size > 0 && size <= LONGEST_TABLE)
		line = line_table_find(offsets_line_table(o), table, (size_t)size, first,
				       one->offset);
	return line > 0 ? line : first > 0 ? first : 1;
}

static uint32_t find(const struct offsets *o, const struct python_frame *frame)
{
	struct known one = { .code = frame->code, .offset = frame->offset };
	one.keys[0] = word_at(frame->code, o->code_file);
	one.keys[1] = word_at(frame->code, o->code_name);
	one.keys[2] = o->code_qualname >= 0 ? word_at(frame->code, o->code_qualname) : 0;
	one.keys[3] = word_at(frame->code, o->code_lines);
	if (!one.keys[0] || !one.keys[1] || !one.keys[3])
		return 0;
	uint64_t hash = ((frame->code >> 4) + (uint64_t)frame->offset) * 0x9e3779b97f4a7c15;
	struct known *slot = &slots[hash >> 52];
	if (slot->place && slot->code == one.code && slot->offset == one.offset &&
	    memcmp(slot->keys, one.keys, sizeof one.keys) == 0)
		return slot->place;
	take_text(o, one.keys[0], path);
	take_text(o, one.keys[2] ? one.keys[2] : one.keys[1], name);
	one.place = place_of_python(path, name, line_of(o, &one));
	*slot = one;
	return one.place;
}

size_t python_places(uint32_t places[PYTHON_PLACES])
{
	struct python_frames frames;
	const struct offsets *o = python_offsets();
	size_t n = 0;
	if (!o || !python_frames_read(&frames))
		return 0;
	while (atomic_flag_test_and_set_explicit(&busy, memory_order_acquire))
		sched_yield();
	for (size_t i = 0; i < frames.n; i++) {
		if (i == PYTHON_INNERMOST && frames.left_out > 0)
			places[n++] = PYTHON_LEFT_OUT;
		uint32_t place = find(o, &frames.all[i]);
		if (place)
			places[n++] = place;
	}
	atomic_flag_clear_explicit(&busy, memory_order_release);
	return n;
}
