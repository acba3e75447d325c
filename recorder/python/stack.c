#include "recorder/python/stack.h"

#include <errno.h>
#include <string.h>

#include "recorder/python/remote.h"

enum {
	WINDOW = 4096,         /* read below a frame, where its callers are mostly found */
	FRAME = 128,           /* of a frame, what is looked at */
	INTERPRETERS_OWN = 3,  /* owner, from here on: frames that C code enters with */
	MOST_TABLES = 4 << 20, /* bytes of line tables gone through for one stack */
};

struct frames {
	uint64_t at[STACK_MOST], code[STACK_MOST], instruction[STACK_MOST];
	size_t n;
	bool cut;
};

/* Memory around the frame that was read last. */
struct window {
	uint8_t bytes[WINDOW + FRAME];
	uint64_t low, high;
};

/* The frame at `at` and what lies below it in one call, though that may not be there. */
static const uint8_t *look_at(const struct runtime *r, struct window *w, uint64_t at)
{
	if (at >= w->low && at + FRAME <= w->high && at + FRAME > at)
		return w->bytes + WINDOW + FRAME - (w->high - at);
	if (at < WINDOW || at + FRAME < at)
		return NULL;
	struct iovec here[] = { { w->bytes + WINDOW, FRAME }, { w->bytes, WINDOW } };
	struct iovec there[] = { { (void *)(uintptr_t)at, FRAME },
				 { (void *)(uintptr_t)(at - WINDOW), WINDOW } };
	ssize_t n = remote_pieces(r->pid, here, 2, there, 2);
	if (n < FRAME)
		return NULL;
	w->low = n == WINDOW + FRAME ? at - WINDOW : at;
	w->high = at + FRAME;
	return w->bytes + WINDOW;
}

static uint64_t word_at(const uint8_t *frame, int offset, size_t size)
{
	uint64_t value = 0;
	if (offset >= 0 && offset + (int)size <= FRAME)
		memcpy(&value, frame + offset, size);
	return value;
}

/* From 3.14 on, the lowest bits of the pointer are tags. */
static uint64_t code_of(const struct offsets *o, const uint8_t *frame)
{
	uint64_t code = word_at(frame, o->frame_code, 8);
	return o->version >= 0x030e ? code & ~(uint64_t)3 : code;
}

static bool is_interpreters_own(const struct offsets *o, const uint8_t *frame)
{
	return o->frame_owner >= 0 && (int8_t)word_at(frame, o->frame_owner, 1) >= INTERPRETERS_OWN;
}

static uint64_t innermost(const struct runtime *r, uint64_t thread)
{
	const struct offsets *o = &r->offsets;
	uint64_t frame = remote_pointer(r->pid, thread + (unsigned)o->thread_frame);
	if (frame && o->cframe_frame >= 0)
		frame = remote_pointer(r->pid, frame + (unsigned)o->cframe_frame);
	return frame;
}

static int walk(const struct runtime *r, uint64_t at, struct frames *frames)
{
	enum { MOST_STEPS = 2 * STACK_MOST };
	const struct offsets *o = &r->offsets;
	struct window window = { .low = 0 };
	frames->n = 0;
	for (int steps = 0; at && steps < MOST_STEPS && frames->n < STACK_MOST; steps++) {
		const uint8_t *frame = look_at(r, &window, at);
		if (!frame)
			return -EAGAIN;
		if (!is_interpreters_own(o, frame)) {
			frames->at[frames->n] = at;
			frames->code[frames->n] = code_of(o, frame);
			frames->instruction[frames->n++] =
				word_at(frame, o->frame_instruction, o->code_bytes >= 0 ? 8 : 4);
		}
		at = word_at(frame, o->frame_back, 8);
	}
	frames->cut = at != 0;
	return 0;
}

bool stack_look(const struct runtime *r, uint64_t at, struct stack_frame *found)
{
	uint8_t frame[FRAME];
	const struct offsets *o = &r->offsets;
	if (!remote_read(r->pid, at, frame, sizeof frame))
		return false;
	found->code = code_of(o, frame);
	found->instruction = word_at(frame, o->frame_instruction, o->code_bytes >= 0 ? 8 : 4);
	found->back = word_at(frame, o->frame_back, 8);
	found->is_own = is_interpreters_own(o, frame);
	return true;
}

int stack_line(const struct runtime *r, const struct code *code, uint64_t instruction)
{
	const struct offsets *o = &r->offsets;
	int64_t offset = (int32_t)instruction;
	if (o->code_bytes >= 0)
		offset = (int64_t)(instruction - code->at - (unsigned)o->code_bytes);
	else if (o->version == 0x030a)
		offset *= 2; /* it counts instructions */
	return line_table_find(offsets_line_table(o), code->table, code->size, code->first, offset);
}

/* What has no file is no code of anybody's: frames of the interpreter, half-made frames. */
static void name_places(const struct runtime *r, struct codes *codes, const struct frames *frames,
			struct stack *stack)
{
	uint8_t heads[STACK_MOST][CODE_HEAD];
	uint64_t at[STACK_MOST], keys[CODE_KEYS];
	for (size_t i = 0; i < frames->n; i++)
		at[i] = frames->code[i] + (unsigned)code_head(&r->offsets);
	remote_gather(r->pid, at, frames->n, CODE_HEAD, heads);
	stack->n = 0;
	size_t work = 0;
	for (size_t i = 0; i < frames->n; i++) {
		code_keys(&r->offsets, heads[i], keys);
		const struct code *code = codes_find(codes, r, frames->code[i], keys);
		if (!code || strcmp(code->file, "<shim>") == 0)
			continue;
		work += code->size;
		bool cheap = work <= MOST_TABLES;
		stack->places[stack->n++] = (struct place){
			code, cheap ? stack_line(r, code, frames->instruction[i]) : 0, frames->at[i]
		};
	}
}

/* Is the thread still where it was? */
static bool stands(const struct runtime *r, uint64_t thread, uint64_t frame)
{
	return innermost(r, thread) == frame;
}

int stack_read(const struct runtime *r, struct codes *codes, uint64_t thread, struct stack *stack)
{
	struct frames frames;
	stack->n = 0;
	uint64_t frame = innermost(r, thread);
	if (!frame)
		return -ESRCH;
	int e = walk(r, frame, &frames);
	if (e < 0)
		return e;
	name_places(r, codes, &frames, stack);
	stack->cut = frames.cut;
	if (stack->n == 0)
		return -ESRCH;
	return stands(r, thread, frame) ? 0 : -EAGAIN;
}
