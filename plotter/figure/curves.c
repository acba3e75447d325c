#include "plotter/figure/curves.h"

#include <stdlib.h>

#include "plotter/figure/sheet.h"

/* Between two gaps: `points` has room for two more. */
static void draw_piece(const struct sheet *f, const struct chart_curve *curve,
		       struct raster_point *points, size_t n)
{
	uint32_t rgb = theme_colour(f->theme, curve->colour);
	const struct ink ink = { rgb, curve->colour == CHART_OTHERS ? 0.6 : 1 };
	const struct raster_point next[] = { points[n], points[n + 1] };
	if (curve->filled) {
		double base = sheet_on(f, curve->below, 0);
		points[n] = (struct raster_point){ points[n - 1].x, base };
		points[n + 1] = (struct raster_point){ points[0].x, base };
		f->painter->area(f->painter->state, points, n + 2, (struct ink){ rgb, 0.12 });
		points[n] = next[0];
		points[n + 1] = next[1];
	}
	if (curve->dashed) /* seen on a curve that is nothing but ink, too */
		sheet_line(f, points, n,
			   (struct pen){ .width = 4, .ink = { f->theme->paper, 0.85 } });
	sheet_line(
		f, points, n,
		(struct pen){ .width = curve->weight, .dash = curve->dashed ? 6 : 0, .ink = ink });
	bool alone = n == 1 && curve->n > 1;
	for (size_t i = 0; i < n && (curve->sparse || alone); i++)
		sheet_disc(f, points[i], curve->sparse ? 2.2 : curve->weight * 0.75, ink);
}

static void draw_curve(const struct sheet *f, const struct chart_curve *curve)
{
	struct raster_point *points = calloc(curve->n + 2, sizeof *points);
	for (size_t i = 0; points && i < curve->n; i++)
		points[i] = (struct raster_point){ sheet_x(f, curve->points[i].x),
						   sheet_on(f, curve->below, curve->points[i].y) };
	for (size_t i = 0, end; points && i < curve->n; i = end) {
		for (end = i + 1; end < curve->n && !curve->points[end].apart;)
			end++;
		draw_piece(f, curve, points + i, end - i);
	}
	free(points);
}

/* What was held between the samples. */
static void draw_band(const struct sheet *f, const struct chart_band *band)
{
	struct raster_point *points = calloc(band->n + 1, sizeof *points);
	for (size_t i = 0; points && i < band->n; i++)
		points[i] = (struct raster_point){ sheet_x(f, band->points[i].x),
						   sheet_on(f, band->below, band->points[i].y) };
	if (points)
		f->painter->area(f->painter->state, points, band->n,
				 (struct ink){ theme_colour(f->theme, band->colour),
					       band->stacked ? 0.75 : 0.35 });
	free(points);
}

/* The small ones first, so that the main curve lies on top. */
void curves_draw(const struct sheet *f, bool below)
{
	static const enum chart_role order[] = { CHART_CHILD, CHART_BESIDE, CHART_MAIN,
						 CHART_TREND };
	const struct box *pane = sheet_pane(f, below);
	double edge = sheet_scaled(f, 3); /* a dot on the border is whole */
	if (pane->h <= 0)
		return;
	sheet_clip(f, (struct box){ pane->x - edge, pane->y - edge, pane->w + 2 * edge,
				    pane->h + 2 * edge });
	for (size_t i = 0; i < f->chart->n_bands; i++)
		if (f->chart->bands[i].below == below) {
			sheet_group(f, "band", i);
			draw_band(f, &f->chart->bands[i]);
		}
	for (size_t k = 0; k < sizeof order / sizeof *order; k++)
		for (size_t i = f->chart->n_curves; i-- > 0;)
			if (f->chart->curves[i].role == order[k] &&
			    f->chart->curves[i].below == below) {
				sheet_group(f, "curve", i);
				draw_curve(f, &f->chart->curves[i]);
			}
	sheet_group(f, NULL, 0);
	sheet_lift_clip(f);
}
