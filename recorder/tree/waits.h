/* Whoever ignores SIGCHLD waits for no child, and of such a child's memory the kernel keeps no mark
 * (wait(2), NOTES): neither its parent's ru_maxrss nor anybody's tells of it. */
#pragma once

#include <stdint.h>

struct family;

/* Asks those members who were not asked for a while. `now` is monotonic ns. */
void waits_look(struct family *family, int64_t now);
