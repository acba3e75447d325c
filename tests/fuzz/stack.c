/* The stack reader and what Python tells of its offsets, on a process that lies: the input is the
 * memory of one, in which words from HERE on are places in that memory itself. Ends, and stays
 * within bounds, whatever stands there. */
#include "recorder/python/stack.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

static const uint64_t HERE = 0x500000000000;

static void read_all(struct runtime *r, uint64_t *memory)
{
	static struct stack stack;
	uint64_t threads[4];
	struct codes codes = { 0 };
	size_t n = runtime_threads(r, threads, 4);
	uint64_t holder = runtime_holder(r);
	PROMISE(n <= 4);
	for (size_t i = 0; i < n; i++) {
		int e = stack_read(r, &codes, threads[i], &stack);
		PROMISE(stack.n <= STACK_MOST && e <= 0);
		PROMISE(runtime_thread_number(r, threads[i]) >= 0);
	}
	stack_read(r, &codes, holder, &stack);
	stack_read(r, &codes, (uint64_t)(uintptr_t)memory, &stack);
	codes_free(&codes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t words = size / 8;
	uint64_t *memory = calloc(words + OFFSETS_TOLD / 8, 8);
	if (!memory || size < 8)
		return free(memory), 0;
	memcpy(memory, data, words * 8);
	struct runtime r = { .pid = getpid(), .at = (uint64_t)(uintptr_t)memory };
	int version = 0x0309 + data[size - 1] % 7;
	if (version <= 0x030c) {
		r.offsets = *offsets_of(version);
	} else if (offsets_take(&r.offsets, (const uint8_t *)memory, &r.free_threaded) != 0) {
		free(memory);
		return 0;
	}
	for (size_t i = 0; i < words; i++)
		if (memory[i] - HERE < words * 8)
			memory[i] += (uint64_t)(uintptr_t)memory - HERE;
	read_all(&r, memory);
	free(memory);
	return 0;
}
