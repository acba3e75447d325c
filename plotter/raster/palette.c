#include "plotter/raster/palette.h"

static uint32_t colour_at(const uint8_t *rgb)
{
	return (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2];
}

/* The slot of a colour, or the free one where it belongs. */
static size_t slot_of(const struct palette *palette, uint32_t colour)
{
	size_t at = (colour * 0x9e3779b1u) >>
		    22; /* Knuth's multiplicative hash; PALETTE_SLOTS is 2^10 */
	while (palette->keys[at] && palette->keys[at] != colour + 1)
		at = (at + 1) % PALETTE_SLOTS;
	return at;
}

void palette_collect(struct palette *palette, const uint8_t *rgb, size_t n)
{
	uint32_t before = ~0u;
	for (size_t i = 0; i < n; i++, rgb += 3) {
		uint32_t colour = colour_at(rgb);
		if (colour == before)
			continue; /* a picture is mostly runs */
		before = colour;
		size_t at = slot_of(palette, colour);
		if (palette->keys[at])
			continue;
		if (palette->n == PALETTE_MOST) {
			palette->n = 0;
			return;
		}
		palette->keys[at] = colour + 1;
		palette->indices[at] = (uint8_t)palette->n;
		palette->colours[palette->n++] = colour;
	}
}

/* The index of each pixel; neighbours are mostly of one colour. */
static void find_indices(const struct palette *palette, const uint8_t *rgb, size_t n, uint8_t *out)
{
	uint32_t before = ~0u;
	uint8_t index = 0;
	for (size_t i = 0; i < n; i++, rgb += 3) {
		uint32_t colour = colour_at(rgb);
		if (colour != before)
			index = palette->indices[slot_of(palette, colour)];
		before = colour;
		out[i] = index;
	}
}

void palette_row(const struct palette *palette, const uint8_t *rgb, size_t n, int bits,
		 uint8_t *out)
{
	size_t per_byte = 8 / (size_t)bits;
	find_indices(palette, rgb, n, out);
	/* Packed in place: a byte's pixels lie at or behind it. */
	for (size_t i = 0; per_byte > 1 && i < n; i += per_byte) {
		unsigned packed = 0;
		for (size_t k = 0; k < per_byte; k++)
			packed = packed << bits | (i + k < n ? out[i + k] : 0u);
		out[i / per_byte] = (uint8_t)packed;
	}
}
