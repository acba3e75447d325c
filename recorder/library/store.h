/* Samples in the order of their time. They lie in address space that is reserved at once and taken
 * into use as it fills, so none ever moves. A bounded store keeps a number of them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/library/mprof-c.h"

struct store {
	struct mprof_sample *samples;
	size_t n;
	size_t room;      /* reserved */
	size_t committed; /* in use, or about to be */
	size_t most;      /* 0: no bound */
	bool ring;
	size_t oldest; /* of a ring: index of the first */

	/* Of a store that thins: the samples of a bucket become its lowest and its highest. */
	size_t bucket; /* samples that one takes; 1: none was thinned yet */
	size_t waiting;
	struct mprof_sample low, high, last;
	bool full; /* there was no more memory: what came after is lost */
};

int store_open(struct store *store, size_t most, bool ring); /* 0 or -ENOMEM */
void store_add(struct store *store, struct mprof_sample sample);

/* Nothing more will come: the samples become one array that ends with the last. */
void store_settle(struct store *store);

/* Room for a copy, and the copy, in order; how many it holds. */
size_t store_size(const struct store *store);
size_t store_copy(const struct store *store, struct mprof_sample *out);
void store_close(struct store *store);
