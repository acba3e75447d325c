#include "plotter/raster/stroke.h"

#include <math.h>

#include "plotter/raster/edges.h"
#include "plotter/raster/point.h"

/* Beyond this, products of coordinates would overflow. */
#define FAR 1e100

/* Joins of thinner lines cannot be told from a bevel. */
#define ROUND_FROM 1.2

static const double pi = 3.14159265358979323846;

struct nib { /* the stroke so far */
	struct raster_edges *edges;
	const struct stroke_pen *pen;
	double half, step; /* half the width; the angle that one side of a round piece spans */
	bool down, drawn;  /* `at` is set; `normal` is set */
	struct raster_point at,
		normal; /* the normal: half a width to the right of the last segment */
	double length;  /* of the last segment */
	double travel;  /* along the polyline, for the dashes */
};

static struct raster_point offset(struct raster_point p, struct raster_point n, double sign)
{
	return (struct raster_point){ p.x + sign * n.x, p.y + sign * n.y };
}

static void edge(struct nib *nib, struct raster_point from, struct raster_point to)
{
	edges_add(nib->edges, from.x, from.y, to.x, to.y);
}

/* Around `centre` from centre + from by `angle` to centre + to. */
static void arc(struct nib *nib, struct raster_point centre, struct raster_point from,
		struct raster_point to, double angle)
{
	int sides = (int)ceil(fabs(angle) / nib->step);
	double c = cos(angle / sides), s = sin(angle / sides);
	struct raster_point radius = from, last = offset(centre, from, 1);
	for (int i = 1; i < sides; i++) {
		radius = (struct raster_point){ c * radius.x - s * radius.y,
						s * radius.x + c * radius.y };
		struct raster_point next = offset(centre, radius, 1);
		edge(nib, last, next);
		last = next;
	}
	edge(nib, last, offset(centre, to, 1));
}

static struct raster_point reverse(struct raster_point n)
{
	return (struct raster_point){ -n.x, -n.y };
}

/* The end of a stroke whose last segment has normal n (its start, when n is reversed). */
static void cap(struct nib *nib, struct raster_point at, struct raster_point n)
{
	if (nib->pen->round)
		arc(nib, at, n, reverse(n), -pi);
	else
		edge(nib, offset(at, n, 1), offset(at, n, -1));
}

/* Between two segments with normals a and b at a corner. The outer side gets an arc. On the inner
 * side the segments overlap: through the corner when one may be too short for the other, else
 * straight across, which counts less of the overlap twice. */
static void join(struct nib *nib, struct raster_point at, struct raster_point a,
		 struct raster_point b, double length)
{
	double cross = a.x * b.y - a.y * b.x, dot = a.x * b.x + a.y * b.y;
	struct raster_point inner_from = a, inner_to = b, outer_from = reverse(b),
			    outer_to = reverse(a);
	if (cross <= 0) {
		inner_from = reverse(b), inner_to = reverse(a);
		outer_from = a, outer_to = b;
	}
	if (dot > 0 && fmin(length, nib->length) > nib->half) {
		edge(nib, offset(at, inner_from, 1), offset(at, inner_to, 1));
	} else {
		edge(nib, offset(at, inner_from, 1), at);
		edge(nib, at, offset(at, inner_to, 1));
	}
	if (nib->pen->width > ROUND_FROM)
		arc(nib, at, outer_from, outer_to, -fabs(atan2(cross, dot)) - 1e-9);
	else
		edge(nib, offset(at, outer_from, 1), offset(at, outer_to, 1));
}

static void nib_down(struct nib *nib, struct raster_point p)
{
	nib->at = p;
	nib->down = true;
	nib->drawn = false;
}

static void nib_to(struct nib *nib, struct raster_point p)
{
	double dx = p.x - nib->at.x, dy = p.y - nib->at.y, length = hypot(dx, dy);
	if (length < 1e-6)
		return;
	struct raster_point n = { -dy * nib->half / length, dx * nib->half / length };
	if (nib->drawn)
		join(nib, nib->at, nib->normal, n, length);
	else
		cap(nib, nib->at, reverse(n));
	edge(nib, offset(nib->at, n, 1), offset(p, n, 1));
	edge(nib, offset(p, n, -1), offset(nib->at, n, -1));
	nib->at = p;
	nib->normal = n;
	nib->length = length;
	nib->drawn = true;
}

static void nib_up(struct nib *nib)
{
	if (nib->drawn) {
		cap(nib, nib->at, nib->normal);
	} else if (nib->down && nib->pen->round) {
		struct raster_point right = { nib->half, 0 };
		cap(nib, nib->at, right);
		cap(nib, nib->at, reverse(right));
	}
	nib->down = nib->drawn = false;
}

/* One visible segment, in dashes; `travel` is the way along the polyline at its start. */
static void dashes(struct nib *nib, struct raster_point from, struct raster_point to, double travel)
{
	double dash = nib->pen->dash, length = hypot(to.x - from.x, to.y - from.y);
	double dx = (to.x - from.x) / length, dy = (to.y - from.y) / length;
	double phase = fmod(travel, 2 * dash);
	for (double at = 0, end; at < length; at = end) {
		bool on = phase < dash;
		end = fmin(length, at + (on ? dash : 2 * dash) - phase);
		phase = on ? dash : 0;
		if (!on) {
			nib_up(nib);
			continue;
		}
		if (!nib->down)
			nib_down(nib, (struct raster_point){ from.x + at * dx, from.y + at * dy });
		nib_to(nib, (struct raster_point){ from.x + end * dx, from.y + end * dy });
	}
}

/* Narrows [*from, *to], the visible share of a segment, to where low <= start + t * way <= high. */
static bool narrow(double start, double way, double low, double high, double *from, double *to)
{
	if (way == 0)
		return start >= low && start <= high;
	double a = (low - start) / way, b = (high - start) / way;
	*from = fmax(*from, fmin(a, b));
	*to = fmin(*to, fmax(a, b));
	return *from < *to;
}

static double within(double value, double low, double high)
{
	return fmax(low, fmin(high, value));
}

static void segment(struct nib *nib, struct raster_point a, struct raster_point b)
{
	const struct stroke_pen *pen = nib->pen;
	double dx = b.x - a.x, dy = b.y - a.y, length = hypot(dx, dy), from = 0, to = 1;
	double margin = pen->width + 1;
	double low_x = pen->low_x - margin, high_x = pen->high_x + margin;
	double low_y = pen->low_y - margin, high_y = pen->high_y + margin;
	bool seen = narrow(a.x, dx, low_x, high_x, &from, &to) &&
		    narrow(a.y, dy, low_y, high_y, &from, &to);
	if (!seen || from > 0)
		nib_up(nib);
	if (seen) {
		struct raster_point p = { within(a.x + from * dx, low_x, high_x),
					  within(a.y + from * dy, low_y, high_y) };
		struct raster_point q = { within(a.x + to * dx, low_x, high_x),
					  within(a.y + to * dy, low_y, high_y) };
		if (pen->dash > 0) {
			dashes(nib, p, q, nib->travel + from * length);
		} else {
			if (!nib->down)
				nib_down(nib, p);
			nib_to(nib, q);
		}
	}
	if (to < 1)
		nib_up(nib);
	nib->travel += length;
}

void stroke_outline(struct raster_edges *edges, const struct raster_point *points, size_t n,
		    const struct stroke_pen *pen)
{
	struct nib nib = { .edges = edges, .pen = pen, .half = pen->width / 2 };
	/* A round piece may stray a twentieth of a pixel from its circle. */
	nib.step = 2 * acos(fmax(1 - 0.05 / fmax(nib.half, 0.05), 0.5));
	struct raster_point last = { 0 };
	bool started = false;
	for (size_t i = 0; i < n; i++) {
		if (!isfinite(points[i].x) || !isfinite(points[i].y))
			continue;
		struct raster_point p = { within(points[i].x, -FAR, FAR),
					  within(points[i].y, -FAR, FAR) };
		if (started)
			segment(&nib, last, p);
		else if (pen->round && pen->dash <= 0)
			nib_down(&nib, p);
		last = p;
		started = true;
	}
	nib_up(&nib);
}
