/* Texts to numbers: each distinct text gets the next index, found again in constant time. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct names {
	uint32_t *slots; /* index + 1 by hash; 0: free */
	size_t n_slots, n;
	char **texts; /* owned; in order of their index */
	size_t bytes; /* of all texts */
};

/* The index of `text`, new when `names->n` has grown; -ENOMEM, or -ENOSPC when it is new and there
 * are `most` already, or 8 MiB of texts. */
long names_find(struct names *names, const char *text, size_t most);
void names_free(struct names *names);
