#include "plotter/figure/boxes.h"

#include <math.h>

bool box_overlaps(const struct box *a, const struct box *b)
{
	return a->x < b->x + b->w && b->x < a->x + a->w && a->y < b->y + b->h && b->y < a->y + a->h;
}

bool box_is_crossed(const struct box *box, struct raster_point a, struct raster_point b)
{
	double left = fmax(box->x, fmin(a.x, b.x)), right = fmin(box->x + box->w, fmax(a.x, b.x));
	if (left > right)
		return false;
	double slope = b.x != a.x ? (b.y - a.y) / (b.x - a.x) : 0;
	double y0 = b.x != a.x ? a.y + slope * (left - a.x) : a.y;
	double y1 = b.x != a.x ? a.y + slope * (right - a.x) : b.y;
	return fmax(y0, y1) >= box->y && fmin(y0, y1) <= box->y + box->h;
}
