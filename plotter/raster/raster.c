#include "plotter/raster/raster.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/raster/edges.h"
#include "plotter/raster/stroke.h"

enum {
	MOST_SIDE = 32767,
	PIXELS = 16, /* painted at once in a run of full coverage */
	RUN = PIXELS * 3,
};

/* Dashes finer than this are a solid line to the eye. */
#define FINEST_DASH 0.5

/* Wider than any picture. */
#define WIDEST 1e6

static void unpack(uint8_t channels[3], uint32_t rgb)
{
	channels[0] = rgb >> 16 & 0xff;
	channels[1] = rgb >> 8 & 0xff;
	channels[2] = rgb & 0xff;
}

int raster_open(struct raster *raster, int width, int height, uint32_t paper)
{
	if (width < 1 || height < 1 || width > MOST_SIDE || height > MOST_SIDE)
		return -EINVAL;
	size_t row = (size_t)width * 3, size = row * (size_t)height;
	uint8_t *rgb = malloc(size), channels[3];
	if (!rgb)
		return -ENOMEM;
	*raster = (struct raster){ .width = width, .height = height, .rgb = rgb };
	raster_clip(raster, 0, 0, width, height);
	unpack(channels, paper);
	for (size_t i = 0; i < row; i++)
		rgb[i] = channels[i % 3];
	for (size_t at = row; at < size; at += row)
		memcpy(rgb + at, rgb, row);
	return 0;
}

void raster_close(struct raster *raster)
{
	free(raster->rgb);
	edges_free(raster->edges);
	*raster = (struct raster){ 0 };
}

static double within(double value, double low, double high)
{
	return fmax(low, fmin(high, value)); /* nan becomes high */
}

void raster_clip(struct raster *raster, double left, double top, double right, double bottom)
{
	raster->clip[0] = round(within(left, 0, raster->width));
	raster->clip[1] = round(within(top, 0, raster->height));
	raster->clip[2] = round(within(right, raster->clip[0], raster->width));
	raster->clip[3] = round(within(bottom, raster->clip[1], raster->height));
}

/* Blending: pixel = (pixel * keep + add) >> 8, by coverage; `run` is `add` for a run of pixels. */
struct paint {
	struct raster *raster;
	uint16_t keep[EDGES_FULL + 1], add[EDGES_FULL + 1][3];
	uint16_t run[RUN];
};

static void paint_mix(struct paint *paint, struct raster *raster, struct ink ink)
{
	uint8_t channels[3];
	unpack(channels, ink.rgb);
	paint->raster = raster;
	for (unsigned i = 0; i <= EDGES_FULL; i++) {
		unsigned share = (unsigned)(within(ink.alpha, 0, 1) * 256 * i / EDGES_FULL + 0.5);
		paint->keep[i] = (uint16_t)(256 - share);
		for (int c = 0; c < 3; c++)
			paint->add[i][c] = (uint16_t)(channels[c] * share + 128);
	}
	for (int i = 0; i < RUN; i++)
		paint->run[i] = paint->add[EDGES_FULL][i % 3];
}

/* A run of full coverage: whole groups of pixels in a loop of fixed length, which compilers make
 * vector code of. */
static void paint_run(const struct paint *paint, uint8_t *pixel, int n)
{
	unsigned keep = paint->keep[EDGES_FULL];
	for (; n >= PIXELS; n -= PIXELS, pixel += RUN)
		for (int i = 0; i < RUN; i++)
			pixel[i] = (uint8_t)((uint16_t)(pixel[i] * keep + paint->run[i]) >> 8);
	for (int i = 0; i < n * 3; i++)
		pixel[i] = (uint8_t)((pixel[i] * keep + paint->run[i]) >> 8);
}

static int run_length(const uint8_t *coverage, int n, uint8_t value)
{
	uint64_t wide, all = value * UINT64_C(0x0101010101010101);
	int i = 0;
	for (; i + 8 <= n; i += 8) {
		memcpy(&wide, coverage + i, 8);
		if (wide != all)
			break;
	}
	while (i < n && coverage[i] == value)
		i++;
	return i;
}

static void paint_row(void *context, int x, int y, int n, const uint8_t *coverage)
{
	const struct paint *paint = context;
	uint8_t *row =
		paint->raster->rgb + ((size_t)y * (size_t)paint->raster->width + (size_t)x) * 3;
	for (int i = 0; i < n;) {
		unsigned level = coverage[i];
		uint8_t *pixel = row + (size_t)i * 3;
		if (level == 0) {
			i += run_length(coverage + i, n - i, 0);
		} else if (level == EDGES_FULL) {
			int run = run_length(coverage + i, n - i, EDGES_FULL);
			paint_run(paint, pixel, run);
			i += run;
		} else {
			for (int c = 0; c < 3; c++)
				pixel[c] = (uint8_t)((pixel[c] * paint->keep[level] +
						      paint->add[level][c]) >>
						     8);
			i++;
		}
	}
}

static int begin(struct raster *raster)
{
	struct edges_clip clip = { (int)raster->clip[0], (int)raster->clip[1], (int)raster->clip[2],
				   (int)raster->clip[3] };
	return edges_begin(&raster->edges, &clip);
}

static int end(struct raster *raster, struct ink ink)
{
	struct paint paint;
	paint_mix(&paint, raster, ink);
	return edges_end(raster->edges, paint_row, &paint);
}

static void add_polygon(struct raster_edges *edges, const struct raster_point *points, size_t n)
{
	const struct raster_point *first = NULL, *last = NULL;
	for (size_t i = 0; i < n; i++) {
		const struct raster_point *p = &points[i];
		if (!isfinite(p->x) || !isfinite(p->y))
			continue;
		if (last)
			edges_add(edges, last->x, last->y, p->x, p->y);
		else
			first = p;
		last = p;
	}
	if (last)
		edges_add(edges, last->x, last->y, first->x, first->y);
}

int raster_fill(struct raster *raster, const struct raster_point *points, const size_t *counts,
		struct ink ink)
{
	int error = begin(raster);
	if (error < 0)
		return error;
	for (; *counts; points += *counts++)
		add_polygon(raster->edges, points, *counts);
	return end(raster, ink);
}

int raster_stroke(struct raster *raster, const struct raster_point *points, size_t n,
		  const struct pen *pen)
{
	if (!(pen->width > 0))
		return 0;
	int error = begin(raster);
	if (error < 0)
		return error;
	const struct stroke_pen clipped = {
		.width = fmin(pen->width, WIDEST),
		.dash = pen->dash >= FINEST_DASH && isfinite(pen->dash) ? pen->dash : 0,
		.round = pen->round,
		.low_x = raster->clip[0],
		.low_y = raster->clip[1],
		.high_x = raster->clip[2],
		.high_y = raster->clip[3],
	};
	stroke_outline(raster->edges, points, n, &clipped);
	return end(raster, pen->ink);
}

int raster_rect(struct raster *raster, struct box box, struct ink ink)
{
	const struct raster_point corners[] = { { box.x, box.y },
						{ box.x + box.w, box.y },
						{ box.x + box.w, box.y + box.h },
						{ box.x, box.y + box.h } };
	return raster_fill(raster, corners, (const size_t[]){ 4, 0 }, ink);
}

int raster_disc(struct raster *raster, struct raster_point centre, double radius, struct ink ink)
{
	const struct pen pen = { .width = 2 * radius, .round = true, .ink = ink };
	return raster_stroke(raster, &centre, 1, &pen);
}

void raster_blend(struct raster *raster, const struct raster_mask *mask, struct ink ink)
{
	struct paint paint;
	paint_mix(&paint, raster, ink);
	int left = (int)fmax(raster->clip[0], mask->x),
	    right = (int)fmin(raster->clip[2], (double)mask->x + mask->width);
	int top = (int)fmax(raster->clip[1], mask->y),
	    bottom = (int)fmin(raster->clip[3], (double)mask->y + mask->height);
	for (int row = top; row < bottom; row++) {
		const uint8_t *from =
			mask->coverage + (size_t)(row - mask->y) * mask->stride + (left - mask->x);
		uint8_t coverage[256];
		for (int at = left, n; at < right; at += n, from += n) {
			n = right - at < (int)sizeof coverage ? right - at : (int)sizeof coverage;
			for (int i = 0; i < n; i++)
				coverage[i] = (uint8_t)((from[i] * EDGES_FULL + 127) / 255);
			paint_row(&paint, at, row, n, coverage);
		}
	}
}
