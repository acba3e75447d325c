#include "recorder/native/frames.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"

static uint64_t hash_text(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
	return (hash ^ 0xff) * 0x100000001b3;
}

static uint64_t hash_frame(const char *path, const char *function, int line)
{
	uint64_t hash = hash_text(hash_text(0xcbf29ce484222325, path), function);
	hash = (hash ^ (uint64_t)line) * 0x9e3779b97f4a7c15;
	return hash ^ hash >> 29;
}

static uint32_t *find_slot(const struct frames *f, const char *path, const char *function, int line)
{
	for (size_t at = hash_frame(path, function, line);; at++) {
		uint32_t *slot = &f->slots[at & (f->room - 1)];
		const struct frame_text *is = *slot ? &f->items[*slot - 1] : NULL;
		if (!is || (is->line == line && strcmp(is->path, path) == 0 &&
			    strcmp(is->function, function) == 0))
			return slot;
	}
}

static bool grow(struct frames *f)
{
	struct frames wider = *f;
	wider.room = f->room ? f->room * 2 : 1024;
	wider.slots = calloc(wider.room, sizeof *wider.slots);
	if (!wider.slots)
		return false;
	for (size_t i = 0; i < f->n; i++)
		*find_slot(&wider, f->items[i].path, f->items[i].function, f->items[i].line) =
			(uint32_t)i + 1;
	free(f->slots);
	*f = wider;
	return true;
}

uint32_t frames_number(struct frames *f, const char *path, const char *function, int line)
{
	if (f->n * 2 >= f->room && !grow(f))
		return UINT32_MAX;
	if (f->n >= FRAMES_MOST) {
		path = function = "…";
		line = 0;
	}
	uint32_t *slot = find_slot(f, path, function, line);
	if (*slot)
		return *slot - 1;
	struct frame_text made = { strdup(path), strdup(function), line };
	struct frame_text *item =
		made.path && made.function ? array_more(&f->items, &f->n, sizeof *item) : NULL;
	if (!item) {
		free(made.path);
		free(made.function);
		return UINT32_MAX;
	}
	*item = made;
	*slot = (uint32_t)f->n;
	return *slot - 1;
}

void frames_free(struct frames *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->items[i].path);
		free(f->items[i].function);
	}
	free(f->items);
	free(f->slots);
	*f = (struct frames){ 0 };
}
