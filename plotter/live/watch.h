/* Being told that a file has been written to, once: who writes it often is not slowed down by
 * telling it often. */
#pragma once

#include <stdbool.h>

struct watch {
	int fd; /* to be polled; -1: this system, or this file, cannot tell */
	bool armed;
};

void watch_open(struct watch *watch);
void watch_close(struct watch *watch);

/* From now on the next write makes the descriptor readable. False: that cannot be had, or it has
 * been asked for. */
bool watch_arm(struct watch *watch, const char *path);

/* It was readable. */
void watch_take(struct watch *watch);
