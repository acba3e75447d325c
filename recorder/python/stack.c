#include "recorder/python/stack.h"

#include <errno.h>
#include <string.h>

#include "recorder/python/remote.h"
#include "share/growth/origin.h"

enum {
	WINDOW = 4096,        /* read below a frame, where its callers are mostly found */
	FRAME = 128,          /* of a frame, what is looked at */
	INTERPRETERS_OWN = 3, /* owner, from here on: frames that C code enters with */
	MOST_STEPS = 65536,   /* frames … */
	MOST_READS = 16384,   /* … and calls of the kernel for them */
};

/* What is told of a stack of more than STACK_MOST frames: the same recursion is the same stack
 * then, however deep. */
enum { INNERMOST = 48, OUTERMOST = 48, OWN = 8 };

static char gap_file[] = STACK_GAP, gap_name[] = "...";
const struct code stack_gap = { .file = gap_file, .name = gap_name, .first = 1 };

struct frame {
	uint64_t at, code, instruction;
	int32_t copy;    /* of the bytecode, which the thread runs; 0: the code's own */
	uint32_t number; /* 0: the innermost */
};

/* The innermost frames, then, in a ring, the outermost of those that follow. */
struct frames {
	struct frame all[STACK_MOST];
	size_t n; /* that were met: number n - 1 is the last */
	struct frame own[OWN];
	size_t n_own;
	bool cut;
};

/* Memory around the frame that was read last. */
struct window {
	uint8_t bytes[WINDOW + FRAME];
	uint64_t low, high;
	int reads;
};

/* The frame at `at` and what lies below it in one call, though that may not be there. */
static const uint8_t *look_at(const struct runtime *r, struct window *w, uint64_t at)
{
	if (at >= w->low && at + FRAME <= w->high && at + FRAME > at)
		return w->bytes + WINDOW + FRAME - (w->high - at);
	if (at < WINDOW || at + FRAME < at || w->reads++ >= MOST_READS)
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
static uint64_t untagged(const struct offsets *o, uint64_t code)
{
	return o->version >= 0x030e ? code & ~(uint64_t)3 : code;
}

static uint64_t code_of(const struct offsets *o, const uint8_t *frame)
{
	return untagged(o, word_at(frame, o->frame_code, 8));
}

static struct frame take_frame(const struct offsets *o, const uint8_t *frame, uint64_t at,
			       size_t number)
{
	bool is_address = o->code_bytes >= 0;
	return (struct frame){
		.at = at,
		.code = code_of(o, frame),
		.instruction = word_at(frame, o->frame_instruction, is_address ? 8 : 4),
		.copy = o->frame_copy > 0 ? (int32_t)word_at(frame, o->frame_copy, 4) : 0,
		.number = (uint32_t)number,
	};
}

static bool is_interpreters_own(const struct offsets *o, const uint8_t *frame)
{
	return o->frame_owner >= 0 && (int8_t)word_at(frame, o->frame_owner, 1) >= INTERPRETERS_OWN;
}

/* The pointers that lead to the innermost frame: where each lies, and what it was. */
struct lead {
	uint64_t at[2], was[2];
	size_t n;
};

static int innermost(const struct runtime *r, uint64_t thread, struct lead *lead, uint64_t *frame)
{
	const struct offsets *o = &r->offsets;
	*lead = (struct lead){ .at = { thread + (unsigned)o->thread_frame } };
	if (!remote_read(r->pid, lead->at[0], frame, sizeof *frame))
		return -ESRCH;
	lead->was[lead->n++] = *frame;
	if (o->cframe_frame < 0)
		return 0;
	lead->at[1] = *frame + (unsigned)o->cframe_frame;
	if (!*frame || !remote_read(r->pid, lead->at[1], frame, sizeof *frame))
		return -ESRCH;
	lead->was[lead->n++] = *frame;
	return 0;
}

/* ---- which frames are told ---- */

static struct frame *place_of(struct frames *frames, size_t number)
{
	size_t ring = STACK_MOST - INNERMOST;
	return &frames->all[number < STACK_MOST ? number : INNERMOST + (number - INNERMOST) % ring];
}

static const struct code *find_code(const struct runtime *r, struct codes *codes, uint64_t at)
{
	uint8_t head[CODE_HEAD];
	uint64_t keys[CODE_KEYS];
	if (!remote_read(r->pid, at + (unsigned)code_head(&r->offsets), head, sizeof head))
		return NULL;
	code_keys(&r->offsets, head, keys);
	return codes_find(codes, r, at, keys);
}

/* What was found out of code objects while one stack was read: they are few, and met often. */
struct owners {
	struct {
		uint64_t code;
		bool is_users;
	} slots[64];
	int asked;
};

static bool is_users(const struct runtime *r, struct codes *codes, struct owners *owners,
		     uint64_t at)
{
	enum { MOST_ASKED = 1024 };
	size_t slot = (at >> 4) * 0x9e3779b97f4a7c15 >> 58;
	if (owners->slots[slot].code == at || owners->asked >= MOST_ASKED)
		return owners->slots[slot].code == at && owners->slots[slot].is_users;
	owners->asked++;
	const struct code *code = find_code(r, codes, at);
	owners->slots[slot].code = at;
	owners->slots[slot].is_users = code && origin_of(code->file) == ORIGIN_USERS;
	return owners->slots[slot].is_users;
}

struct walk {
	const struct runtime *runtime;
	struct codes *codes;
	struct frames *frames;
	struct window window;
	struct owners owners;
};

/* It will not be told unless it is the user's. */
static void leave_out(struct walk *w, const struct frame *frame)
{
	struct frames *frames = w->frames;
	if (frames->n_own < OWN && is_users(w->runtime, w->codes, &w->owners, frame->code))
		frames->own[frames->n_own++] = *frame;
}

static int walk(struct walk *w, uint64_t at)
{
	const struct offsets *o = &w->runtime->offsets;
	struct frames *frames = w->frames;
	for (int steps = 0; at && steps < MOST_STEPS; steps++) {
		const uint8_t *frame = look_at(w->runtime, &w->window, at);
		if (!frame && w->window.reads >= MOST_READS)
			break;
		if (!frame)
			return -EAGAIN;
		if (!is_interpreters_own(o, frame)) {
			struct frame *place = place_of(frames, frames->n);
			if (frames->n >= STACK_MOST)
				leave_out(w, place);
			*place = take_frame(o, frame, at, frames->n++);
		}
		at = word_at(frame, o->frame_back, 8);
	}
	frames->cut = at != 0;
	return 0;
}

/* Those that are told, side by side; how many. */
static size_t choose(struct walk *w, struct frame told[STACK_MOST])
{
	struct frames *frames = w->frames;
	size_t n = frames->n, n_told = 0;
	size_t inner = n > STACK_MOST ? INNERMOST : n;
	size_t outer = n > STACK_MOST ? n - OUTERMOST : n;
	for (size_t i = 0; i < inner; i++)
		told[n_told++] = frames->all[i];
	for (size_t i = n - (STACK_MOST - INNERMOST); i < outer && n > STACK_MOST; i++)
		leave_out(w, place_of(frames, i));
	for (size_t i = 0; i < frames->n_own; i++)
		told[n_told++] = frames->own[i];
	for (size_t i = outer; i < n; i++)
		told[n_told++] = *place_of(frames, i);
	return n_told;
}

/* ---- what they are ---- */

/* Where the bytecode of each lies that is run from a copy: a thread's own (co_tlbc, 3.14 and later
 * without a lock): a size, then a pointer for each. The others' is told as 0. */
static void find_copies(const struct runtime *r, const struct frame *frames, size_t n,
			uint64_t *bytes)
{
	const struct offsets *o = &r->offsets;
	for (size_t i = 0; i < n; i++) {
		uint64_t size = 0, copy = (uint32_t)frames[i].copy;
		bytes[i] = 0;
		if (o->code_copies <= 0 || frames[i].copy <= 0)
			continue;
		uint64_t copies = remote_pointer(r->pid, frames[i].code + (unsigned)o->code_copies);
		if (copies && remote_read(r->pid, copies, &size, sizeof size) && copy < size)
			bytes[i] = remote_pointer(r->pid, copies + 8 + 8 * copy);
	}
}

static int line_of(const struct runtime *r, const struct code *code, const struct frame *frame,
		   uint64_t copy)
{
	const struct offsets *o = &r->offsets;
	int64_t offset = (int32_t)frame->instruction;
	if (o->code_bytes >= 0)
		offset = (int64_t)(frame->instruction -
				   (copy ? copy : code->at + (unsigned)o->code_bytes));
	else if (o->version == 0x030a)
		offset *= 2; /* it counts instructions */
	return code_line(code, r, offset);
}

void stack_copy(struct stack *to, const struct stack *from)
{
	to->n = from->n;
	to->lost = from->lost;
	to->rests = from->rests;
	to->cut = from->cut;
	memcpy(to->places, from->places, from->n * sizeof *from->places);
}

/* PyCodeObject (cpython/code.h) has one after the other co_stacksize, co_firstlineno,
 * co_nlocalsplus and, from 3.12 on, the sum of all words. Before that it is taken: of a frame
 * itself
 * (_PyInterpreterFrame) there are nine. */
uint64_t stack_frame_bytes(const struct runtime *r, uint64_t code)
{
	enum { ITSELF = 9, MOST_WORDS = 1 << 17 };
	uint32_t sizes[4];
	const struct offsets *o = &r->offsets;
	uint64_t at = code + (uint64_t)o->code_first - sizeof *sizes;
	if (o->version < 0x030b || !code || !remote_read(r->pid, at, sizes, sizeof sizes))
		return 0;
	uint64_t sum = (uint64_t)sizes[0] + sizes[2] + ITSELF;
	uint64_t words = o->version < 0x030c ? sum : sizes[3];
	return words < MOST_WORDS ? words * 8 : 0;
}

bool stack_look(const struct runtime *r, uint64_t at, struct stack_frame *found)
{
	uint8_t bytes[FRAME];
	const struct offsets *o = &r->offsets;
	if (!remote_read(r->pid, at, bytes, sizeof bytes))
		return false;
	struct frame frame = take_frame(o, bytes, at, 0);
	*found = (struct stack_frame){ .code = frame.code,
				       .instruction = frame.instruction,
				       .back = word_at(bytes, o->frame_back, 8),
				       .is_own = is_interpreters_own(o, bytes),
				       .is_copy = frame.copy > 0 };
	return true;
}

int stack_line(const struct runtime *r, const struct code *code, const struct stack_frame *frame)
{
	struct frame as = { .instruction = frame->instruction };
	return frame->is_copy ? code->first : line_of(r, code, &as, 0);
}

enum { CHECKED = 16, HEADS = STACK_MOST + 2 * CHECKED + 2 };

/* What is read once more, all in one call. */
struct again {
	uint64_t innermost; /* frame; 0: it is not known */
	size_t checked;
	uint8_t (*codes)[CODE_HEAD], (*instructions)[CODE_HEAD];
};

static bool has_moved(const struct runtime *r, const struct frame *frames,
		      const struct again *again, size_t i)
{
	uint64_t code;
	memcpy(&code, again->codes[i], sizeof code);
	return untagged(&r->offsets, code) != frames[i].code ||
	       (i > 0 && memcmp(again->instructions[i], &frames[i].instruction,
				r->offsets.code_bytes >= 0 ? 8 : 4) != 0);
}

/* How many of the innermost had ended when they were read, or have since: where calls are short, a
 * frame that has ended may have been taken for one that runs, and its callers have gone on, or
 * others have taken their place. Who has called somebody stands where it did until that has ended;
 * and from 3.11 on, frames lie one behind the other. */
static size_t count_ended(const struct runtime *r, const struct frame *frames, size_t n,
			  const struct again *again)
{
	size_t ended = 0;
	if (again->innermost != frames[0].at) {
		while (ended < n && frames[ended].at != again->innermost)
			ended++;
		for (size_t i = 0; ended == n && r->offsets.version >= 0x030b && i < n; i++)
			if (frames[i].at < again->innermost)
				ended = i;
		ended = ended < n ? ended : 1;
	}
	for (size_t i = ended; i < again->checked; i++)
		if (has_moved(r, frames, again, i) && i > ended)
			ended = i;
	return ended;
}

/* The heads of the frames' code objects, and in the same call what has become of the frames: how
 * many of the innermost have ended. */
static size_t read_heads(const struct runtime *r, const struct frame *frames, size_t n,
			 const struct lead *lead, uint8_t heads[STACK_MOST][CODE_HEAD])
{
	uint64_t at[HEADS];
	uint8_t pieces[HEADS][CODE_HEAD];
	const struct offsets *o = &r->offsets;
	size_t checked = n < CHECKED ? n : CHECKED, first = lead->n + 2 * checked;
	struct again again = { 0, checked, &pieces[lead->n], &pieces[lead->n + checked] };
	memcpy(at, lead->at, lead->n * sizeof *at);
	for (size_t i = 0; i < checked; i++) {
		at[lead->n + i] = frames[i].at + (unsigned)o->frame_code;
		at[lead->n + checked + i] = frames[i].at + (unsigned)o->frame_instruction;
	}
	for (size_t i = 0; i < n; i++)
		at[first + i] = frames[i].code + (unsigned)code_head(o);
	remote_gather(r->pid, at, first + n, CODE_HEAD, pieces);
	memcpy(heads, pieces[first], n * sizeof *heads);
	if (lead->n == 1 || memcmp(pieces[0], &lead->was[0], sizeof lead->was[0]) == 0)
		memcpy(&again.innermost, pieces[lead->n - 1], sizeof again.innermost);
	return count_ended(r, frames, n, &again);
}

/* What has no file is no code of anybody's: frames of the interpreter, half-made frames. */
static void name_places(const struct runtime *r, struct codes *codes, const struct frame *frames,
			size_t n, uint8_t heads[STACK_MOST][CODE_HEAD], struct stack *stack)
{
	uint64_t copies[STACK_MOST], keys[CODE_KEYS];
	find_copies(r, frames, n, copies);
	stack->n = 0;
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && frames[i].number != frames[i - 1].number + 1)
			stack->places[stack->n++] = (struct place){ &stack_gap, 0, 0 };
		code_keys(&r->offsets, heads[i], keys);
		const struct code *code = codes_find(codes, r, frames[i].code, keys);
		if (code && strcmp(code->file, "<shim>") != 0)
			stack->places[stack->n++] =
				(struct place){ code, line_of(r, code, &frames[i], copies[i]),
						frames[i].at };
	}
}

int stack_read(const struct runtime *r, struct codes *codes, uint64_t thread, struct stack *stack)
{
	struct frames frames = { .n = 0 };
	struct frame told[STACK_MOST];
	struct walk way = { .runtime = r, .codes = codes, .frames = &frames };
	stack->n = 0;
	struct lead lead;
	uint8_t heads[STACK_MOST][CODE_HEAD];
	uint64_t frame;
	int e = innermost(r, thread, &lead, &frame);
	if (e == 0 && frame)
		e = walk(&way, frame);
	if (e < 0 || !frame)
		return e;
	size_t n = choose(&way, told);
	size_t ended = n > 0 ? read_heads(r, told, n, &lead, heads) : 0;
	name_places(r, codes, told + ended, n - ended, heads + ended, stack);
	stack->cut = frames.cut;
	if (ended > 0)
		return -EAGAIN;
	return stack->n > 0 ? 0 : -ESRCH;
}
