#include "plotter/screen/sixel.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/raster/raster.h"
#include "tests/check.h"

static char *text;
static size_t size;

static const char *put(int width, int height, uint8_t *rgb, size_t registers)
{
	const struct raster raster = { .width = width, .height = height, .rgb = rgb };
	free(text);
	FILE *out = open_memstream(&text, &size);
	CHECK_INT(sixel_put(&raster, registers, out), 0);
	fclose(out);
	return text;
}

static size_t count(const char *where, const char *what)
{
	size_t n = 0;
	for (; (where = strstr(where, what)); where++)
		n++;
	return n;
}

static void one_pixel(void)
{
	uint8_t rgb[] = { 255, 0, 51 };
	CHECK_STR(put(1, 1, rgb, 256), "\x1bP0;1;0q\"1;1;1;1#0;2;100;0;20#0@$-\n\x1b\\");
}

/* Seven rows are two bands, of which the second has one. */
static void runs_and_bands(void)
{
	uint8_t rgb[7 * 10 * 3] = { 0 };
	memset(rgb + 6 * 10 * 3, 255, 6); /* two white ones in the last row */
	CHECK_STR(put(10, 7, rgb, 256), "\x1bP0;1;0q\"1;1;10;7#0;2;0;0;0#1;2;100;100;100#0!10~$-\n"
					"#0?\?!8@$#1@@$-\n\x1b\\");
}

static void seldom_colours_are_drawn_in_others(void)
{
	uint8_t rgb[100 * 3];
	for (size_t i = 0; i < 100; i++) /* 60 black, 38 white, two nearly so */
		memset(rgb + 3 * i, i < 60 ? 0 : i < 98 ? 255 : i == 98 ? 30 : 230, 3);
	put(10, 10, rgb, 2);
	CHECK_INT(count(text, ";2;"), 2);
	CHECK(strstr(text, ";2;0;0;0") && strstr(text, ";2;100;100;100"));
	put(10, 10, rgb, 256);
	CHECK_INT(count(text, ";2;"), 4);
}

static void more_colours_than_there_may_be(void)
{
	enum { SIDE = 64 };
	uint8_t *rgb = malloc(SIDE * SIDE * 3);
	for (int i = 0; i < SIDE * SIDE; i++) {
		rgb[3 * i] = (uint8_t)(i % SIDE * 4);
		rgb[3 * i + 1] = (uint8_t)(i / SIDE * 4);
		rgb[3 * i + 2] = 128;
	}
	put(SIDE, SIDE, rgb, 256);
	CHECK_INT(count(text, ";2;"), 256);
	put(SIDE, SIDE, rgb, 16);
	CHECK_INT(count(text, ";2;"), 16);
	free(rgb);
}

int main(void)
{
	RUN(one_pixel);
	RUN(runs_and_bands);
	RUN(seldom_colours_are_drawn_in_others);
	RUN(more_colours_than_there_may_be);
	free(text);
	return DONE();
}
