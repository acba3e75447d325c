#include "recorder/heap/preload/place.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "recorder/heap/preload/lock.h"
#include "recorder/heap/preload/object.h"
#include "recorder/heap/preload/shared.h"

/* Where each is found again, by its hash. What a process forked off has of its parent's stays. */
struct slot {
	uint64_t hash;
	const struct heap_place *place;
};

static struct slot *slots;
static size_t n_slots, n_used;

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15;
	return hash ^ hash >> 29;
}

static uint64_t mix_text(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (uint8_t)*text) * 0x100000001b3;
	return mix(hash, 0);
}

static void put_slot(struct slot *into, size_t n, const struct slot *one)
{
	size_t i = one->hash & (n - 1);
	while (into[i].place)
		i = (i + 1) & (n - 1);
	into[i] = *one;
}

static bool make_room(void)
{
	size_t n = n_slots ? n_slots * 2 : 1024;
	if (n_used * 2 < n_slots)
		return true;
	struct slot *made = object_memory(n * sizeof *made);
	if (!made)
		return false;
	for (size_t i = 0; i < n_slots; i++)
		if (slots[i].place)
			put_slot(made, n, &slots[i]);
	if (slots)
		object_munmap(slots, n_slots * sizeof *slots);
	slots = made;
	n_slots = n;
	return true;
}

/* Of one hash, the first is it: 64 bits are as good as the texts themselves. */
static const struct heap_place *find(uint64_t hash)
{
	for (size_t i = hash & (n_slots - 1); n_slots && slots[i].place;
	     i = (i + 1) & (n_slots - 1))
		if (slots[i].hash == hash)
			return slots[i].place;
	return NULL;
}

static uint32_t number_of(const struct heap_place *place)
{
	return (uint32_t)(shared_offset(place) / 8);
}

static uint32_t add(uint64_t hash, const struct heap_place *place)
{
	struct heap_place *made = make_room() ? shared_room(SHARED_PLACES, 1) : NULL;
	if (!made)
		return 0;
	*made = *place;
	shared_filled(SHARED_PLACES, 1);
	put_slot(slots, n_slots, &(struct slot){ hash, made });
	n_used++;
	return number_of(made);
}

/* Texts are found again as places are: these have the text as `path`, and no line. */
static uint64_t text(const char *from)
{
	uint64_t hash = mix_text(0xcbf29ce484222325, from);
	const struct heap_place *known = find(hash);
	if (known)
		return known->path;
	uint64_t offset = shared_text(from);
	if (offset)
		add(hash, &(struct heap_place){ .path = offset });
	return offset;
}

static uint32_t find_python(const char *path, const char *function, int line)
{
	uint64_t hash = mix_text(mix_text(mix(1, (uint64_t)line), path), function);
	const struct heap_place *known = find(hash);
	if (known)
		return number_of(known);
	struct heap_place made = { .path = text(path), .function = text(function), .line = line };
	return made.path && made.function ? add(hash, &made) : 0;
}

uint32_t place_of_python(const char *path, const char *function, int line)
{
	if (!shared_process || !lock_take())
		return 0;
	uint32_t number = find_python(path, function, line);
	lock_leave();
	return number;
}

uint32_t place_of_code(uint64_t address)
{
	uint64_t hash = mix(2, address);
	const struct heap_place *known = find(hash);
	return known ? number_of(known) : add(hash, &(struct heap_place){ .address = address });
}
