/* Stacks of interpreters that are not at hand: 3.14, 3.15 and those without a lock, made up in our
 * own memory after what they tell of themselves. */
#include "recorder/python/stack.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/check.h"

enum { FRAMES = 4000, OBJECTS = 8, STATEMENTS = 64 };

struct text {
	int64_t length;
	uint32_t state;
	char characters[20];
};

struct type {
	uint64_t filler[3];
	const char *name;
};

struct copies {
	int64_t n;
	const uint8_t *copies[2];
};

struct code_object {
	uint64_t filler;
	const struct type *type;
	const struct text *file, *name, *qualname;
	const void *lines;
	const struct copies *copies;
	int first;
	uint8_t bytes[STATEMENTS * 2];
};

struct frame_object {
	uint64_t code;
	const struct frame_object *back;
	const uint8_t *instruction;
	int32_t copy;
	int8_t owner;
};

struct gil {
	uint64_t locked;
	const void *holder;
};

struct thread {
	const struct thread *next;
	const struct frame_object *frame;
	uint64_t native;
};

struct interpreter {
	const struct interpreter *next;
	const struct thread *threads;
	const struct gil *gil;
};

static struct state {
	uint64_t told[OFFSETS_TOLD / 8];
	const struct interpreter *head;
} state;

static const struct type code_type = { .name = "code" };
static struct frame_object frames[FRAMES];
static struct code_object objects[OBJECTS];
static struct text files[OBJECTS], names[OBJECTS];
static uint8_t copied[STATEMENTS * 2];
static const struct copies copies = { 2, { NULL, copied } };
static struct {
	int64_t size;
	uint8_t lines[STATEMENTS * 3];
} lines;

/* Which words of _Py_DebugOffsets are looked at, by version. */
struct layout {
	int version, interpreter, gil, thread, native, frame, code, type, bytes, text;
};

static const struct layout layouts[] = {
	{ 0x030d, 6, 8, 19, 6, 28, 34, 46, 64, 67 },
	{ 0x030e, 6, 9, 22, 6, 31, 39, 52, 74, 77 },
	{ 0x030f, 6, 9, 22, 9, 39, 47, 60, 86, 89 },
};

static void tell(const struct layout *l, bool free_threaded)
{
	uint64_t *w = state.told;
	memset(w, 0, sizeof state.told);
	memcpy(w, "xdebugpy", 8);
	w[1] = (uint64_t)l->version << 16 | 0xf0;
	w[2] = free_threaded;
	w[5] = offsetof(struct state, head);
	w[l->interpreter + 2] = offsetof(struct interpreter, next);
	w[l->interpreter + 3] = offsetof(struct interpreter, threads);
	w[l->interpreter + l->gil] = offsetof(struct interpreter, gil);
	w[l->interpreter + l->gil + 3] = offsetof(struct gil, locked);
	w[l->interpreter + l->gil + 4] = offsetof(struct gil, holder);
	w[l->thread + 2] = offsetof(struct thread, next);
	w[l->thread + 4] = offsetof(struct thread, frame);
	w[l->thread + l->native] = offsetof(struct thread, native);
	w[l->frame + 1] = offsetof(struct frame_object, back);
	w[l->frame + 2] = offsetof(struct frame_object, code);
	w[l->frame + 3] = offsetof(struct frame_object, instruction);
	w[l->frame + 5] = offsetof(struct frame_object, owner);
	w[l->code + 1] = offsetof(struct code_object, file);
	w[l->code + 2] = offsetof(struct code_object, name);
	w[l->code + 3] = offsetof(struct code_object, qualname);
	w[l->code + 4] = offsetof(struct code_object, lines);
	w[l->code + 5] = offsetof(struct code_object, first);
	w[l->code + 9] = offsetof(struct code_object, bytes);
	w[l->type - 1] = offsetof(struct code_object, type);
	w[l->type + 1] = offsetof(struct type, name);
	w[l->bytes + 2] = 8;
	w[l->text + 1] = offsetof(struct text, state);
	w[l->text + 3] = offsetof(struct text, characters);
	if (l->version >= 0x030f)
		w[l->text + 4] = offsetof(struct text, characters);
	if (free_threaded && l->version >= 0x030e) {
		w[l->frame + 7] = offsetof(struct frame_object, copy);
		w[l->code + 10] = offsetof(struct code_object, copies);
	}
}

static void write_text(struct text *text, const char *words, bool free_threaded)
{
	unsigned place = free_threaded ? 8 : 2;
	text->length = snprintf(text->characters, sizeof text->characters, "%s", words);
	text->state = (1u | 1u << 3 | 1u << 4) << place;
}

/* Code objects are files' by turns, each with a statement in every line from 10 on; frame 0 calls
 * frame 1, and so on. */
static void make_up(const struct layout *l, bool free_threaded)
{
	tell(l, free_threaded);
	lines.size = sizeof lines.lines;
	for (int i = 0; i < STATEMENTS; i++) /* kind 11: a line on, 2 bytes of code, columns */
		memcpy(lines.lines + i * 3, (uint8_t[]){ 0xd8, 0, 9 }, 3);
	for (int i = 0; i < OBJECTS; i++) {
		char words[20];
		snprintf(words, sizeof words, i < 2 ? "own%d.py" : "/lib/python3/%d.py", i);
		write_text(&files[i], words, free_threaded);
		snprintf(words, sizeof words, "f%d", i);
		write_text(&names[i], words, free_threaded);
		objects[i] = (struct code_object){ .type = &code_type,
						   .file = &files[i],
						   .name = &names[i],
						   .qualname = &names[i],
						   .lines = &lines,
						   .copies = &copies,
						   .first = 9 };
	}
}

static void set_frame(int i, const struct code_object *object, int statement, int copy)
{
	frames[i] = (struct frame_object){
		.code = (uint64_t)(uintptr_t)object,
		.back = i > 0 ? &frames[i - 1] : NULL,
		.instruction = (copy ? copied : object->bytes) + statement * 2,
		.copy = copy,
	};
}

static struct runtime take_runtime(void)
{
	struct runtime r = { .pid = getpid(), .at = (uint64_t)(uintptr_t)&state };
	CHECK_INT(offsets_take(&r.offsets, (const uint8_t *)state.told, &r.free_threaded), 0);
	return r;
}

static void check_place(const struct stack *stack, size_t i, const char *file, int line)
{
	CHECK_STR(i < stack->n ? stack->places[i].code->file : "", file);
	CHECK_INT(i < stack->n ? stack->places[i].line : 0, line);
}

static void check_layout(const struct layout *l, bool free_threaded)
{
	static struct stack stack;
	struct codes codes = { 0 };
	uint64_t found[4];
	make_up(l, free_threaded);
	bool tagged = l->version >= 0x030e;
	set_frame(0, &objects[0], 4, 0);
	set_frame(1, &objects[2], 5, 0);
	frames[1].owner = 3; /* the interpreter's own */
	set_frame(2, &objects[3], 6, free_threaded && tagged);
	frames[2].code |= tagged;
	const struct thread threads[] = { { &threads[1], &frames[2], 71 }, { NULL, NULL, 70 } };
	const struct gil gil = { !free_threaded, &threads[1] };
	const struct interpreter interpreter = { NULL, threads, &gil };
	state.head = &interpreter;
	struct runtime r = take_runtime();
	CHECK(r.free_threaded == free_threaded);
	CHECK_INT(runtime_threads(&r, found, 4), 2);
	CHECK_INT(runtime_thread_number(&r, found[0]), 71);
	CHECK(runtime_holder(&r) == (free_threaded ? 0 : found[1]));
	CHECK_INT(stack_read(&r, &codes, found[0], &stack), 0);
	CHECK_INT(stack.n, 2);
	check_place(&stack, 0, "/lib/python3/3.py", 16);
	check_place(&stack, 1, "own0.py", 14);
	codes_free(&codes);
}

static void versions_that_are_not_here(void)
{
	for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
		check_layout(&layouts[i], false);
		check_layout(&layouts[i], true);
	}
}

/* Whoever holds a lock of an interpreter's own is not the only one that may grow. */
static void locks_of_several_interpreters(void)
{
	make_up(&layouts[1], false);
	const struct thread threads[] = { { NULL, NULL, 1 }, { NULL, NULL, 2 } };
	struct gil gils[] = { { 1, &threads[0] }, { 1, &threads[1] } };
	const struct interpreter interpreters[] = { { &interpreters[1], &threads[0], &gils[0] },
						    { NULL, &threads[1], &gils[1] } };
	state.head = interpreters;
	struct runtime r = take_runtime();
	uint64_t found[4];
	CHECK_INT(runtime_threads(&r, found, 4), 2);
	CHECK_INT(runtime_holder(&r), 0);
	gils[0].locked = 0;
	CHECK(runtime_holder(&r) == (uint64_t)(uintptr_t)&threads[1]);
	gils[1].locked = 0;
	CHECK_INT(runtime_holder(&r), 0);
}

/* The user's own begin, then thousands of calls of a library, among them one of the user's. */
static void a_stack_of_thousands(void)
{
	static struct stack stack;
	struct codes codes = { 0 };
	make_up(&layouts[0], false);
	for (int i = 0; i < FRAMES; i++)
		set_frame(i, &objects[i < 2 ? 0 : 2 + i % 6], i % STATEMENTS, 0);
	set_frame(2000, &objects[1], 7, 0);
	const struct thread thread = { NULL, &frames[FRAMES - 1], 1 };
	const struct interpreter interpreter = { NULL, &thread, NULL };
	state.head = &interpreter;
	struct runtime r = take_runtime();
	CHECK_INT(stack_read(&r, &codes, (uint64_t)(uintptr_t)&thread, &stack), 0);
	CHECK(!stack.cut && stack.n > 90 && stack.n < STACK_MOST);
	check_place(&stack, 0, "/lib/python3/5.py", (FRAMES - 1) % STATEMENTS + 10);
	check_place(&stack, stack.n - 1, "own0.py", 10);
	size_t gaps = 0, own = 0;
	for (size_t i = 0; i < stack.n; i++) {
		gaps += stack.places[i].code == &stack_gap;
		own += strcmp(stack.places[i].code->file, "own1.py") == 0;
		CHECK(stack.places[i].line > 0 || stack.places[i].code == &stack_gap);
	}
	CHECK_INT(gaps, 2);
	CHECK_INT(own, 1);
	frames[0].back = &frames[FRAMES - 1]; /* without an end */
	CHECK_INT(stack_read(&r, &codes, (uint64_t)(uintptr_t)&thread, &stack), 0);
	CHECK(stack.cut && stack.n < STACK_MOST);
	codes_free(&codes);
}

static void a_stack_that_is_just_told_whole(void)
{
	static struct stack stack;
	struct codes codes = { 0 };
	make_up(&layouts[2], false);
	for (int i = 0; i <= STACK_MOST; i++)
		set_frame(i, &objects[2 + i % 6], i % STATEMENTS, 0);
	struct thread thread = { NULL, &frames[STACK_MOST - 1], 1 };
	const struct interpreter interpreter = { NULL, &thread, NULL };
	state.head = &interpreter;
	struct runtime r = take_runtime();
	CHECK_INT(stack_read(&r, &codes, (uint64_t)(uintptr_t)&thread, &stack), 0);
	CHECK_INT(stack.n, STACK_MOST);
	for (int i = 0; i < STACK_MOST; i++)
		CHECK_INT(stack.places[i].line, (STACK_MOST - 1 - i) % STATEMENTS + 10);
	thread.frame = &frames[STACK_MOST];
	CHECK_INT(stack_read(&r, &codes, (uint64_t)(uintptr_t)&thread, &stack), 0);
	CHECK_INT(stack.n, 48 + 48 + 1);
	codes_free(&codes);
}

/* By what stands around a code's first line, which is its second number here. */
static void a_frame_is_as_long_as_its_code_says(void)
{
	uint32_t code[] = { 3, 10, 2, 20 };
	struct runtime r = { .pid = getpid(), .offsets = { .version = 0x030a, .code_first = 4 } };
	uint64_t at = (uint64_t)(uintptr_t)code;
	CHECK_INT(stack_frame_bytes(&r, at), 0);
	r.offsets.version = 0x030b;
	CHECK_INT(stack_frame_bytes(&r, at), (3 + 2 + 9) * 8);
	r.offsets.version = 0x030c;
	CHECK_INT(stack_frame_bytes(&r, at), 20 * 8);
	CHECK_INT(stack_frame_bytes(&r, 0), 0);
	CHECK_INT(stack_frame_bytes(&r, 8), 0); /* nothing is there */
	code[3] = UINT32_MAX;
	CHECK_INT(stack_frame_bytes(&r, at), 0);
}

int main(void)
{
	RUN(versions_that_are_not_here);
	RUN(locks_of_several_interpreters);
	RUN(a_stack_of_thousands);
	RUN(a_stack_that_is_just_told_whole);
	RUN(a_frame_is_as_long_as_its_code_says);
	return DONE();
}
