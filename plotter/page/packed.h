/* Numbers as a page's script reads them: zigzag, in groups of seven bits, low ones first, all of it
 * as gzip in base64. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct packed {
	unsigned char *of;
	size_t n, room;
	bool failed;
};

void packed_add(struct packed *packed, int64_t value);

/* Empties it, too. 0 or -ENOMEM; nothing is written where there are no numbers. */
int packed_put(FILE *out, struct packed *packed);
