/* Many recordings written as one: what `mprof-c merge` makes. */
#pragma once

#include <stdio.h>

#include "share/fleet/store.h"

struct put_told { /* what was written */
	size_t members, nodes, jobs;
	struct sample peak; /* of all together; umib -1: nobody has a sample */
};

/* Writes the members of a sorted store, at least one, with their sum in `columns` stretches. 0, or
 * -errno; the last of it may still wait in the stream. */
int fleet_put(FILE *out, const struct store *store, size_t columns, struct put_told *told);
