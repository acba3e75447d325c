/* Names for native places: the helper mprof-c-native is asked for each once, as many as may be
 * spent on it. Where there is none, or it is gone, they are called by their binaries. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/heap/places.h"
#include "recorder/recording/purse.h"
#include "recorder/recording/recording.h"
#include "recorder/where/native.h"

struct namer {
	struct native *native;
	bool tried, off;
	pid_t helper;    /* that the recording knows of */
	uint32_t *queue; /* places that are to be asked, from `next` on */
	size_t n, next;
	size_t asked; /* and not answered */
	struct purse purse;
	int64_t spent; /* ns of CPU that the helper has used, as last seen */
};

/* Is the place named? It will be, later or at the end, if not. */
bool namer_knows(struct namer *namer, struct places *places, uint32_t number);

/* Takes the answers that are there, and asks for more. True: some came. */
bool namer_look(struct namer *namer, struct places *places, struct recording *recording,
		int64_t now);

/* Waits for the names, but not long; what has none then is called by its binary. */
void namer_end(struct namer *namer, struct places *places, struct recording *recording);
void namer_close(struct namer *namer);
