/* What is told of the maps of a process: of any bytes, in pieces of any size, come the same maps,
 * in order as they stand there, and a bill that adds up to what is resident in them. */
#include <stdlib.h>
#include <string.h>

#include "recorder/bill/classes.h"
#include "recorder/bill/hints.h"
#include "recorder/bill/smaps.h"
#include "tests/fuzz/fuzz.h"

static void parse(struct smaps_maps *maps, const char *text, size_t size, size_t piece, bool pss)
{
	struct smaps_parser parser = { .maps = maps, .pss = pss };
	for (size_t at = 0; at < size; at += piece)
		PROMISE(smaps_feed(&parser, text + at, size - at < piece ? size - at : piece) == 0);
	PROMISE(smaps_finish(&parser) == 0);
}

static void check_maps(const struct smaps_maps *maps, const struct smaps_maps *pieces)
{
	PROMISE(maps->n == pieces->n);
	for (size_t i = 0; i < maps->n; i++) {
		const struct smaps_map *map = &maps->all[i], *other = &pieces->all[i];
		PROMISE(map->low == other->low && map->high == other->high);
		PROMISE(map->resident == other->resident && map->name == other->name);
		PROMISE(map->low < map->high);
		PROMISE(map->name <= SMAPS_OTHER);
	}
}

static void check_bill(const struct smaps_maps *maps, const struct classes_hints *hints)
{
	struct classes_sum sum = { 0 };
	uint64_t resident = 0, told = 0;
	PROMISE(classes_add(&sum, maps, hints) == 0);
	for (size_t i = 0; i < maps->n; i++)
		resident += maps->all[i].resident;
	for (size_t i = 0; i < BILL_CLASSES; i++)
		told += bill_is_beside((enum bill_class)i) ? 0 : sum.bytes[i];
	PROMISE(told == resident);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct smaps_maps whole = { 0 }, pieces = { 0 };
	uint64_t devices[HINTS_DEVICES];
	char *copy = strndup(text, size);
	PROMISE(copy);
	struct classes_hints hints = { .stack = hints_parse_stack(copy),
				       .volatile_devices = devices };
	hints.n_volatile = hints_parse_mounts(copy, devices);
	PROMISE(hints.n_volatile <= HINTS_DEVICES);
	parse(&whole, text, size, size ? size : 1, size % 2);
	parse(&pieces, text, size, 1 + size % 7, size % 2);
	check_maps(&whole, &pieces);
	check_bill(&whole, &hints);
	smaps_free(&whole);
	smaps_free(&pieces);
	free(copy);
	return 0;
}
