/* The colours of a picture, when they are few. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { PALETTE_MOST = 256, PALETTE_SLOTS = 1024 };

struct palette {
	size_t n; /* 0: more than PALETTE_MOST */
	uint32_t colours[PALETTE_MOST];
	uint32_t keys[PALETTE_SLOTS]; /* colour + 1; 0: free */
	uint8_t indices[PALETTE_SLOTS];
};

/* `palette` is zeroed; `rgb` holds n pixels of three bytes. */
void palette_collect(struct palette *palette, const uint8_t *rgb, size_t n);

/* Packs n pixels into indices of 1, 2, 4 or 8 bits, the first in the highest bits, as PNG wants
 * them. */
void palette_row(const struct palette *palette, const uint8_t *rgb, size_t n, int bits,
		 uint8_t *out);
