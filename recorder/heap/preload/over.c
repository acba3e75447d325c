#include "recorder/heap/preload/over.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

static atomic_bool over;

bool over_is(void)
{
	return atomic_load_explicit(&over, memory_order_relaxed);
}

typedef int main_function(int argc, char *argv[], char *environment[]);
typedef int start_function(main_function *program, int argc, char *argv[], void (*begin)(void),
			   void (*end)(void), void (*loader)(void), void *stack);
start_function __libc_start_main;

static main_function *program_main;

static int run_main(int argc, char *argv[], char *environment[])
{
	int status = program_main(argc, argv, environment);
	atomic_store(&over, true);
	return status;
}

EXPORTED int __libc_start_main(main_function *program, int argc, char *argv[], void (*begin)(void),
			       void (*end)(void), void (*loader)(void), void *stack)
{
	start_function *start;
	void *found = dlsym(RTLD_NEXT, "__libc_start_main");
	memcpy(&start, &found, sizeof start);
	program_main = program;
	return start(run_main, argc, argv, begin, end, loader, stack);
}

EXPORTED _Noreturn void exit(int status)
{
	void (*next)(int);
	void *found = dlsym(RTLD_NEXT, "exit");
	atomic_store(&over, true);
	memcpy(&next, &found, sizeof next);
	if (found)
		next(status);
	_exit(status);
}
