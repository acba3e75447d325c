/* stacks PID: the Python stacks of a process, as the recorder reads them: a line "T THREAD" for
 * each, and below it its frames, innermost first. Status 3: a version that cannot be read. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "recorder/python/stack.h"

static void print_stack(const struct stack *stack)
{
	for (size_t i = 0; i < stack->n; i++)
		printf("  %s:%d %s\n", stack->places[i].code->file, stack->places[i].line,
		       stack->places[i].code->name);
}

int main(int argc, char *argv[])
{
	struct runtime runtime;
	struct codes codes = { 0 };
	static struct stack stack;
	uint64_t threads[64];
	int r = runtime_find(&runtime, argc > 1 ? atoi(argv[1]) : 0);
	printf("version %x\n", (unsigned)runtime.version);
	if (r < 0)
		return r == -ENOTSUP ? 3 : 1;
	size_t n = runtime_threads(&runtime, threads, sizeof threads / sizeof *threads);
	for (size_t i = 0; i < n; i++) {
		int e = stack_read(&runtime, &codes, threads[i], &stack);
		printf("T %d%s\n", (int)runtime_thread_number(&runtime, threads[i]),
		       e < 0 || stack.n == 0 ? " failed" : "");
		print_stack(&stack);
	}
	codes_free(&codes);
	return 0;
}
