#include "recorder/heap/preload/python_frames.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "recorder/heap/preload/python_api.h"

enum {
	INTERPRETERS_OWN = 3, /* owner, from here on: frames that C code enters with */
	MOST_STEPS = 65536,
	FRAME = 128,
	DOUBTS = 16, /* stacks that did not hold together until none is read any more */
};

/* ---- reading ---- */

static uint64_t word_at(uint64_t at, int offset)
{
	uint64_t value;
	memcpy(&value, (const void *)(uintptr_t)(at + (uint64_t)offset), sizeof value);
	return value;
}

/* By the kernel, which tells of what is not there. 1, 0: it is not, or -errno. */
static int read_safely(uint64_t at, void *out, size_t n)
{
	struct iovec here = { out, n }, there = { (void *)(uintptr_t)at, n };
	ssize_t got = process_vm_readv(getpid(), &here, 1, &there, 1, 0);
	return got == (ssize_t)n ? 1 : got >= 0 || errno == EFAULT ? 0 : -errno;
}

/* ---- the thread ---- */

static bool is_of_this_thread(const struct offsets *o, uint64_t thread)
{
	uint64_t id = 0;
	return read_safely(thread + (unsigned)o->thread_id, &id, sizeof id) == 1 &&
	       id == (uint64_t)pthread_self();
}

/* Its state. One that does not hold the lock has the frames that wait for it, which nobody else
 * changes; at the interpreter's end its state may be gone already. Before 3.12 the current thread's
 * may be any other's, and must not be looked into; where it is this one's, and not the first of it,
 * it is one in another interpreter. */
static uint64_t find_thread(const struct offsets *o)
{
	uint64_t current = (uintptr_t)python_api.current_thread();
	if (current && o->version >= 0x030c)
		return current;
	uint64_t own = (uintptr_t)python_api.own_thread();
	if (!own || own == current)
		return own;
	if (current && is_of_this_thread(o, current))
		return current;
	return python_api.finalizing && python_api.finalizing() ? 0 : own;
}

static uint64_t innermost(const struct offsets *o, uint64_t thread)
{
	uint64_t frame = word_at(thread, o->thread_frame);
	return frame && o->cframe_frame >= 0 ? word_at(frame, o->cframe_frame) : frame;
}

/* ---- one frame ---- */

/* From 3.14 on, the lowest bits of the pointer are tags. */
static uint64_t code_of(const struct offsets *o, uint64_t word)
{
	return o->version >= 0x030e ? word & ~(uint64_t)3 : word;
}

static bool is_interpreters_own(const struct offsets *o, uint64_t frame)
{
	return o->frame_owner >= 0 &&
	       *(const int8_t *)(uintptr_t)(frame + (unsigned)o->frame_owner) >= INTERPRETERS_OWN;
}

/* One that is being taken down has no references left, and texts that may be gone. */
static bool is_code(const struct offsets *o, uint64_t code)
{
	return code && code % 8 == 0 &&
	       word_at(code, o->object_type) == (uint64_t)(uintptr_t)python_api.code_type &&
	       (python_free_threaded() || (uint32_t)word_at(code, 0) != 0);
}

/* Where the bytecode lies that the thread runs: its own copy, where threads run without a lock
 * (co_tlbc, 3.14): a size, then a pointer for each. */
static uint64_t bytecode(const struct offsets *o, uint64_t frame, uint64_t code)
{
	uint64_t copies = 0;
	int32_t copy = 0;
	if (o->frame_copy > 0 && o->code_copies > 0) {
		copy = (int32_t)word_at(frame, o->frame_copy);
		copies = word_at(code, o->code_copies);
	}
	if (copies && copy > 0 && (uint64_t)copy < word_at(copies, 0))
		return word_at(copies, 8 + 8 * copy);
	return code + (unsigned)o->code_bytes;
}

static int64_t offset_in(const struct offsets *o, uint64_t frame, uint64_t code)
{
	uint64_t instruction = word_at(frame, o->frame_instruction);
	if (o->code_bytes >= 0)
		return (int64_t)(instruction - bytecode(o, frame, code));
	int64_t offset = (int32_t)instruction;
	return o->version == 0x030a ? offset * 2 : offset; /* 3.10 counts instructions */
}

/* ---- whether they are what they should be ---- */

static atomic_int proven; /* 1: a stack was; 0 and below: so many were not */

/* As it is met for the first time: nothing is believed that leads anywhere. */
static int prove(const struct offsets *o, uint64_t thread)
{
	uint8_t bytes[FRAME];
	uint64_t frame = 0, code, type;
	int r = read_safely(thread + (unsigned)o->thread_frame, &frame, sizeof frame);
	if (r == 1 && frame && o->cframe_frame >= 0)
		r = read_safely(frame + (unsigned)o->cframe_frame, &frame, sizeof frame);
	int n = 0;
	while (r == 1 && frame && n++ < PYTHON_INNERMOST) {
		r = read_safely(frame, bytes, sizeof bytes);
		memcpy(&code, bytes + o->frame_code, sizeof code);
		code = code_of(o, code);
		bool own = o->frame_owner >= 0 && (int8_t)bytes[o->frame_owner] >= INTERPRETERS_OWN;
		if (r == 1 && !own) {
			r = read_safely(code + (unsigned)o->object_type, &type, sizeof type);
			r = r == 1 ? type == (uint64_t)(uintptr_t)python_api.code_type : r;
		}
		memcpy(&frame, bytes + o->frame_back, sizeof frame);
	}
	return r == 1 && n == 0 ? -EAGAIN : r;
}

/* Where the kernel does not let us ask, they are believed: what the type of code is has been seen.
 */
static bool is_proven(const struct offsets *o, uint64_t thread)
{
	int now = atomic_load_explicit(&proven, memory_order_relaxed);
	if (now == 1 || now <= -DOUBTS)
		return now == 1;
	int r = prove(o, thread);
	if (r == -EAGAIN)
		return false;
	bool holds = r != 0;
	atomic_store_explicit(&proven, holds ? 1 : now - 1, memory_order_relaxed);
	return holds;
}

bool python_frames_refused(void)
{
	return python_version() && (!python_offsets() || atomic_load(&proven) <= -DOUBTS);
}

/* ---- all of them ---- */

static void add(struct python_frames *frames, size_t number, const struct python_frame *frame)
{
	size_t at = number;
	if (number >= PYTHON_INNERMOST)
		at = PYTHON_INNERMOST + (number - PYTHON_INNERMOST) % PYTHON_OUTERMOST;
	frames->all[at] = *frame;
}

/* The outermost lie in a ring. */
static void set_right(struct python_frames *frames, size_t n)
{
	struct python_frame ring[PYTHON_OUTERMOST];
	enum { ALL = PYTHON_INNERMOST + PYTHON_OUTERMOST };
	frames->n = n < ALL ? n : ALL;
	frames->left_out = n - frames->n;
	if (n <= ALL)
		return;
	memcpy(ring, frames->all + PYTHON_INNERMOST, sizeof ring);
	for (size_t i = 0; i < PYTHON_OUTERMOST; i++)
		frames->all[PYTHON_INNERMOST + i] =
			ring[(n - PYTHON_INNERMOST + i) % PYTHON_OUTERMOST];
}

bool python_frames_read(struct python_frames *frames)
{
	const struct offsets *o = python_offsets();
	int before = errno;
	uint64_t thread = o ? find_thread(o) : 0;
	size_t n = 0;
	bool held = thread && is_proven(o, thread);
	errno = before;
	uint64_t at = held ? innermost(o, thread) : 0;
	for (int steps = 0; at && steps < MOST_STEPS; steps++) {
		if (!is_interpreters_own(o, at)) {
			uint64_t code = code_of(o, word_at(at, o->frame_code));
			if (is_code(o, code))
				add(frames, n++,
				    &(struct python_frame){ code, offset_in(o, at, code) });
		}
		at = word_at(at, o->frame_back);
	}
	set_right(frames, n);
	return n > 0;
}
