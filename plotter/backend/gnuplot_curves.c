#include "plotter/backend/gnuplot_curves.h"

#include <stdbool.h>

#include "plotter/backend/gnuplot_text.h"
#include "plotter/chart/chart.h"
#include "plotter/figure/canvas.h"
#include "plotter/figure/theme.h"

enum { DENSE = 1500 }; /* points */

/* Of a zigzag the area would be all that there is to see. */
static bool is_filled(const struct chart_curve *curve)
{
	return curve->filled && curve->n < DENSE;
}

/* A dense zigzag drawn as one line costs gnuplot four times what its strokes cost one by one. */
static bool is_dense(const struct chart_curve *curve)
{
	return curve->n > DENSE;
}

static void put_plots(struct script *s, const struct chart_curve *curve, const char *separator)
{
	uint32_t rgb = theme_colour(s->canvas->theme, curve->colour);
	double width = s->canvas->scale * curve->weight;
	fputs(separator, s->out);
	if (is_filled(curve))
		fprintf(s->out,
			"'-' with filledcurves y1=0 fillcolor rgb '#%06x' fillstyle transparent "
			"solid 0.12 noborder, ",
			rgb);
	if (is_dense(curve))
		fprintf(s->out, "'-' with vectors nohead linecolor rgb '#%06x' linewidth %.2g", rgb,
			width);
	else
		fprintf(s->out, "'-' with %s linecolor rgb '#%06x' linewidth %.2g%s",
			curve->sparse ? "linespoints pointtype 7 pointsize 0.4" : "lines", rgb,
			width, curve->dashed ? " dashtype 2" : "");
}

static void put_points(struct script *s, const struct chart_point *points, size_t n, bool below)
{
	for (size_t i = 0; i < n; i++)
		fprintf(s->out, "%s%.10g %.10g\n", points[i].apart ? "\n" : "", points[i].x,
			gnuplot_y(s, below, points[i].y));
	fputs("e\n", s->out);
}

static void put_strokes(struct script *s, const struct chart_curve *curve)
{
	for (size_t i = 1; i < curve->n; i++) {
		const struct chart_point *a = &curve->points[i - 1], *b = &curve->points[i];
		if (b->apart)
			continue;
		double from = gnuplot_y(s, curve->below, a->y),
		       to = gnuplot_y(s, curve->below, b->y);
		fprintf(s->out, "%.10g %.10g %.10g %.10g\n", a->x, from, b->x - a->x, to - from);
	}
	fputs("e\n", s->out);
}

/* The main curve last, on top of the others. */
static size_t in_order(const struct chart *chart, size_t i)
{
	return chart->n_curves - 1 - i;
}

void gnuplot_curves(struct script *s)
{
	const struct chart *chart = s->chart;
	fputs("plot ", s->out);
	for (size_t i = 0; i < chart->n_bands; i++)
		fprintf(s->out,
			"'-' with filledcurves closed fillcolor rgb '#%06x' fillstyle "
			"transparent "
			"solid %.2f noborder, ",
			theme_colour(s->canvas->theme, chart->bands[i].colour),
			chart->bands[i].stacked ? 0.75 : 0.35);
	for (size_t i = 0; i < chart->n_curves; i++)
		put_plots(s, &chart->curves[in_order(chart, i)], i ? ", " : "");
	fputc('\n', s->out);
	for (size_t i = 0; i < chart->n_bands; i++)
		put_points(s, chart->bands[i].points, chart->bands[i].n, chart->bands[i].below);
	for (size_t i = 0; i < chart->n_curves; i++) {
		const struct chart_curve *curve = &chart->curves[in_order(chart, i)];
		if (is_filled(curve))
			put_points(s, curve->points, curve->n, curve->below);
		if (is_dense(curve))
			put_strokes(s, curve);
		else
			put_points(s, curve->points, curve->n, curve->below);
	}
}
