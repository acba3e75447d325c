/* What of a process helps to tell its maps apart. What cannot be read is left out. */
#pragma once

#include <sys/types.h>

#include "recorder/bill/classes.h"

enum { HINTS_DEVICES = 64 };

struct hints {
	uint64_t devices[HINTS_DEVICES];
	struct classes_hints of_classes; /* points into this */
};

void hints_read(struct hints *hints, pid_t pid);

/* ---- parsers ---- */

/* The devices of tmpfs and ramfs in a mountinfo, of which the last line may be cut; how many. */
size_t hints_parse_mounts(const char *text, uint64_t devices[HINTS_DEVICES]);

/* How large a thread's stack is made, by /proc/PID/limits: pthread_create(3). */
uint64_t hints_parse_stack(const char *text);
