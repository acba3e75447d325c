#include "share/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 8 << 20 }; /* a program has no more names, but a recording may say so */

/* FNV-1a, 64 bits (Fowler, Noll, Vo). */
static uint64_t hash(const char *text)
{
	uint64_t h = 0xcbf29ce484222325;
	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 0x100000001b3;
	return h ^ h >> 32;
}

static size_t slot_of(const struct names *names, const char *text)
{
	size_t at = hash(text) & (names->n_slots - 1);
	while (names->slots[at] && strcmp(names->texts[names->slots[at] - 1], text) != 0)
		at = (at + 1) & (names->n_slots - 1);
	return at;
}

/* Twice the room, never more than half full. */
static int grow(struct names *names)
{
	size_t n = names->n_slots ? names->n_slots * 2 : 64;
	uint32_t *slots = calloc(n, sizeof *slots);
	char **texts = realloc(names->texts, n / 2 * sizeof *texts);
	if (texts)
		names->texts = texts;
	if (!slots || !texts) {
		free(slots);
		return -ENOMEM;
	}
	free(names->slots);
	names->slots = slots;
	names->n_slots = n;
	for (size_t i = 0; i < names->n; i++)
		names->slots[slot_of(names, names->texts[i])] = (uint32_t)i + 1;
	return 0;
}

long names_find(struct names *names, const char *text, size_t most)
{
	if (2 * names->n >= names->n_slots) {
		int r = grow(names);
		if (r < 0)
			return r;
	}
	size_t at = slot_of(names, text);
	if (names->slots[at])
		return (long)names->slots[at] - 1;
	size_t length = strlen(text) + 1;
	if (names->n >= most || length > MOST_BYTES - names->bytes)
		return -ENOSPC;
	char *copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	names->bytes += length;
	names->texts[names->n] = copy;
	names->slots[at] = (uint32_t)++names->n;
	return (long)names->n - 1;
}

void names_free(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->texts[i]);
	free(names->texts);
	free(names->slots);
	*names = (struct names){ 0 };
}
