/* Whose clock is off: a node whose recordings begin and end at other times than all others do. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct fleet;

struct clock_off {
	const char *node;    /* the fleet's */
	double seconds;      /* how far ahead of the others; below 0: behind */
	bool unsynchronised; /* the kernel of one of them said so */
};

/* At most `most`, those furthest off first; how many. Of recordings of one job only: others have
 * started when they did. */
size_t clock_find_off(const struct fleet *fleet, struct clock_off off[], size_t most);
