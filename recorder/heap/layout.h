/* The code that a process has mapped, so that an address of it can be told in terms of a file. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "share/names.h"

struct aside;

enum { LAYOUT_MOST = 8192 };

struct extent {
	uint64_t start, end, offset; /* addresses of the process; of the file */
	uint32_t path;               /* of the texts; "//anon": none */
};

struct layout {
	struct extent *items; /* by address */
	size_t n;
	int64_t read_at; /* monotonic ns; 0: never */
	bool unread;     /* nothing came of the last look: what is not found may be there */
};

/* What lies there, after a look at the process if it is not known; NULL: nothing is, or the process
 * has gone, or lets nobody read. `aside` reads, since a look may wait for the process. */
const struct extent *layout_find(struct layout *layout, struct aside *aside, struct names *texts,
				 pid_t pid, uint64_t address);
void layout_free(struct layout *layout);
