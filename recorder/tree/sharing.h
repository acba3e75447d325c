/* Do two processes use the very same memory? */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

enum sharing {
	SHARING_NOT,
	SHARING_IS,
	SHARING_UNKNOWN, /* the kernel does not say, and what can be read fits both */
};

/* kcmp(2) knows. Where it is refused, as many sandboxes do, `child` is held against `parent` by all
 * the figures that /proc has of their memories; `known`: they shared it when they were last looked
 * at. */
enum sharing sharing_memory(pid_t parent, pid_t child, bool known);
