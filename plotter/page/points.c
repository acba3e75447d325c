#include "plotter/page/points.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

#include "plotter/chart/chart.h"
#include "share/base64.h"

enum { KIB = 1024 };

struct bytes {
	unsigned char *of;
	size_t n, room;
	bool failed;
};

static void add(struct bytes *b, unsigned char byte)
{
	if (b->n == b->room) {
		size_t room = b->room ? 2 * b->room : 4096;
		unsigned char *more = realloc(b->of, room);
		b->failed |= !more;
		if (!more)
			return;
		b->of = more;
		b->room = room;
	}
	b->of[b->n++] = byte;
}

static void add_number(struct bytes *b, int64_t value)
{
	uint64_t rest = (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
	for (; rest >= 0x80; rest >>= 7)
		add(b, (unsigned char)(rest | 0x80));
	add(b, (unsigned char)rest);
}

/* One coordinate of some points, each less the one before. */
static void add_column(struct bytes *b, const struct chart_point *points, size_t n, bool ys,
		       double unit)
{
	int64_t before = 0;
	for (size_t i = 0; i < n; i++) {
		int64_t at = llround((ys ? points[i].y : points[i].x) * unit);
		add_number(b, at - before);
		before = at;
	}
}

static void add_points(struct bytes *b, const struct chart_point *points, size_t n, double unit)
{
	add_column(b, points, n, false, unit);
	add_column(b, points, n, true, KIB);
}

/* As a gzip file, which browsers read; without the time of its making. */
static int pack(const struct bytes *plain, struct bytes *packed)
{
	enum { GZIP = 16 + MAX_WBITS };
	z_stream z = { 0 };
	if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP, 8, Z_DEFAULT_STRATEGY) !=
	    Z_OK)
		return -ENOMEM;
	size_t room = deflateBound(&z, (uLong)plain->n);
	packed->of = malloc(room);
	z.next_in = plain->of;
	z.avail_in = (uInt)plain->n;
	z.next_out = packed->of;
	z.avail_out = (uInt)room;
	int r = packed->of && deflate(&z, Z_FINISH) == Z_STREAM_END ? 0 : -ENOMEM;
	packed->n = z.total_out;
	deflateEnd(&z);
	return r;
}

/* Finer than milliseconds only where samples stand that close: it is the stamps that take room. */
double points_unit(const struct chart *chart)
{
	static const double CLOSE = 0.0015, FINE = 1e6, COARSE = 1e3;
	for (size_t i = 0; i < chart->n_curves; i++) {
		const struct chart_curve *curve = &chart->curves[i];
		if (curve->n > 1 && curve->points[curve->n - 1].x - curve->points[0].x <
					    CLOSE * (double)(curve->n - 1))
			return FINE;
	}
	return COARSE;
}

static bool is_same(const struct chart_point *a, const struct chart_point *b)
{
	return a->x == b->x && a->y == b->y;
}

size_t points_floor(const struct chart *chart, const struct chart_band *band)
{
	size_t lower = band->n - band->upper;
	for (size_t i = 0; i < chart->n_curves && lower > 0; i++) {
		const struct chart_curve *curve = &chart->curves[i];
		size_t k = 0;
		while (k < lower && lower == curve->n &&
		       is_same(&band->points[band->n - 1 - k], &curve->points[k]))
			k++;
		if (k == lower)
			return i;
	}
	return chart->n_curves;
}

int points_put(FILE *out, const struct chart *chart, double unit)
{
	struct bytes plain = { 0 }, packed = { 0 };
	for (size_t i = 0; i < chart->n_curves; i++)
		add_points(&plain, chart->curves[i].points, chart->curves[i].n, unit);
	for (size_t i = 0; i < chart->n_bands; i++) {
		const struct chart_band *band = &chart->bands[i];
		bool stands = points_floor(chart, band) < chart->n_curves;
		add_points(&plain, band->points, stands ? band->upper : band->n, unit);
	}
	int r = plain.failed ? -ENOMEM : plain.n ? pack(&plain, &packed) : 0;
	if (r == 0)
		base64_put(out, packed.of, packed.n);
	free(plain.of);
	free(packed.of);
	return r;
}
