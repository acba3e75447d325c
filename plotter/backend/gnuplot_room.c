#include "plotter/backend/gnuplot_room.h"

#include "plotter/chart/chart.h"
#include "plotter/figure/boxes.h"
#include "plotter/figure/canvas.h"

struct raster_point gnuplot_at(const struct script *s, double seconds, double y)
{
	const struct chart_axis *x = &s->chart->x;
	double low = gnuplot_floor(s);
	double part = (seconds - x->low) / (x->high - x->low),
	       high = (y - low) / (s->chart->y.high - low);
	return (struct raster_point){
		(s->left + part * (s->right - s->left)) * s->canvas->width,
		(1 - s->bottom - high * (s->top - s->bottom)) * s->canvas->height,
	};
}

struct box gnuplot_pane(const struct script *s, bool below)
{
	const struct chart_axis *x = &s->chart->x, *y = below ? &s->chart->below : &s->chart->y;
	struct raster_point a = gnuplot_at(s, x->low, gnuplot_y(s, below, y->high));
	struct raster_point b = gnuplot_at(s, x->high, gnuplot_y(s, below, y->low));
	return (struct box){ a.x, a.y, b.x - a.x, b.y - a.y };
}

struct box gnuplot_box(const struct script *s, const char *text, double size)
{
	return (struct box){ .w = gnuplot_ems(NULL, text) * gnuplot_px(s, size) + gnuplot_px(s, 6),
			     .h = gnuplot_px(s, size + 4) };
}

void gnuplot_take(struct script *s, struct box box)
{
	if (s->n_taken < GNUPLOT_TAKEN)
		s->taken[s->n_taken++] = box;
}

bool gnuplot_is_free(const struct script *s, bool below, struct box box)
{
	const struct box pane = gnuplot_pane(s, below);
	double over = gnuplot_px(s, s->chart->levels > 0 && !below ? 0 : 10); /* of a pane */
	bool is = box.x >= pane.x && box.x + box.w <= pane.x + pane.w && box.y >= pane.y - over &&
		  box.y + box.h <= pane.y + pane.h;
	for (size_t i = 0; i < s->n_taken && is; i++)
		is = !box_overlaps(&box, &s->taken[i]);
	return is;
}

static bool is_crossed(const struct script *s, const struct box *box, const struct chart_curve *c)
{
	struct raster_point last = { 0 };
	for (size_t i = 0; i < c->n; i++) {
		const struct chart_point *p = &c->points[i];
		struct raster_point at = gnuplot_at(s, p->x, gnuplot_y(s, c->below, p->y));
		if (box_is_crossed(box, i > 0 && !p->apart ? last : at, at))
			return true;
		last = at;
	}
	return false;
}

bool gnuplot_is_clear(const struct script *s, bool below, struct box box)
{
	bool is = gnuplot_is_free(s, below, box);
	for (size_t i = 0; i < s->chart->n_curves && is; i++) {
		const struct chart_curve *curve = &s->chart->curves[i];
		is = curve->colour == CHART_OTHERS || !is_crossed(s, &box, curve);
	}
	return is;
}

char *gnuplot_offset(char out[GNUPLOT_OFFSET], const struct script *s, struct raster_point from,
		     struct box box)
{
	double x = (box.x + gnuplot_px(s, 3) - from.x) / s->canvas->width,
	       y = (from.y - box.y - box.h / 2) / s->canvas->height;
	snprintf(out, GNUPLOT_OFFSET, "left offset screen %.5f, screen %.5f", x, y);
	return out;
}
