#include "plotter/backend/gnuplot_script.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "plotter/backend/gnuplot_curves.h"
#include "plotter/backend/gnuplot_heat.h"
#include "plotter/backend/gnuplot_text.h"
#include "plotter/backend/gnuplot_things.h"
#include "plotter/chart/chart.h"
#include "plotter/figure/canvas.h"
#include "plotter/figure/theme.h"

/* ---- layout ---- */

static void lay_out(struct script *s)
{
	const struct chart *chart = s->chart;
	double width = s->canvas->width, height = s->canvas->height, legend = 0, label = 3;
	for (size_t i = 0; i < chart->n_rows; i++) {
		legend = fmax(legend, gnuplot_ems(NULL, chart->rows[i].label) * gnuplot_px(s, 12));
		legend = fmax(legend, gnuplot_ems(NULL, chart->rows[i].detail) * gnuplot_px(s, 11));
	}
	legend = legend > 0 ? fmin(legend + gnuplot_px(s, 48), 0.3 * width) : 0;
	for (size_t i = 0; i < chart->y.n; i++)
		label = fmax(label, (double)strlen(chart->y.ticks[i].label));
	for (size_t i = 0; i < chart->below.n; i++)
		label = fmax(label, (double)strlen(chart->below.ticks[i].label));
	int most = chart->flame ? GNUPLOT_BOXES : GNUPLOT_STRIPS;
	double strips = gnuplot_px(s, chart->flame ? 20 : 17) * fmin(chart->levels, most);
	s->left = (gnuplot_px(s, 30) + label * gnuplot_px(s, 7)) / width;
	s->right = 1 - (gnuplot_px(s, 24) + legend) / width;
	s->legend = s->right + gnuplot_px(s, 22) / width;
	s->strip_top = 1 - gnuplot_px(s, 86) / height;
	s->top = s->strip_top - fmin(strips, height * 0.4) / height;
	s->bottom = gnuplot_px(s, 56) / height;
	if (chart->below.n > 0) {
		s->gap = fmin(gnuplot_px(s, 26) / ((s->top - s->bottom) * height), 0.3);
		s->beneath = 0.38 * (1 - s->gap);
	}
}

/* ---- terminal, axes and what stands around the plot ---- */

static bool is_svg(const struct canvas *canvas)
{
	return !canvas->window && canvas->format && strcasecmp(canvas->format, "svg") == 0;
}

static void put_terminal(const struct script *s)
{
	const struct canvas *c = s->canvas;
	const char *format = c->format ? c->format : "png";
	char size[128];
	snprintf(size, sizeof size, "size %.0f,%.0f", c->width, c->height);
	fprintf(s->out, "set encoding utf8\n");
	if (c->window) {
		fprintf(s->out,
			"t = ''\ndo for [w in 'x11 wxt qt'] { do for [g in GPVAL_TERMINALS] "
			"{ if (w eq g) { t = w } } }\n"
			"if (t eq '') { printerr 'this gnuplot can open no window'; exit status 3 "
			"}\n"
			"set terminal @t %s noenhanced persist font ',%.3g'\n",
			size, 9 * c->scale);
	} else if (is_svg(c)) {
		fprintf(s->out,
			"set terminal svg %s noenhanced background rgb '#%06x' font 'sans,%.3g'\n",
			size, c->theme->paper, 12 * c->scale);
	} else if (strcasecmp(format, "pdf") == 0) {
		fprintf(s->out,
			"set terminal pdfcairo size %.4fin,%.4fin noenhanced background rgb "
			"'#%06x' "
			"font 'sans,%.3g' fontscale 1 linewidth 0.75\n",
			c->width / c->dpi, c->height / c->dpi, c->theme->paper, 9.0);
	} else {
		fprintf(s->out,
			"c = 0\ndo for [g in GPVAL_TERMINALS] { if (g eq 'pngcairo') { c = 1 } }\n"
			"if (c) { set terminal pngcairo %s noenhanced background rgb '#%06x' font "
			"'sans,%.3g' } "
			"else { set terminal png %s noenhanced background rgb '#%06x' }\n",
			size, c->theme->paper, 9 * c->scale, size, c->theme->paper);
	}
}

static void put_axis(struct script *s, const char *name, double low, double high)
{
	fprintf(s->out,
		"set %srange [%.17g:%.17g]\nset %stics nomirror out scale 0.5 textcolor rgb "
		"'#%06x' (",
		name, low, high, name, s->canvas->theme->muted);
}

static void put_ticks(struct script *s, const struct chart_axis *axis, bool more)
{
	bool below = axis == &s->chart->below, time = axis == &s->chart->x;
	for (size_t i = 0; i < axis->n; i++)
		fprintf(s->out, "%s'%s' %.17g", i || more ? ", " : "", axis->ticks[i].label,
			time ? axis->ticks[i].at : gnuplot_y(s, below, axis->ticks[i].at));
}

static void put_axes(struct script *s)
{
	const struct chart *chart = s->chart;
	put_axis(s, "x", chart->x.low, chart->x.high);
	put_ticks(s, &chart->x, false);
	fputs(")\n", s->out);
	put_axis(s, "y", gnuplot_floor(s), chart->y.high);
	put_ticks(s, &chart->y, false);
	put_ticks(s, &chart->below, chart->y.n > 0);
	fputs(")\n", s->out);
	if (s->beneath > 0)
		fprintf(s->out,
			"set arrow %d from graph 0, first %.17g to graph 1, first %.17g nohead "
			"linecolor rgb '#%06x' linewidth 1\n",
			++s->arrows, chart->y.low, chart->y.low, s->canvas->theme->frame);
}

static void put_frame(struct script *s)
{
	const struct theme *theme = s->canvas->theme;
	fprintf(s->out,
		"set lmargin at screen %.5f\nset rmargin at screen %.5f\nset tmargin at screen "
		"%.5f\n"
		"set bmargin at screen %.5f\nset border 1 linecolor rgb '#%06x'\nset grid xtics "
		"ytics "
		"linetype 1 linecolor rgb '#%06x' linewidth 1\nunset key\nset style fill "
		"transparent solid 1 "
		"noborder\n",
		s->left, s->right, s->top, s->bottom, theme->frame, theme->grid);
	put_axes(s);
}

/* A bad end stands out. How wide the rest is, only gnuplot knows; this is a little more. */
static void put_subtitle(struct script *s, double left, double y)
{
	const char *alarm = s->chart->alarm > 0 ? s->chart->subtitle + s->chart->alarm : "";
	char *rest = strndup(s->chart->subtitle, strlen(s->chart->subtitle) - strlen(alarm));
	double room = s->canvas->width - gnuplot_px(s, 36), width = s->canvas->width;
	double needed = fmin(gnuplot_ems(NULL, alarm) * gnuplot_px(s, 12), room);
	if (!rest)
		return;
	gnuplot_label(s, (struct gnuplot_text){ rest, 12, room - needed, s->canvas->theme->muted },
		      "screen %.5f,%.5f", left, y);
	const char *text = strncmp(alarm, " · ", 4) == 0 ? alarm + 4 : alarm;
	double used =
		fmin(gnuplot_ems(NULL, rest) * gnuplot_px(s, 12) + gnuplot_px(s, 6), room - needed);
	free(rest);
	if (*text)
		gnuplot_label(s, (struct gnuplot_text){ text, 12, needed, s->canvas->theme->peak },
			      "screen %.5f,%.5f", left + used / width, y);
}

static void put_heading(struct script *s)
{
	const struct theme *theme = s->canvas->theme;
	double width = s->canvas->width, height = s->canvas->height,
	       left = gnuplot_px(s, 18) / width;
	double room = width - gnuplot_px(s, 36);
	gnuplot_label(s, (struct gnuplot_text){ s->chart->title, 16, room, theme->ink },
		      "screen %.5f,%.5f", left, 1 - gnuplot_px(s, 26) / height);
	put_subtitle(s, left, 1 - gnuplot_px(s, 48) / height);
	gnuplot_label(s, (struct gnuplot_text){ s->chart->y.title, 11, width, theme->muted },
		      "screen %.5f,%.5f", left, s->strip_top + gnuplot_px(s, 12) / height);
	if (s->beneath > 0)
		gnuplot_label(
			s, (struct gnuplot_text){ s->chart->below.title, 11, width, theme->muted },
			"screen %.5f,%.5f", left,
			s->bottom + s->beneath * (s->top - s->bottom) + gnuplot_px(s, 10) / height);
	gnuplot_label(s, (struct gnuplot_text){ s->chart->x.title, 11, width, theme->muted },
		      "screen %.5f,%.5f center", (s->left + s->right) / 2,
		      gnuplot_px(s, 16) / height);
}

static void put_swatch(struct script *s, const struct chart_row *row, double x, double y)
{
	uint32_t rgb = theme_colour(s->canvas->theme, row->colour);
	double w = gnuplot_px(s, 16) / s->canvas->width, h = gnuplot_px(s, 6) / s->canvas->height;
	bool band = row->kind == ROW_BAND;
	if (row->kind == ROW_FUNCTION || row->kind == ROW_AREA || band)
		fprintf(s->out,
			"set object %d rectangle from screen %.5f, screen %.5f to screen %.5f, "
			"screen %.5f noclip "
			"front fillcolor rgb '#%06x' fillstyle solid %.2f noborder\n",
			++s->objects, x + w / 8, y - h, x + w * 7 / 8, y + h, rgb,
			band ? 0.35 : 0.8);
	else if (row->kind != ROW_MORE)
		fprintf(s->out,
			"set arrow %d from screen %.5f, screen %.5f to screen %.5f, screen %.5f "
			"nohead front "
			"linecolor rgb '#%06x' linewidth 2%s\n",
			++s->arrows, x, y, x + w, y, rgb,
			row->kind == ROW_TREND ? " dashtype 2" : "");
}

static void put_legend(struct script *s)
{
	double width = s->canvas->width, height = s->canvas->height;
	double x = s->legend, text = x + gnuplot_px(s, 24) / width,
	       y = s->top - gnuplot_px(s, 8) / height;
	double room = (1 - text) * width - gnuplot_px(s, 8);
	const struct theme *theme = s->canvas->theme;
	for (size_t i = 0; i < s->chart->n_rows; i++, y -= gnuplot_px(s, 35) / height) {
		const struct chart_row *row = &s->chart->rows[i];
		put_swatch(s, row, x, y);
		gnuplot_label(s, (struct gnuplot_text){ row->label, 12, room, theme->ink },
			      "screen %.5f,%.5f", text, y);
		gnuplot_label(s, (struct gnuplot_text){ row->detail, 11, room, theme->muted },
			      "screen %.5f,%.5f", text, y - gnuplot_px(s, 15) / height);
	}
}

void gnuplot_script(const struct chart *chart, const struct canvas *canvas, FILE *out)
{
	struct script s = {
		.out = out, .chart = chart, .canvas = canvas, .points = is_svg(canvas) ? 1 : 0.75
	};
	lay_out(&s);
	put_terminal(&s);
	put_frame(&s);
	put_heading(&s);
	gnuplot_things(&s);
	put_legend(&s);
	if (chart->heat.rows > 0)
		gnuplot_heat(&s);
	else
		gnuplot_curves(&s);
	fputs("exit\n", out);
}
