#include "plotter/raster/palette.h"

#include <stdlib.h>

#include "tests/check.h"

static struct palette *collect(const uint8_t *rgb, size_t n)
{
	struct palette *palette = calloc(1, sizeof *palette);
	palette_collect(palette, rgb, n);
	return palette;
}

static void colours_are_counted_once(void)
{
	const uint8_t rgb[] = { 1, 2, 3, 255, 255, 255, 1, 2, 3, 0, 0, 0 };
	struct palette *palette = collect(rgb, 4);
	CHECK_INT(palette->n, 3);
	CHECK_INT(palette->colours[0], 0x010203);
	CHECK_INT(palette->colours[2], 0);
	free(palette);
}

static void too_many_are_none(void)
{
	uint8_t rgb[257 * 3];
	for (int i = 0; i < 257; i++) {
		rgb[3 * i] = (uint8_t)i;
		rgb[3 * i + 1] = (uint8_t)(i >> 8);
		rgb[3 * i + 2] = 9;
	}
	struct palette *palette = collect(rgb, 256);
	CHECK_INT(palette->n, 256);
	free(palette);
	palette = collect(rgb, 257);
	CHECK_INT(palette->n, 0);
	free(palette);
}

static void pixels_are_packed_from_the_left(void)
{
	const uint8_t rgb[] = { 0, 0, 0, 9, 9, 9, 9, 9, 9, 0, 0, 0, 9, 9, 9 };
	uint8_t out[5];
	struct palette *palette = collect(rgb, 5);
	palette_row(palette, rgb, 5, 8, out);
	CHECK_INT(out[1], 1);
	CHECK_INT(out[3], 0);
	palette_row(palette, rgb, 5, 4, out);
	CHECK_INT(out[0], 0x01);
	CHECK_INT(out[1], 0x10);
	CHECK_INT(out[2], 0x10);
	palette_row(palette, rgb, 5, 2, out);
	CHECK_INT(out[0], 0x14);
	CHECK_INT(out[1], 0x40);
	palette_row(palette, rgb, 5, 1, out);
	CHECK_INT(out[0], 0x68);
	free(palette);
}

int main(void)
{
	RUN(colours_are_counted_once);
	RUN(too_many_are_none);
	RUN(pixels_are_packed_from_the_left);
	return DONE();
}
