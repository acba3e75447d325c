/* The processes whose growth is followed, found by their numbers. */
#pragma once

#include <stdint.h>

#include "recorder/where/reader.h"

enum { GROWERS_MOST = 4096, GROWERS_SLOTS = 1024 };

struct growers {
	struct grower **items; /* the target first */
	size_t n;
	struct grower *slots[GROWERS_SLOTS]; /* by their number */
};

struct grower *growers_find(const struct growers *growers, pid_t pid); /* NULL: not known */

/* NULL: no memory, no such process, or too many. */
struct grower *growers_add(struct growers *growers, pid_t pid, int64_t now);

/* Its queue has been cleared. */
void growers_drop(struct growers *growers, struct reader *reader, struct grower *grower);
void growers_close(struct growers *growers, struct reader *reader);
