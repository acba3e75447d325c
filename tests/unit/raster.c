#include "plotter/raster/raster.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "tests/check.h"

/* White on black: a channel is then coverage × 255. */
static const uint32_t black = 0x000000, white = 0xffffff;
static const struct ink opaque = { 0xffffff, 1 };

static double pixel(const struct raster *r, int x, int y)
{
	return r->rgb[((size_t)y * (size_t)r->width + (size_t)x) * 3] / 255.0;
}

static double painted(const struct raster *r)
{
	double sum = 0;
	for (int y = 0; y < r->height; y++)
		for (int x = 0; x < r->width; x++)
			sum += pixel(r, x, y);
	return sum;
}

static double fill_area(const struct raster_point *points, size_t n)
{
	struct raster r;
	CHECK_INT(raster_open(&r, 100, 90, black), 0);
	CHECK_INT(raster_fill(&r, points, (const size_t[]){ n, 0 }, opaque), 0);
	double area = painted(&r);
	raster_close(&r);
	return area;
}

static double stroke_area(const struct raster_point *points, size_t n, double width, double dash,
			  int round)
{
	const struct pen pen = { width, dash, round != 0, opaque };
	struct raster r;
	CHECK_INT(raster_open(&r, 100, 90, black), 0);
	CHECK_INT(raster_stroke(&r, points, n, &pen), 0);
	double area = painted(&r);
	raster_close(&r);
	return area;
}

static void sides_are_bounded(void)
{
	struct raster r = { 0 };
	CHECK_INT(raster_open(&r, 0, 10, white), -EINVAL);
	CHECK_INT(raster_open(&r, 10, -1, white), -EINVAL);
	CHECK_INT(raster_open(&r, 32768, 10, white), -EINVAL);
	CHECK_INT(raster_open(&r, 32767, 1, 0x123456), 0);
	CHECK_INT(r.rgb[32766 * 3], 0x12);
	CHECK_INT(r.rgb[32766 * 3 + 2], 0x56);
	raster_close(&r);
	raster_close(&r);
}

static void a_pixel_gets_its_share(void)
{
	struct raster r;
	raster_open(&r, 8, 8, black);
	raster_rect(&r, (struct box){ 1.5, 2.25, 3, 2 }, opaque);
	CHECK_NEAR(pixel(&r, 2, 3), 1, 0);
	CHECK_NEAR(pixel(&r, 1, 3), 0.5, 1 / 255.0);
	CHECK_NEAR(pixel(&r, 4, 3), 0.5, 1 / 255.0);
	CHECK_NEAR(pixel(&r, 2, 2), 0.75, 1 / 255.0);
	CHECK_NEAR(pixel(&r, 2, 4), 0.25, 1 / 255.0);
	CHECK_NEAR(pixel(&r, 1, 2), 0.375, 1 / 255.0);
	CHECK_NEAR(pixel(&r, 0, 3), 0, 0);
	CHECK_NEAR(pixel(&r, 5, 3), 0, 0);
	CHECK_NEAR(pixel(&r, 2, 5), 0, 0);
	raster_close(&r);
}

static void coverage_is_in_sixteenths(void)
{
	struct raster r;
	raster_open(&r, 40, 40, black);
	raster_disc(&r, (struct raster_point){ 20.3, 19.7 }, 15, opaque);
	for (size_t i = 0; i < 40 * 40; i++) {
		double sixteenths = r.rgb[i * 3] / 255.0 * 16;
		CHECK_NEAR(sixteenths, round(sixteenths), 0.04);
	}
	raster_close(&r);
}

/* A pixel on the border is at most a thirty-second off. */
static void areas_of_polygons(void)
{
	const struct raster_point triangle[] = { { 3.3, 80.1 }, { 41.7, 5.2 }, { 95.2, 61.9 } };
	CHECK_NEAR(fill_area(triangle, 3), 3092.2, 3);
	const struct raster_point reversed[] = { { 95.2, 61.9 }, { 41.7, 5.2 }, { 3.3, 80.1 } };
	CHECK_NEAR(fill_area(reversed, 3), fill_area(triangle, 3), 0.5);
	const struct raster_point sliver[] = { { 10, 10 }, { 90, 10.5 }, { 90, 11 }, { 10, 10.5 } };
	CHECK_NEAR(fill_area(sliver, 4), 40, 3);
	const struct raster_point tall[] = { { 10.2, 2 }, { 10.9, 88 }, { 11.9, 88 }, { 11.2, 2 } };
	CHECK_NEAR(fill_area(tall, 4), 86, 3);
	const struct raster_point inside_a_pixel[] = {
		{ 5.25, 5.25 }, { 5.75, 5.25 }, { 5.75, 5.75 }, { 5.25, 5.75 }
	};
	CHECK_NEAR(fill_area(inside_a_pixel, 4), 0.25, 1 / 255.0);
}

static void winding_is_not_zero(void)
{
	const struct raster_point twice[] = { { 10, 10 }, { 30, 10 }, { 30, 30 }, { 10, 30 },
					      { 10, 10 }, { 30, 10 }, { 30, 30 }, { 10, 30 } };
	CHECK_NEAR(fill_area(twice, 8), 400, 0.1);
	const struct raster_point ring[] = { { 10, 10 }, { 50, 10 }, { 50, 50 }, { 10, 50 },
					     { 20, 20 }, { 20, 40 }, { 40, 40 }, { 40, 20 } };
	struct raster r;
	raster_open(&r, 60, 60, black);
	raster_fill(&r, ring, (const size_t[]){ 4, 4, 0 }, opaque);
	CHECK_NEAR(painted(&r), 1200, 0.1);
	raster_close(&r);
}

static void strokes_have_their_width(void)
{
	const struct raster_point across[] = { { 10, 20.5 }, { 90, 20.5 } };
	CHECK_NEAR(stroke_area(across, 2, 1, 0, 0), 80, 0.1);
	CHECK_NEAR(stroke_area(across, 2, 1.5, 0, 0), 120, 0.3);
	CHECK_NEAR(stroke_area(across, 2, 0.25, 0, 0), 20, 0.2);
	CHECK_NEAR(stroke_area(across, 2, 0, 0, 0), 0, 0);
	CHECK_NEAR(stroke_area(across, 2, NAN, 0, 0), 0, 0);
	CHECK_NEAR(stroke_area(across, 2, 6, 0, 1), 480 + 9 * 3.14159, 1.5);
	const struct raster_point slanted[] = { { 10, 10 }, { 70, 90 } };
	CHECK_NEAR(stroke_area(slanted, 2, 3, 0, 0), 300, 8);
}

static void dots_are_discs(void)
{
	const struct raster_point dot[] = { { 50, 40 }, { 50, 40 } };
	CHECK_NEAR(stroke_area(dot, 2, 20, 0, 1), 314.16, 6);
	CHECK_NEAR(stroke_area(dot, 1, 20, 0, 1), 314.16, 6);
	CHECK_NEAR(stroke_area(dot, 2, 20, 0, 0), 0, 0);
}

static void corners_are_round_and_have_no_gap(void)
{
	/* Two legs, less the square that they share, and a quarter disc outside. */
	const struct raster_point corner[] = { { 10, 10 }, { 50, 10 }, { 50, 50 } };
	CHECK_NEAR(stroke_area(corner, 3, 8, 0, 0), 2 * 40 * 8 - 16 + 4 * 3.14159, 2);
	const struct raster_point other[] = { { 50, 50 }, { 50, 10 }, { 10, 10 } };
	CHECK_NEAR(stroke_area(other, 3, 8, 0, 0), 2 * 40 * 8 - 16 + 4 * 3.14159, 2);
	const struct raster_point back[] = { { 10, 40 }, { 60, 40 }, { 10, 40 } };
	CHECK_NEAR(stroke_area(back, 3, 8, 0, 0), 400 + 8 * 3.14159, 2);
}

static void dashes_are_half_on(void)
{
	const struct raster_point across[] = { { 10, 20 }, { 90, 20 } };
	CHECK_NEAR(stroke_area(across, 2, 2, 4, 0), 80, 0.1);
	const struct raster_point pieces[] = { { 10, 20 }, { 13, 20 }, { 21, 20 }, { 90, 20 } };
	CHECK_NEAR(stroke_area(pieces, 4, 2, 4, 0), 80, 0.1);
	CHECK_NEAR(stroke_area(across, 2, 2, 0.01, 0), 160, 0.1); /* too fine: solid */
	CHECK_NEAR(stroke_area(across, 2, 2, NAN, 0), 160, 0.1);
	struct raster r;
	raster_open(&r, 100, 40, black);
	raster_stroke(&r, across, 2, &(struct pen){ 2, 4, false, opaque });
	CHECK_NEAR(pixel(&r, 11, 20), 1, 0);
	CHECK_NEAR(pixel(&r, 15, 20), 0, 0);
	CHECK_NEAR(pixel(&r, 19, 20), 1, 0);
	raster_close(&r);
}

/* A dash pattern begins with its line, though the line begins far outside. */
static void dashes_keep_their_phase(void)
{
	struct raster r;
	raster_open(&r, 40, 10, black);
	raster_stroke(&r, (const struct raster_point[]){ { -1000, 5 }, { 1000, 5 } }, 2,
		      &(struct pen){ 2, 8, false, opaque });
	for (int x = 0; x < 40; x++)
		CHECK_NEAR(pixel(&r, x, 5), (x + 1000) % 16 < 8, 0.01);
	raster_close(&r);
}

static void overlaps_are_painted_once(void)
{
	const struct raster_point cross[] = { { 10, 30 }, { 50, 30 }, { 50, 10 },
					      { 30, 10 }, { 30, 50 }, { 30, 10 } };
	struct raster r;
	raster_open(&r, 60, 60, black);
	raster_stroke(&r, cross, 6, &(struct pen){ 6, 0, false, { white, 0.5 } });
	CHECK_NEAR(pixel(&r, 30, 30), 0.5, 0.005);
	CHECK_NEAR(pixel(&r, 20, 30), 0.5, 0.005);
	CHECK_NEAR(pixel(&r, 30, 45), 0.5, 0.005);
	for (size_t i = 0; i < 60 * 60; i++)
		CHECK(r.rgb[i * 3] <= 128);
	raster_close(&r);
}

static void the_clip_holds(void)
{
	struct raster r;
	raster_open(&r, 60, 50, black);
	raster_clip(&r, 10, 5, 40, 30);
	raster_rect(&r, (struct box){ -1000, -1000, 5000, 5000 }, opaque);
	CHECK_NEAR(painted(&r), 30 * 25, 0);
	CHECK_NEAR(pixel(&r, 10, 5), 1, 0);
	CHECK_NEAR(pixel(&r, 39, 29), 1, 0);
	raster_stroke(&r, (const struct raster_point[]){ { 0, 0 }, { 59, 49 } }, 2,
		      &(struct pen){ 20, 0, true, opaque });
	raster_disc(&r, (struct raster_point){ 10, 5 }, 9, opaque);
	uint8_t full[15 * 15];
	memset(full, 255, sizeof full);
	raster_blend(&r, &(struct raster_mask){ 0, 0, 15, 15, 15, full }, opaque);
	raster_blend(&r, &(struct raster_mask){ 35, 25, 15, 15, 15, full }, opaque);
	raster_blend(&r, &(struct raster_mask){ -100, 10, 15, 15, 15, full }, opaque);
	CHECK_NEAR(painted(&r), 30 * 25, 0);
	raster_clip(&r, 20, 20, 10, 10); /* nothing is left */
	raster_rect(&r, (struct box){ 0, 0, 60, 50 }, opaque);
	CHECK_NEAR(painted(&r), 30 * 25, 0);
	raster_clip(&r, -5, -5, 1e9, INFINITY);
	raster_rect(&r, (struct box){ 0, 0, 60, 50 }, opaque);
	CHECK_NEAR(painted(&r), 60 * 50, 0);
	raster_close(&r);
}

/* Half of the picture lies right of a line through its middle that begins and ends far outside. */
static void far_points_keep_their_direction(void)
{
	for (double far = 1e3; far <= 1e12; far *= 1e3) {
		const struct raster_point half[] = {
			{ 50 - far, -far }, { 50 + far, far }, { far * 3, far }, { far * 3, -far }
		};
		struct raster r;
		raster_open(&r, 100, 100, black);
		raster_fill(&r, half, (const size_t[]){ 4, 0 }, opaque);
		CHECK_NEAR(painted(&r), 50 * 50 / 2, 5);
		raster_close(&r);
		raster_open(&r, 100, 100, black);
		raster_stroke(&r, half, 2, &(struct pen){ 2, 0, false, opaque });
		CHECK_NEAR(painted(&r), 50 * sqrt(2) * 2, 5);
		raster_close(&r);
	}
}

static void numbers_that_are_none_do_no_harm(void)
{
	static const double strange[] = { NAN,     INFINITY, -INFINITY, DBL_MAX, -DBL_MAX,
					  1e300,   -1e300,   1e100,     5e9,     -5e9,
					  DBL_MIN, 0,        50,        -0.0,    99.9999999999 };
	enum { N = sizeof strange / sizeof *strange };
	struct raster_point points[400];
	struct raster r;
	raster_open(&r, 100, 100, black);
	unsigned seed = 1;
	for (int round = 0; round < 300; round++) {
		size_t n = (size_t)round + 1;
		for (size_t i = 0; i < n; i++) {
			seed = seed * 1103515245 + 12345;
			points[i].x = strange[(seed >> 16) % N];
			seed = seed * 1103515245 + 12345;
			points[i].y = strange[(seed >> 16) % N];
		}
		const struct ink thin = { white, 0.1 };
		const struct pen plain = { round % 7, round % 3, round % 2, thin },
				 odd = { strange[round % N], strange[round % 7], true, thin };
		CHECK_INT(raster_fill(&r, points, (const size_t[]){ n, 0 }, thin), 0);
		CHECK_INT(raster_stroke(&r, points, n, &plain), 0);
		CHECK_INT(raster_stroke(&r, points, n, &odd), 0);
		raster_rect(&r, (struct box){ points[0].x, points[0].y, strange[round % N], 5 },
			    (struct ink){ white, NAN });
		raster_disc(&r, points[0], strange[round % N], (struct ink){ white, 2 });
	}
	raster_close(&r);
	const struct raster_point holes[] = { { NAN, 3 }, { 10, 10 }, { INFINITY, 20 }, { 30, 10 },
					      { 30, 30 }, { 4, NAN }, { 10, 30 } };
	CHECK_NEAR(fill_area(holes, 7), 400, 0.1);
}

static void masks_are_blended(void)
{
	static const uint8_t mask[] = { 0, 255, 9, 128, 255, 9 };
	struct raster r;
	raster_open(&r, 4, 4, 0x0000ff);
	raster_blend(&r, &(struct raster_mask){ 1, 1, 2, 2, 3, mask }, (struct ink){ 0xff8000, 1 });
	const uint8_t *row = r.rgb + (4 + 1) * 3;
	CHECK_INT(row[0], 0);
	CHECK_INT(row[2], 0xff);
	CHECK_INT(row[3], 0xff);
	CHECK_INT(row[4], 0x80);
	CHECK_INT(row[5], 0);
	CHECK_NEAR(row[12], 128, 1);
	CHECK_NEAR(row[13], 64, 1);
	CHECK_NEAR(row[14], 128, 1);
	CHECK_INT(r.rgb[2], 0xff);
	raster_close(&r);
}

static void large_runs_are_blended_alike(void)
{
	struct raster r;
	raster_open(&r, 100, 3, 0x204060);
	raster_rect(&r, (struct box){ 3, 0, 95, 3 }, (struct ink){ 0xe0c0a0, 0.25 });
	for (int x = 3; x < 98; x++) {
		const uint8_t *p = r.rgb + (100 + (size_t)x) * 3;
		CHECK_INT(p[0], 0x50);
		CHECK_INT(p[1], 0x60);
		CHECK_INT(p[2], 0x70);
	}
	CHECK_INT(r.rgb[300 + 2 * 3], 0x20);
	CHECK_INT(r.rgb[300 + 98 * 3], 0x20);
	raster_close(&r);
}

int main(void)
{
	RUN(sides_are_bounded);
	RUN(a_pixel_gets_its_share);
	RUN(coverage_is_in_sixteenths);
	RUN(areas_of_polygons);
	RUN(winding_is_not_zero);
	RUN(strokes_have_their_width);
	RUN(dots_are_discs);
	RUN(corners_are_round_and_have_no_gap);
	RUN(dashes_are_half_on);
	RUN(dashes_keep_their_phase);
	RUN(overlaps_are_painted_once);
	RUN(the_clip_holds);
	RUN(far_points_keep_their_direction);
	RUN(numbers_that_are_none_do_no_harm);
	RUN(masks_are_blended);
	RUN(large_runs_are_blended_alike);
	return DONE();
}
