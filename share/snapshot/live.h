/* What has been allocated and not yet freed, by address. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct live_block {
	uint64_t address; /* + 1; 0: free */
	uint64_t packed;  /* size, place */
};

struct live {
	struct live_block *slots; /* owned */
	size_t n_slots, n;
};

enum { LIVE_MOST = 1 << 24, LIVE_PLACE_BITS = 18 };

/* 0, -ENOMEM or -E2BIG. There is none at the address. */
int live_add(struct live *live, uint64_t address, int64_t size, uint32_t place);

/* 1, and it is gone; 0: there was none. */
int live_take(struct live *live, uint64_t address, int64_t *size, uint32_t *place);
void live_clear(struct live *live); /* takes all */
void live_free(struct live *live);
