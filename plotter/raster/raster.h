/* Pixels: anti-aliased fills and strokes with exact sub-pixel coverage on an opaque RGB image.
 * Knows no chart and no file. */
#pragma once

#include <stddef.h>
#include <stdint.h>

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
		uint32_t rgb, double alpha);

/* Strokes a polyline: round joins, butt ends (round when `round`), dash pattern of `dash` on and
 * `dash` off (0: solid). Where strokes overlap themselves they are painted once. */
int raster_stroke(struct raster *raster, const struct raster_point *points, size_t n, double width,
		  double dash, int round, uint32_t rgb, double alpha);
int raster_rect(struct raster *raster, double x, double y, double width, double height,
		uint32_t rgb, double alpha);
int raster_disc(struct raster *raster, double x, double y, double radius, uint32_t rgb,
		double alpha);

/* Blends an 8-bit coverage bitmap (a glyph). */
void raster_mask(struct raster *raster, int x, int y, int width, int height, size_t stride,
		 const uint8_t *mask, uint32_t rgb, double alpha);
