#include "plotter/screen/sixel.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/raster/palette.h"
#include "plotter/raster/raster.h"

enum { ROWS = 6, FULL = 100, SHORTEST_RUN = 4 };

/* The picture as places in a palette. */
struct indexed {
	int width, height;
	uint8_t *pixels;
	uint32_t colours[PALETTE_MOST]; /* 0xRRGGBB */
	size_t n;
};

/* ---- colours ---- */

static int take_exactly(struct indexed *p, const uint8_t *rgb, size_t n, size_t registers)
{
	struct palette *palette = calloc(1, sizeof *palette);
	if (!palette)
		return -ENOMEM;
	palette_collect(palette, rgb, n);
	if (palette->n > 0 && palette->n <= registers) {
		p->n = palette->n;
		memcpy(p->colours, palette->colours, sizeof p->colours);
		palette_row(palette, rgb, n, 8, p->pixels);
	}
	free(palette);
	return 0;
}

/* Colours that are nearly one. */
enum { BIN_BITS = 5, BINS = 1 << 3 * BIN_BITS };

struct bin {
	size_t count, sums[3];
	uint8_t shown_as;
	bool kept;
};

static size_t bin_of(const uint8_t *rgb)
{
	size_t bin = 0;
	for (int i = 0; i < 3; i++)
		bin = bin << BIN_BITS | rgb[i] >> (8 - BIN_BITS);
	return bin;
}

static uint32_t colour_of(const struct bin *bin)
{
	uint32_t colour = 0;
	for (int i = 0; i < 3; i++)
		colour = colour << 8 | (uint32_t)((bin->sums[i] + bin->count / 2) / bin->count);
	return colour;
}

static int distance(uint32_t a, uint32_t b)
{
	int sum = 0;
	for (int shift = 0; shift < 24; shift += 8) {
		int d = (int)(a >> shift & 255) - (int)(b >> shift & 255);
		sum += d * d;
	}
	return sum;
}

/* The most frequent become the palette. */
static void keep_most(struct indexed *p, struct bin *bins, size_t registers)
{
	while (p->n < registers) {
		struct bin *best = NULL;
		for (struct bin *bin = bins; bin < bins + BINS; bin++)
			if (!bin->kept && bin->count > (best ? best->count : 0))
				best = bin;
		if (!best)
			return;
		best->kept = true;
		p->colours[p->n++] = colour_of(best);
	}
}

static uint8_t nearest_kept(const struct indexed *p, uint32_t colour)
{
	size_t best = 0;
	for (size_t i = 1; i < p->n; i++)
		if (distance(p->colours[i], colour) < distance(p->colours[best], colour))
			best = i;
	return (uint8_t)best;
}

static int take_nearest(struct indexed *p, const uint8_t *rgb, size_t n, size_t registers)
{
	struct bin *bins = calloc(BINS, sizeof *bins);
	if (!bins)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct bin *bin = &bins[bin_of(rgb + 3 * i)];
		bin->count++;
		for (size_t k = 0; k < 3; k++)
			bin->sums[k] += rgb[3 * i + k];
	}
	keep_most(p, bins, registers);
	for (struct bin *bin = bins; bin < bins + BINS; bin++)
		if (bin->count > 0)
			bin->shown_as = nearest_kept(p, colour_of(bin));
	for (size_t i = 0; i < n; i++)
		p->pixels[i] = bins[bin_of(rgb + 3 * i)].shown_as;
	free(bins);
	return 0;
}

static int index_pixels(struct indexed *p, const uint8_t *rgb, size_t registers)
{
	size_t n = (size_t)p->width * (size_t)p->height;
	int r = take_exactly(p, rgb, n, registers);
	return r == 0 && p->n == 0 ? take_nearest(p, rgb, n, registers) : r;
}

/* ---- writing ---- */

static void put_colours(const struct indexed *p, FILE *out)
{
	for (size_t i = 0; i < p->n; i++) {
		uint32_t c = p->colours[i];
		fprintf(out, "#%zu;2;%u;%u;%u", i, ((c >> 16) * FULL + 127) / 255,
			((c >> 8 & 255) * FULL + 127) / 255, ((c & 255) * FULL + 127) / 255);
	}
}

static void put_run(char sixel, int length, FILE *out)
{
	if (length >= SHORTEST_RUN)
		fprintf(out, "!%d%c", length, sixel);
	for (int i = 0; length < SHORTEST_RUN && i < length; i++)
		fputc(sixel, out);
}

static char sixel_at(const struct indexed *p, int x, int top, uint8_t colour)
{
	int bits = 0;
	for (int row = 0; row < ROWS && top + row < p->height; row++)
		if (p->pixels[(size_t)(top + row) * (size_t)p->width + (size_t)x] == colour)
			bits |= 1 << row;
	return (char)('?' + bits);
}

/* A colour's part of a band; what is empty at its end is left out. */
static void put_colour(const struct indexed *p, int top, uint8_t colour, FILE *out)
{
	char before = sixel_at(p, 0, top, colour);
	int length = 1;
	fprintf(out, "#%d", colour);
	for (int x = 1; x < p->width; x++, length++) {
		char sixel = sixel_at(p, x, top, colour);
		if (sixel == before)
			continue;
		put_run(before, length, out);
		before = sixel;
		length = 0;
	}
	if (before != '?')
		put_run(before, length, out);
	fputc('$', out);
}

static void put_band(const struct indexed *p, int top, FILE *out)
{
	bool seen[PALETTE_MOST] = { false };
	int bottom = top + ROWS < p->height ? top + ROWS : p->height;
	for (size_t i = (size_t)top * (size_t)p->width; i < (size_t)bottom * (size_t)p->width; i++)
		seen[p->pixels[i]] = true;
	for (size_t i = 0; i < p->n; i++)
		if (seen[i])
			put_colour(p, top, (uint8_t)i, out);
	fputs("-\n", out);
}

static void put(const struct indexed *p, FILE *out)
{
	/* Square pixels; what is not drawn stays as it is. */
	fprintf(out, "\x1bP0;1;0q\"1;1;%d;%d", p->width, p->height);
	put_colours(p, out);
	for (int top = 0; top < p->height; top += ROWS)
		put_band(p, top, out);
	fputs("\x1b\\", out);
}

int sixel_put(const struct raster *raster, size_t registers, FILE *out)
{
	struct indexed *p = calloc(1, sizeof *p);
	int r = -ENOMEM;
	if (p) {
		p->width = raster->width;
		p->height = raster->height;
		p->pixels = malloc((size_t)p->width * (size_t)p->height);
	}
	if (p && p->pixels)
		r = index_pixels(p, raster->rgb, registers);
	if (r == 0)
		put(p, out);
	if (p)
		free(p->pixels);
	free(p);
	return r;
}
