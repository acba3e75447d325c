/* Pixels: anti-aliased fills and strokes with exact sub-pixel coverage on an opaque RGB image.
 * Knows no chart and no file. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "plotter/raster/ink.h"
#include "plotter/raster/point.h"

struct raster {
	int width, height;
	uint8_t *rgb;               /* width * height * 3, rows from the top */
	double clip[4];             /* left, top, right, bottom; nothing is painted outside */
	struct raster_edges *edges; /* scratch, kept between calls */
};

/* 0, -EINVAL (a side < 1 or > 32767) or -ENOMEM. `paper`: 0xRRGGBB. */
int raster_open(struct raster *raster, int width, int height, uint32_t paper);
void raster_close(struct raster *raster);
void raster_clip(struct raster *raster, double left, double top, double right, double bottom);

/* Fills polygons (each closed by itself) together, non-zero winding: `counts` ends with 0. Points
 * that are not finite are skipped, far ones clipped. Coverage is rounded to sixteenths, so that a
 * chart keeps few colours. */
int raster_fill(struct raster *raster, const struct raster_point *points, const size_t *counts,
		struct ink ink);

/* Strokes a polyline. Where strokes overlap themselves they are painted once. */
int raster_stroke(struct raster *raster, const struct raster_point *points, size_t n,
		  const struct pen *pen);
int raster_rect(struct raster *raster, struct box box, struct ink ink);
int raster_disc(struct raster *raster, struct raster_point centre, double radius, struct ink ink);

/* A bitmap of how much of each pixel is covered (a glyph), and where it is laid. */
struct raster_mask {
	int x, y; /* its top left pixel */
	int width, height;
	size_t stride; /* bytes from row to row */
	const uint8_t *coverage;
};
void raster_blend(struct raster *raster, const struct raster_mask *mask, struct ink ink);
