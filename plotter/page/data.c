#include "plotter/page/data.h"

#include "plotter/chart/chart.h"
#include "plotter/figure/canvas.h"
#include "plotter/figure/theme.h"
#include "plotter/page/markup.h"
#include "plotter/page/points.h"
#include "plotter/page/steps.h"
#include "share/growth/peak_known.h"
#include "share/metrics.h"

/* The legend's row of that colour; nothing has one that is one of many. */
static const struct chart_row *row_of(const struct chart *chart, unsigned colour, bool area)
{
	for (size_t i = 0; i < chart->n_rows; i++) {
		const struct chart_row *row = &chart->rows[i];
		bool areas = row->kind == ROW_BAND || row->kind == ROW_AREA;
		bool lines = row->kind == ROW_CURVE || row->kind == ROW_CHILD;
		if (row->colour == colour && (area ? areas : lines))
			return row;
	}
	return NULL;
}

static const struct chart_row *row_of_curve(const struct chart *chart,
					    const struct chart_curve *curve)
{
	if (curve->row > 0 && curve->row <= chart->n_rows)
		return &chart->rows[curve->row - 1];
	return row_of(chart, curve->colour, false);
}

/* A curve that is alone has no row. */
static const char *name_of(const struct page_data *d, const struct chart_curve *curve,
			   const struct chart_row *row)
{
	const struct metric *metric = d->profile ? peak_metric(d->profile) : NULL;
	if (row)
		return row->label;
	if (curve->role != CHART_MAIN)
		return "others";
	return metric ? metric->brief : "memory";
}

const char *data_name(const struct page_data *d, const struct chart_curve *curve)
{
	return name_of(d, curve, row_of_curve(d->drawn, curve));
}

static void put_ink(FILE *out, const struct page_data *d, unsigned colour)
{
	fprintf(out, ",\"ink\":\"#%06x\"", theme_colour(d->canvas->theme, colour) & 0xffffff);
}

static void put_row(FILE *out, const struct chart *chart, const struct chart_row *row)
{
	if (row)
		fprintf(out, ",\"row\":%zu", (size_t)(row - chart->rows));
}

/* The points that no line joins with the one before. */
static void put_holes(FILE *out, const struct chart_curve *curve)
{
	size_t holes = 0;
	for (size_t i = 0; i < curve->n; i++)
		if (curve->points[i].apart)
			fprintf(out, "%s%zu", holes++ ? "," : ",\"holes\":[", i);
	fputs(holes ? "]" : "", out);
}

static void put_curve(FILE *out, const struct page_data *d, size_t i)
{
	const struct chart_curve *curve = &d->chart->curves[i];
	const struct chart_curve *drawn = i < d->drawn->n_curves ? &d->drawn->curves[i] : curve;
	const struct chart_row *row = row_of_curve(d->drawn, curve);
	fprintf(out, "%s{\"n\":%zu,\"pane\":%d", i ? ",\n" : "", curve->n, curve->below);
	put_holes(out, curve);
	fprintf(out, ",\"width\":%.1f,\"filled\":%d,\"trend\":%d,\"many\":%d", drawn->weight,
		drawn->filled, curve->role == CHART_TREND, curve->colour == CHART_OTHERS);
	put_ink(out, d, curve->colour);
	put_row(out, d->drawn, row);
	/* Of an area it is the edge, whose height says nothing by itself. */
	fprintf(out, ",\"edge\":%d,\"name\":",
		d->drawn->n_bands > 0 && !row && curve->role == CHART_BESIDE);
	markup_json(out, name_of(d, curve, row));
	fputc('}', out);
}

static void put_curves(FILE *out, const struct page_data *d)
{
	fputs(",\n\"curves\":[", out);
	for (size_t i = 0; i < d->chart->n_curves; i++)
		put_curve(out, d, i);
	fputc(']', out);
}

static void put_bands(FILE *out, const struct page_data *d)
{
	fputs(",\n\"bands\":[", out);
	for (size_t i = 0; i < d->chart->n_bands; i++) {
		const struct chart_band *band = &d->chart->bands[i];
		size_t floor = points_floor(d->chart, band);
		const struct chart_row *row = row_of(d->drawn, band->colour, true);
		bool stands = floor < d->chart->n_curves;
		fprintf(out, "%s{\"pane\":%d,\"n\":%zu,\"upper\":%zu,\"stacked\":%d",
			i ? ",\n" : "", band->below, stands ? band->upper : band->n, band->upper,
			band->stacked);
		if (stands)
			fprintf(out, ",\"floor\":%zu", floor);
		put_ink(out, d, band->colour);
		put_row(out, d->drawn, row);
		fputs(",\"name\":", out);
		markup_json(out, row ? row->label : "");
		fputc('}', out);
	}
	fputc(']', out);
}

static void put_pane(FILE *out, struct box box, const struct chart_axis *axis)
{
	fprintf(out, "{\"box\":[%.2f,%.2f,%.2f,%.2f],\"range\":[%.6f,%.6f],\"title\":", box.x,
		box.y, box.w, box.h, axis->low, axis->high);
	markup_json(out, axis->title);
	fputc('}', out);
}

static void put_panes(FILE *out, const struct page_data *d)
{
	fputs(",\n\"panes\":[", out);
	put_pane(out, d->place.plot, &d->drawn->y);
	if (d->place.below.h > 0) {
		fputc(',', out);
		put_pane(out, d->place.below, &d->drawn->below);
	}
	fputc(']', out);
}

static void put_theme(FILE *out, const struct theme *t)
{
	fprintf(out,
		",\n\"theme\":{\"paper\":\"#%06x\",\"ink\":\"#%06x\",\"muted\":\"#%06x\","
		"\"grid\":\"#%06x\",\"frame\":\"#%06x\",\"main\":\"#%06x\",\"peak\":\"#%06x\"}",
		t->paper, t->ink, t->muted, t->grid, t->frame, t->main, t->peak);
}

/* ---- what stands beside the curves ---- */

static void put_marks(FILE *out, const struct chart *chart)
{
	fputs(",\n\"marks\":[", out);
	for (size_t i = 0; i < chart->n_marks; i++) {
		fprintf(out, "%s[%.3f,", i ? "," : "", chart->marks[i].x);
		markup_json(out, chart->marks[i].label);
		fprintf(out, ",%d]", chart->marks[i].decisive);
	}
	fputc(']', out);
}

static void put_limits(FILE *out, const struct page_data *d)
{
	fputs(",\n\"limits\":[", out);
	for (size_t i = 0; i < d->drawn->n_limits; i++) {
		const struct chart_limit *limit = &d->drawn->limits[i];
		fprintf(out, "%s{\"at\":%.3f,\"pane\":%d,\"peak\":%d", i ? "," : "", limit->at,
			limit->below, limit->peak);
		put_ink(out, d, limit->colour);
		fputs(",\"label\":", out);
		markup_json(out, limit->label);
		fputc('}', out);
	}
	fputc(']', out);
}

static void put_notes(FILE *out, const struct page_data *d)
{
	fputs(",\n\"notes\":[", out);
	for (size_t i = 0; i < d->drawn->n_notes; i++) {
		const struct chart_note *note = &d->drawn->notes[i];
		fprintf(out, "%s{\"t\":%.6f,\"v\":%.3f,\"minor\":%d", i ? "," : "", note->at.x,
			note->at.y, note->minor);
		put_ink(out, d, note->alone ? CHART_PEAK : note->colour);
		put_row(out, d->drawn, row_of(d->drawn, note->colour, false));
		fputs(",\"label\":", out);
		markup_json(out, note->label);
		fputs(",\"place\":", out);
		markup_json(out, note->place ? note->place : "");
		fputc('}', out);
	}
	fputc(']', out);
}

static void put_spans(FILE *out, const struct chart *chart)
{
	fputs(",\n\"spans\":[", out);
	for (size_t i = 0; i < chart->n_spans; i++) {
		const struct chart_span *span = &chart->spans[i];
		fprintf(out, "%s[%.6f,%.6f,", i ? "," : "", span->from, span->to);
		markup_json(out, span->label);
		fputc(']', out);
	}
	fputc(']', out);
}

static void put_rows(FILE *out, const struct page_data *d)
{
	fputs(",\n\"rows\":[", out);
	for (size_t i = 0; i < d->drawn->n_rows; i++) {
		const struct chart_row *row = &d->drawn->rows[i];
		fprintf(out, "%s{\"kind\":%d", i ? "," : "", row->kind);
		put_ink(out, d, row->colour);
		fputs(",\"name\":", out);
		markup_json(out, row->label);
		fputs(",\"detail\":", out);
		markup_json(out, row->detail);
		fputc('}', out);
	}
	fputc(']', out);
}

int data_put(FILE *out, const struct page_data *d)
{
	double unit = points_unit(d->chart);
	fprintf(out, "{\"x\":[%.6f,%.6f],\"unit\":%.0f,\"scale\":%.3f", d->drawn->x.low,
		d->drawn->x.high, unit, d->canvas->scale);
	put_theme(out, d->canvas->theme);
	put_panes(out, d);
	put_curves(out, d);
	put_bands(out, d);
	put_marks(out, d->drawn);
	put_limits(out, d);
	put_notes(out, d);
	put_spans(out, d->drawn);
	put_rows(out, d);
	int r = d->profile ? steps_put(out, d->profile, d->own) : 0;
	fputs(",\n\"points\":\"", out);
	r = r < 0 ? r : points_put(out, d->chart, unit);
	fputs("\"}", out);
	return r;
}
