#include "plotter/page/words.h"

#include <math.h>

#include "plotter/chart/chart.h"
#include "plotter/page/data.h"
#include "plotter/page/markup.h"
#include "share/xml.h"

enum { INTERVALS = 24, CURVES = 8 };

struct words {
	FILE *out;
	const struct page_data *data;
	const struct chart_curve *curves[CURVES]; /* those that are told of */
	size_t n, more;
	double from, step; /* seconds */
};

static void choose(struct words *w)
{
	const struct chart *chart = w->data->chart;
	for (size_t i = 0; i < chart->n_curves; i++) {
		const struct chart_curve *curve = &chart->curves[i];
		if (curve->role == CHART_TREND || curve->n == 0)
			continue;
		if (w->n < CURVES)
			w->curves[w->n++] = curve;
		else
			w->more++;
	}
}

static void put_heading(FILE *out, const char *name, const char *what)
{
	fputs("<th scope=\"col\" class=\"figure\">", out);
	xml_text(out, name);
	fprintf(out, ", %s MiB</th>", what);
}

static void put_head(const struct words *w)
{
	fputs("<details class=\"words\"><summary>The picture in figures</summary>\n"
	      "<section><table>\n<caption>Of each interval, what was sampled",
	      w->out);
	if (w->more > 0)
		fprintf(w->out, "; %zu more curves are left out", w->more);
	fputs("</caption>\n<thead><tr><th scope=\"col\" class=\"figure\">from s</th>"
	      "<th scope=\"col\" class=\"figure\">to s</th>",
	      w->out);
	for (size_t i = 0; i < w->n; i++) {
		const char *name = data_name(w->data, w->curves[i]);
		if (i == 0)
			put_heading(w->out, name, "lowest");
		put_heading(w->out, name, "highest");
	}
	fputs("</tr></thead>\n<tbody>\n", w->out);
}

/* The first of a curve's points that is not before x. */
static size_t find(const struct chart_curve *curve, double x)
{
	size_t low = 0, high = curve->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (curve->points[middle].x < x)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The last interval has both its ends. */
static void put_curve(const struct words *w, size_t k, double from, double to)
{
	const struct chart_curve *curve = w->curves[k];
	double low = INFINITY, high = -INFINITY;
	for (size_t i = find(curve, from), end = find(curve, to); i < end; i++) {
		low = fmin(low, curve->points[i].y);
		high = fmax(high, curve->points[i].y);
	}
	for (int i = k == 0 ? 0 : 1; i < 2; i++)
		if (high >= low)
			markup_figure(w->out, i ? high : low, 1);
		else
			markup_cell(w->out, "");
}

static void put_interval(const struct words *w, int i)
{
	double from = w->from + i * w->step, to = from + w->step;
	int decimals = w->step < 0.1 ? 3 : w->step < 10 ? 2 : 0;
	fprintf(w->out, "<tr data-from=\"%.3f\" data-to=\"%.3f\">", from, to);
	markup_figure(w->out, from, decimals);
	markup_figure(w->out, to, decimals);
	for (size_t k = 0; k < w->n; k++)
		put_curve(w, k, from, i + 1 < INTERVALS ? to : to + 1e-6);
	fputs("</tr>\n", w->out);
}

void words_put(FILE *out, const struct page_data *data)
{
	const struct chart_axis *x = &data->drawn->x;
	struct words w = { .out = out, .data = data, .from = x->low };
	w.step = (x->high - x->low) / INTERVALS;
	choose(&w);
	if (w.n == 0 || !(w.step > 0))
		return;
	put_head(&w);
	for (int i = 0; i < INTERVALS; i++)
		put_interval(&w, i);
	markup_end_table(out);
	fputs("</details>\n", out);
}
