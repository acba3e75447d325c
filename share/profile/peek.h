/* An input whose first bytes are looked at, to tell what it holds, and then read again. */
#pragma once

#include <stddef.h>

#include "share/profile/input.h"

struct peeked {
	struct profile_input file;
	unsigned char head[2];
	size_t n, used; /* of the head: fewer where the input is shorter */
};

/* `input` reads all of `file`, which is its own from then on; `peeked` must outlive it. 0 or
 * -errno of reading, upon which nothing has changed hands. */
int peek_open(struct peeked *peeked, const struct profile_input *file, struct profile_input *input);
