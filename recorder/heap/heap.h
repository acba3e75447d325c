/* The heap probe's state, which its files share. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/heap/holder.h"
#include "recorder/heap/namer.h"
#include "recorder/heap/places.h"
#include "recorder/heap/region.h"
#include "recorder/heap/stacks.h"
#include "recorder/python/preload.h"
#include "recorder/python/room.h"
#include "recorder/python/told.h"
#include "recorder/recording/purse.h"
#include "recorder/recording/recording.h"

struct aside;

struct heap_probe {
	uint64_t mean; /* --heap: bytes between samples; 0: no heap is wanted */
	bool refused;  /* that was said: nothing is brought in */
	struct room room;
	struct preload preload;
	char library[PATH_MAX];
	struct region region; /* the room, once it is announced */

	struct told own; /* where the growth probe has none */
	struct aside *aside;
	struct places places;
	struct namer namer;
	struct stacks stacks;

	struct holder *holders[HEAP_PROCESSES]; /* by their slots */
	unsigned met;                           /* holders, ever */
	unsigned flags;                         /* HEAP_SAW_…, of all of them */
	struct heap_figures *figures;           /* of those that live */
	struct awaiting {                       /* a record that waits for names */
		struct holder *holder;
		size_t stand;
		struct figures change;
		int64_t us;
	} * waiting;
	size_t n_waiting;

	int64_t began, next;  /* monotonic ns: of the next look */
	int64_t asked_at;     /* monotonic ns: who lives */
	struct purse purse;   /* of CPU … */
	struct purse records; /* … and of what may be written */
};
