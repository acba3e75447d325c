/* Where memory was allocated, as the stacks of a snapshot tell: texts, frames, and of each stack
 * one place, the user's own line. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "share/growth/growth.h"
#include "share/names.h"

/* What was under way, as the frames inside the user's own tell. */
enum places_deed {
	PLACES_ELSE,
	PLACES_FORWARD,   /* a module of torch's own, or a function of it, computes */
	PLACES_BACKWARD,  /* autograd computes gradients */
	PLACES_OPTIMIZER, /* an optimizer steps */
	PLACES_MODULE,    /* a module is made, or moved to the device */
	N_PLACES_DEEDS,
};

/* How much a frame tells; a stack is charged to the innermost of the highest. */
enum places_rank { PLACES_NATIVE, PLACES_LIBRARYS, PLACES_MADE, PLACES_USERS };

struct places_frame {
	uint32_t file, function; /* of the texts; PLACES_NO_TEXT: not told */
	int32_t line;
	uint8_t rank, deed;
};
enum { PLACES_NO_TEXT = 0 }; /* a text of length 0 */

struct place {
	uint32_t frame;
	uint8_t deed;
};

struct places_set { /* of numbers by their content */
	uint32_t *slots;
	size_t n_slots;
};

enum { PLACES_STEPS = 4096 };

struct places {
	struct names texts;
	uint8_t *ranks; /* of the texts as paths, + 1; 0: not yet known */
	size_t n_ranks;
	struct places_frame *frames; /* 0: none that is known */
	struct place *places;        /* 0: no stack */
	size_t n_frames, n_places;
	struct places_set by_frame, by_place;
	/* Where frames led to from places, as it was last: place 0 and frame 0 are no step. */
	struct {
		uint32_t place, frame, to;
	} steps[PLACES_STEPS];
	growth_own own;
	bool full; /* more than is kept: what came then has no frame */
};

enum { PLACES_MOST_TEXTS = 1 << 18, PLACES_MOST_FRAMES = 1 << 20, PLACES_MOST = 1 << 18 };

/* `words` are the first texts behind the empty one. 0 or -ENOMEM. */
int places_open(struct places *places, const char *const words[], size_t n, growth_own own);
void places_close(struct places *places);

/* The number of a text, one that is known already or any; 0: not known, or too many. -ENOMEM. */
long places_word(struct places *places, const char *text);
long places_text(struct places *places, const char *text);

/* The number of a frame, 0: too many; -ENOMEM. */
long places_frame(struct places *places, uint32_t file, int32_t line, uint32_t function);

/* Is it a line of the user's own? Then no frame farther out changes it. */
static inline bool places_is_users(const struct places *places, uint32_t place)
{
	return places->frames[places->places[place].frame].rank == PLACES_USERS;
}

/* A stack that was charged to `place` (0: nothing yet) goes on outwards with that frame: the place
 * that it is charged to now. -ENOMEM. */
long places_outwards(struct places *places, uint32_t place, uint32_t frame);
