/* Where a picture goes: who draws it, on how large a canvas, into what file. Part of the commands:
 * says its own faults. */
#pragma once

#include <stddef.h>
#include <stdio.h>

#include "plotter/choose.h"

struct chart_wish;

struct placing {
	struct choice choice; /* .wanted is set by the caller */
	char *place;          /* of the picture, where nobody has named one; or NULL */
};

/* Chooses, and starts what takes time, before the recordings at `paths` are read, none of which the
 * picture may replace. -1 to go on, else the exit status. */
int placing_start(struct placing *placing, const char *const paths[], size_t n);

/* What fits on the canvas, in numbers: sets those of the wish. */
void placing_room(const struct placing *placing, struct chart_wish *wish);

/* Has it drawn, by what returns 0 or -errno, and opens it where that was asked for. The exit
 * status. */
int placing_draw(const struct placing *placing, int (*draw)(void *context, FILE *out),
		 void *context);
void placing_free(struct placing *placing);
