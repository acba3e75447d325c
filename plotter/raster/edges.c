#include "plotter/raster/edges.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
	BITS = 12,
	ONE = 1 << BITS,      /* a pixel's side, and a whole pixel's coverage */
	BAND_CELLS = 1 << 16, /* about what a band may take: 256 KiB */
	BAND_ROWS = 64,
	BEYOND = 2, /* cells that an edge on the right border writes past it */
};

/* Beyond this, products of coordinates would overflow. */
#define FAR 1e100

#define FRACTION 4294967296.0 /* positions along an edge: 32 bits below the pixel */

struct edge { /* downwards, relative to the clip's corner, in 1/ONE pixels */
	int32_t x, top, bottom;
	int32_t sign;
	int64_t slope; /* in 2^-32 pixels a row */
};

struct raster_edges {
	struct edge *list;
	size_t n, room;
	uint32_t *cells; /* wrap around where absurdly many edges overlap */
	uint8_t *coverage;
	size_t cells_room, coverage_room;
	struct edges_clip clip;
	int32_t low_x, high_x, low_y, high_y; /* what the edges span */
	bool lost;                            /* an edge, for want of memory */
};

int edges_begin(struct raster_edges **edges, const struct edges_clip *clip)
{
	if (!*edges)
		*edges = calloc(1, sizeof **edges);
	struct raster_edges *e = *edges;
	if (!e)
		return -ENOMEM;
	e->clip = *clip;
	e->n = 0;
	e->lost = false;
	e->low_x = e->low_y = INT32_MAX;
	e->high_x = e->high_y = 0;
	return 0;
}

void edges_free(struct raster_edges *edges)
{
	if (!edges)
		return;
	free(edges->list);
	free(edges->cells);
	free(edges->coverage);
	free(edges);
}

static int32_t smaller(int32_t a, int32_t b)
{
	return a < b ? a : b;
}

static int32_t larger(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

static bool grow(struct raster_edges *e)
{
	size_t room = e->room ? e->room * 2 : 256;
	struct edge *list = realloc(e->list, room * sizeof *list);
	if (!list) {
		e->lost = true;
		return false;
	}
	e->list = list;
	e->room = room;
	return true;
}

/* Both ends lie inside the clip. */
static void push(struct raster_edges *e, double x0, double y0, double x1, double y1)
{
	int32_t fx0 = (int32_t)((x0 - e->clip.left) * ONE + 0.5);
	int32_t fx1 = (int32_t)((x1 - e->clip.left) * ONE + 0.5);
	int32_t fy0 = (int32_t)((y0 - e->clip.top) * ONE + 0.5);
	int32_t fy1 = (int32_t)((y1 - e->clip.top) * ONE + 0.5);
	if (fy0 == fy1 || (e->n == e->room && !grow(e)))
		return;
	bool down = fy0 < fy1;
	struct edge *edge = &e->list[e->n++];
	edge->x = down ? fx0 : fx1;
	edge->top = down ? fy0 : fy1;
	edge->bottom = down ? fy1 : fy0;
	edge->sign = down ? 1 : -1;
	edge->slope = (int64_t)(fx1 - fx0) * ((int64_t)1 << 32) / (fy1 - fy0);
	e->low_x = smaller(e->low_x, smaller(fx0, fx1));
	e->high_x = larger(e->high_x, larger(fx0, fx1));
	e->low_y = smaller(e->low_y, edge->top);
	e->high_y = larger(e->high_y, edge->bottom);
}

static double within(double value, double low, double high)
{
	return value < low ? low : value > high ? high : value;
}

/* Where the line from (a0, b0) to (a1, b1) has a == at. */
static double crossing(double a0, double b0, double a1, double b1, double at)
{
	return b0 + (at - a0) / (a1 - a0) * (b1 - b0);
}

/* What lies left of the clip still covers everything right of it, so it is moved to the border;
 * what lies right of it covers nothing. The y coordinates are inside already. */
static void clip_sides(struct raster_edges *e, double x0, double y0, double x1, double y1)
{
	double left = e->clip.left, right = e->clip.right;
	bool rising = x0 < x1;
	double low_x = rising ? x0 : x1, high_x = rising ? x1 : x0;
	if (low_x >= left && high_x <= right) {
		push(e, x0, y0, x1, y1);
		return;
	}
	double at_left =
		within(crossing(x0, y0, x1, y1, left), y0 < y1 ? y0 : y1, y0 < y1 ? y1 : y0);
	double at_right =
		within(crossing(x0, y0, x1, y1, right), y0 < y1 ? y0 : y1, y0 < y1 ? y1 : y0);
	if (high_x > right) /* no edge ends the coverage of these rows */
		e->high_x = (e->clip.right - e->clip.left) * ONE;
	if (high_x <= left) {
		push(e, left, y0, left, y1);
	} else if (low_x < right) {
		if (x0 < left)
			push(e, left, y0, left, at_left);
		double from_x = within(x0, left, right), to_x = within(x1, left, right);
		double from_y = x0 < left ? at_left : x0 > right ? at_right : y0;
		double to_y = x1 < left ? at_left : x1 > right ? at_right : y1;
		push(e, from_x, from_y, to_x, to_y);
		if (x1 < left)
			push(e, left, at_left, left, y1);
	}
}

void edges_add(struct raster_edges *e, double x0, double y0, double x1, double y1)
{
	double top = e->clip.top, bottom = e->clip.bottom;
	x0 = within(x0, -FAR, FAR);
	y0 = within(y0, -FAR, FAR);
	x1 = within(x1, -FAR, FAR);
	y1 = within(y1, -FAR, FAR);
	if ((y0 <= top && y1 <= top) || (y0 >= bottom && y1 >= bottom))
		return;
	double from_y = within(y0, top, bottom), to_y = within(y1, top, bottom);
	double from_x = from_y == y0 ? x0 : crossing(y0, x0, y1, x1, from_y);
	double to_x = to_y == y1 ? x1 : crossing(y0, x0, y1, x1, to_y);
	clip_sides(e, from_x, from_y, to_x, to_y);
}

/* Adds an edge's part inside one row, `height` of it, from x0 to x1, when it touches several
 * pixels. Rounded sums, so that the pixels right of it get exactly `height`. */
static void cover_cells(uint32_t *row, int64_t x0, int64_t x1, int32_t height, int32_t sign)
{
	int64_t low = x0 < x1 ? x0 : x1, high = x0 < x1 ? x1 : x0;
	int64_t first = low >> 32, last = high >> 32;
	double from = (uint32_t)low / FRACTION, to = (uint32_t)high / FRACTION;
	double slope = height / ((double)(high - low) / FRACTION);
	int32_t sum = (int32_t)(slope * (1 - from) * (1 - from) / 2);
	row[first] += (uint32_t)(sign * sum);
	double middle = slope * (1.5 - from);
	for (int64_t i = first + 1; i < last; i++, middle += slope) {
		int32_t next = (int32_t)middle;
		row[i] += (uint32_t)(sign * (next - sum));
		sum = next;
	}
	int32_t next = height - (int32_t)(slope * to * to / 2);
	row[last] += (uint32_t)(sign * (next - sum));
	row[last + 1] += (uint32_t)(sign * (height - next));
}

static inline void cover(uint32_t *row, int64_t x0, int64_t x1, int32_t height, int32_t sign)
{
	int64_t cell = x0 >> 32;
	if (cell != x1 >> 32) {
		cover_cells(row, x0, x1, height, sign);
		return;
	}
	int32_t middle = (int32_t)((((uint32_t)x0 >> 1) + ((uint32_t)x1 >> 1)) >> (32 - BITS));
	int32_t right = height * middle >> BITS;
	row[cell] += (uint32_t)(sign * (height - right));
	row[cell + 1] += (uint32_t)(sign * right);
}

/* An edge's whole rows: where the time goes when a curve is steep. */
static void cover_rows(uint32_t *row, size_t stride, int64_t x, int64_t slope, int32_t rows,
		       int32_t sign)
{
	uint32_t flip = sign < 0 ? UINT32_MAX : 0; /* (v ^ flip) - flip is sign * v */
	uint32_t whole = (uint32_t)sign * ONE;
	for (; rows > 0; rows--, row += stride) {
		int64_t from = x;
		x += slope;
		if ((from ^ x) >> 32 != 0) {
			cover_cells(row, from, x, ONE, sign);
			continue;
		}
		uint32_t middle = (((uint32_t)from >> 1) + ((uint32_t)x >> 1)) >> (32 - BITS);
		uint32_t right = (middle ^ flip) - flip;
		uint32_t *cell = row + (from >> 32);
		cell[0] += whole - right;
		cell[1] += right;
	}
}

struct band {
	uint32_t *cells;
	size_t stride;
	int32_t left, top, bottom; /* in 1/ONE pixels */
};

/* The part of an edge inside a band. */
static void accumulate(const struct band *band, const struct edge *edge)
{
	int32_t top = band->top, bottom = band->bottom;
	size_t stride = band->stride;
	int32_t y = larger(edge->top, top), end = smaller(edge->bottom, bottom);
	if (y >= end)
		return;
	int32_t sign = edge->sign;
	int64_t slope = edge->slope;
	int64_t x = (int64_t)(edge->x - band->left) * (1 << (32 - BITS)) +
		    slope * (y - edge->top) / ONE;
	uint32_t *row = band->cells + (size_t)((y - top) >> BITS) * stride;
	if (y % ONE != 0 || end - y < ONE) {
		int32_t height = smaller(ONE - y % ONE, end - y);
		int64_t next = x + slope * height / ONE;
		cover(row, x, next, height, sign);
		x = next;
		y += height;
		row += stride;
	}
	if (end - y >= ONE) {
		int32_t rows = (end - y) >> BITS;
		cover_rows(row, stride, x, slope, rows, sign);
		x += slope * rows;
		row += stride * (size_t)rows;
		y += rows * ONE;
	}
	if (y < end)
		cover(row, x, x + slope * (end - y) / ONE, end - y, sign);
}

/* One row of cells becomes coverage and is cleared. */
static void sum_row(uint32_t *cells, uint8_t *coverage, int n)
{
	uint32_t sum = 0;
	for (int i = 0; i < n; i++)
		cells[i] = sum += cells[i];
	for (int i = 0; i < n; i++) {
		uint32_t covered = cells[i] >> 31 ? 0 - cells[i] : cells[i];
		covered = covered < ONE ? covered : ONE;
		coverage[i] = (uint8_t)((covered * EDGES_FULL + ONE / 2) >> BITS);
		cells[i] = 0;
	}
}

static int make_scratch(struct raster_edges *e, size_t cells, size_t coverage)
{
	if (e->cells_room < cells) {
		free(e->cells);
		e->cells = calloc(cells, sizeof *e->cells);
		e->cells_room = e->cells ? cells : 0;
	}
	if (e->coverage_room < coverage) {
		free(e->coverage);
		e->coverage = malloc(coverage);
		e->coverage_room = e->coverage ? coverage : 0;
	}
	return e->cells && e->coverage ? 0 : -ENOMEM;
}

/* Makes the band at `top` and hands its rows over. */
static void make_band(struct raster_edges *e, const struct band *band, int n, edges_row *row,
		      void *context)
{
	for (size_t i = 0; i < e->n; i++)
		accumulate(band, &e->list[i]);
	int left = e->clip.left + (band->left >> BITS);
	for (int32_t y = band->top >> BITS; y < band->bottom >> BITS; y++) {
		uint32_t *cells = band->cells + (size_t)(y - (band->top >> BITS)) * band->stride;
		sum_row(cells, e->coverage, n);
		memset(cells + n, 0, BEYOND * sizeof *cells);
		row(context, left, e->clip.top + y, n, e->coverage);
	}
}

int edges_end(struct raster_edges *e, edges_row *row, void *context)
{
	if (e->lost)
		return -ENOMEM;
	int from = e->low_x >> BITS, width = e->clip.right - e->clip.left;
	int n = smaller((e->high_x >> BITS) + 1, width) - from;
	if (e->n == 0 || n <= 0)
		return 0;
	struct band band = { .stride = (size_t)n + BEYOND, .left = from * ONE };
	int rows = larger(1, smaller(BAND_ROWS, BAND_CELLS / (n + BEYOND)));
	if (make_scratch(e, band.stride * (size_t)rows, (size_t)n) < 0)
		return -ENOMEM;
	band.cells = e->cells;
	int end = (e->high_y + ONE - 1) >> BITS;
	for (int top = e->low_y >> BITS; top < end; top += rows) {
		band.top = top * ONE;
		band.bottom = smaller(top + rows, end) * ONE;
		make_band(e, &band, n, row, context);
	}
	return 0;
}
