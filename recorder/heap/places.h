/* Where memory was asked for: each place once, whoever's it is, and what it is called. A line of
 * Python has its name; of native code the helper is asked, by the file and the offset in it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "recorder/heap/layout.h"
#include "recorder/heap/region.h"
#include "share/names.h"

enum { PLACES_MOST = 1 << 19 };
#define PLACES_NONE UINT32_MAX

enum place_state {
	PLACE_PYTHON,
	PLACE_UNASKED,
	PLACE_ASKED,
	PLACE_NAMED,
	PLACE_RUNS_PYTHON, /* it is the interpreter's loop: what is outward of it is Python */
};

struct place_name {
	uint32_t path, function; /* of the texts */
	int line;
};

struct spot {
	enum place_state state;
	uint32_t path; /* of the texts: of the source, or the binary */
	uint32_t n;    /* names: of native code, innermost first … */
	uint32_t first;
	pid_t pid; /* of native code: whose it was first … */
	struct extent extent;
	uint64_t address; /* … behind the call */
};

struct places {
	struct names texts, keys; /* a place's number is that of its key */
	struct spot *items;
	size_t n;
	struct place_name *names;
	size_t n_names;
	struct places_slot {         /* by the place's number in the segment */
		uint32_t at, number; /* the latter + 1; 0: free */
	} * slots;
	size_t n_slots, n_known; /* a power of two; used */
};

/* Who asks, and how what is not known of it is read. */
struct places_asker {
	const struct region *region;
	struct layout *layout;
	struct aside *aside;
	pid_t pid;
	size_t slot; /* what it has told itself */
};

/* The number of what stands there in the segment; PLACES_NONE: nothing that can be told. */
uint32_t places_find(struct places *places, const struct places_asker *asker, uint32_t at);

/* What a native place is called, one name after the other, innermost first. */
void places_name(struct places *places, uint32_t number, const char *path, const char *function,
		 int line);

/* It is called by its binary and the offset in it, since nobody knows better. */
void places_name_plainly(struct places *places, uint32_t number);

static inline const char *places_text(const struct places *places, uint32_t text)
{
	return places->texts.texts[text];
}

void places_free(struct places *places);
