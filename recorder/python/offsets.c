#include "recorder/python/offsets.h"

#include <errno.h>
#include <string.h>

static const struct offsets known[] = {
#include "recorder/python/offsets.inc"
};

const struct offsets *offsets_of(int version)
{
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].version == version)
			return &known[i];
	return NULL;
}

/* The words of _Py_DebugOffsets, by group; which place a group begins at depends on the version,
 * whose struct is in Include/internal/pycore_debug_offsets.h of its source (3.13:
 * pycore_runtime.h). It is as here from a
 * late beta or the first candidate of a version on. */
struct places {
	int version;
	unsigned since; /* the lowest 16 bits of PY_VERSION_HEX from which on it holds */
	int interpreter, thread, frame, code, object, type, bytes, text;
	int gil, gil_base, gil_locked, gil_holder; /* within the interpreter's */
	int thread_id, thread_native;              /* within the thread's */
	int frame_copy, code_copies;               /* within the frame's and the code's; 0: none */
	int text_wide;                             /* within the text's; 0: not told */
};

static const struct places places_of[] = {
	{ .version = 0x030d,
	  .since = 0x00c1,
	  .interpreter = 6,
	  .gil = 8,
	  .gil_base = 9,
	  .gil_locked = 11,
	  .gil_holder = 12,
	  .thread = 19,
	  .thread_id = 5,
	  .thread_native = 6,
	  .frame = 28,
	  .code = 34,
	  .object = 44,
	  .type = 46,
	  .bytes = 64,
	  .text = 67 },
	{ .version = 0x030e,
	  .since = 0x00b1,
	  .interpreter = 6,
	  .gil = 9,
	  .gil_base = 10,
	  .gil_locked = 12,
	  .gil_holder = 13,
	  .thread = 22,
	  .thread_id = 5,
	  .thread_native = 6,
	  .frame = 31,
	  .frame_copy = 7,
	  .code = 39,
	  .code_copies = 10,
	  .object = 50,
	  .type = 52,
	  .bytes = 74,
	  .text = 77 },
	{ .version = 0x030f,
	  .since = 0x00b4,
	  .interpreter = 6,
	  .gil = 9,
	  .gil_base = 10,
	  .gil_locked = 12,
	  .gil_holder = 13,
	  .thread = 22,
	  .thread_id = 8,
	  .thread_native = 9,
	  .frame = 39,
	  .frame_copy = 7,
	  .code = 47,
	  .code_copies = 10,
	  .object = 58,
	  .type = 60,
	  .bytes = 86,
	  .text = 89,
	  .text_wide = 4 },
};

static int sane(const uint64_t *words, int place, bool *bad)
{
	if (words[place] < 1 << 20)
		return (int)words[place];
	*bad = true;
	return 0;
}

static int take_words(struct offsets *o, const uint64_t *w, const struct places *p)
{
	bool bad = false;
	int gil_base = sane(w, p->interpreter + p->gil_base, &bad);
	*o = (struct offsets){
		.version = p->version,
		.runtime_head = sane(w, 5, &bad),
		.runtime_current = -1,
		.interpreter_next = sane(w, p->interpreter + 2, &bad),
		.interpreter_threads = sane(w, p->interpreter + 3, &bad),
		.interpreter_gil = sane(w, p->interpreter + p->gil, &bad),
		.gil_locked = sane(w, p->interpreter + p->gil_locked, &bad) - gil_base,
		.gil_holder = sane(w, p->interpreter + p->gil_holder, &bad) - gil_base,
		.thread_next = sane(w, p->thread + 2, &bad),
		.thread_interpreter = sane(w, p->thread + 3, &bad),
		.thread_frame = sane(w, p->thread + 4, &bad),
		.thread_id = sane(w, p->thread + p->thread_id, &bad),
		.thread_native = sane(w, p->thread + p->thread_native, &bad),
		.cframe_frame = -1,
		.frame_back = sane(w, p->frame + 1, &bad),
		.frame_code = sane(w, p->frame + 2, &bad),
		.frame_instruction = sane(w, p->frame + 3, &bad),
		.frame_owner = sane(w, p->frame + 5, &bad),
		.frame_copy = p->frame_copy ? sane(w, p->frame + p->frame_copy, &bad) : 0,
		.code_copies = p->code_copies ? sane(w, p->code + p->code_copies, &bad) : 0,
		.object_type = sane(w, p->object + 1, &bad),
		.type_name = sane(w, p->type + 1, &bad),
		.code_file = sane(w, p->code + 1, &bad),
		.code_name = sane(w, p->code + 2, &bad),
		.code_qualname = sane(w, p->code + 3, &bad),
		.code_lines = sane(w, p->code + 4, &bad),
		.code_first = sane(w, p->code + 5, &bad),
		.code_bytes = sane(w, p->code + 9, &bad),
		.bytes_size = sane(w, p->bytes + 1, &bad),
		.bytes_data = sane(w, p->bytes + 2, &bad),
		.text_state = sane(w, p->text + 1, &bad),
		.text_length = sane(w, p->text + 2, &bad),
		.text_ascii = sane(w, p->text + 3, &bad),
	};
	o->text_wide = p->text_wide
			       ? sane(w, p->text + p->text_wide, &bad)
			       : o->text_ascii + 16; /* PyCompactUnicodeObject: two more words */
	return bad ? -EINVAL : 0;
}

int offsets_take(struct offsets *o, const uint8_t told[OFFSETS_TOLD], bool *free_threaded)
{
	uint64_t words[OFFSETS_TOLD / 8];
	memcpy(words, told, OFFSETS_TOLD);
	*free_threaded = false;
	if (memcmp(told, "xdebugpy", 8) != 0)
		return -ENOENT;
	*o = (struct offsets){ .version = (int)(words[1] >> 16 & 0xffff) };
	*free_threaded = words[2] != 0;
	for (size_t i = 0; i < sizeof places_of / sizeof *places_of; i++)
		if (places_of[i].version == o->version && (words[1] & 0xffff) >= places_of[i].since)
			return take_words(o, words, &places_of[i]);
	return -ENOTSUP;
}

enum line_table offsets_line_table(const struct offsets *o)
{
	return o->version <= 0x0309   ? LINE_TABLE_LNOTAB
	       : o->version == 0x030a ? LINE_TABLE_LINES
				      : LINE_TABLE_POSITIONS;
}
