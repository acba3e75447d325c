/* The chart as a gnuplot script, in data coordinates and with gnuplot's own axes, so that a window
 * can be zoomed. What comes from a recording stands in single quotes, where gnuplot (help quotes)
 * substitutes nothing, as text that is not “enhanced”. */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "plotter/backend/backend.h"
#include "plotter/backend/pipe.h"
#include "plotter/chart/chart.h"
#include "plotter/figure/theme.h"
#include "share/text.h"

enum { MOST_STRIPS = 6, MOST_BOXES = 16, DENSE = 1500 };

static struct pipe_program
	gnuplot; /* started before the recordings are read, which takes as long */

struct script {
	FILE *out;
	const struct chart *chart;
	const struct canvas *canvas;
	double left, right, top, bottom; /* the plot's edges in parts of the canvas, from below */
	double strip_top;                /* of the calls' strips over the plot */
	double legend;                   /* its left edge */
	double points; /* what the terminal calls a pixel of text: its own size, or the points of a
			  96 dpi screen */
	int objects, labels, arrows;
};

/* ---- quoting ---- */

/* 'it'."\047".'s': between single quotes nothing means anything to gnuplot, not even a backslash; a
 * quote itself stands as an escape outside of them, since a doubled one at the beginning is
 * misread. Line ends cannot stand in a script. */
static void put_quoted(FILE *out, const char *text)
{
	fputc('\'', out);
	for (const char *next = text; *text; text = next) {
		uint32_t c = text_next(&next);
		if (c == '\'')
			fputs("'.\"\\047\".'", out);
		else if (c == TEXT_REPLACEMENT || c < 0x20 || c == 0x7f)
			fputc('?', out);
		else
			fwrite(text, 1, (size_t)(next - text), out);
	}
	fputc('\'', out);
}

static double count_ems(void *context, const char *text)
{
	(void)context;
	double n = 0;
	for (uint32_t c; (c = text_next(&text));)
		n += 0.6 * text_cells(c);
	return n;
}

/* A label of at most `room` pixels; `place` is gnuplot's "at …". */
static void put_label(struct script *s, const char *text, double room, double size, uint32_t rgb,
		      const char *place, ...) __attribute__((format(printf, 6, 7)));
static void put_label(struct script *s, const char *text, double room, double size, uint32_t rgb,
		      const char *place, ...)
{
	va_list arguments;
	char *copy = strdup(text);
	if (!copy)
		return;
	text_shorten(copy, room / size, count_ems, NULL);
	fprintf(s->out, "set label %d ", ++s->labels);
	put_quoted(s->out, copy);
	free(copy);
	fprintf(s->out, " noenhanced front textcolor rgb '#%06x' font ',%.3g' at ", rgb,
		size * s->points);
	va_start(arguments, place);
	vfprintf(s->out, place, arguments);
	va_end(arguments);
	fputc('\n', s->out);
}

/* ---- layout ---- */

static double px(const struct script *s, double pixels)
{
	return pixels * s->canvas->scale;
}

static void lay_out(struct script *s)
{
	const struct chart *chart = s->chart;
	double width = s->canvas->width, height = s->canvas->height, legend = 0, label = 3;
	for (size_t i = 0; i < chart->n_rows; i++) {
		legend = fmax(legend, count_ems(NULL, chart->rows[i].label) * px(s, 12));
		legend = fmax(legend, count_ems(NULL, chart->rows[i].detail) * px(s, 11));
	}
	legend = legend > 0 ? fmin(legend + px(s, 48), 0.3 * width) : 0;
	for (size_t i = 0; i < chart->y.n; i++)
		label = fmax(label, (double)strlen(chart->y.ticks[i].label));
	int most = chart->flame ? MOST_BOXES : MOST_STRIPS;
	double strips = px(s, chart->flame ? 20 : 17) * fmin(chart->levels, most);
	s->left = (px(s, 30) + label * px(s, 7)) / width;
	double labels = 0;
	for (size_t i = 0; i < chart->right.n; i++)
		labels = fmax(labels, px(s, 14) + strlen(chart->right.ticks[i].label) * px(s, 7));
	s->right = 1 - (px(s, 24) + legend + labels) / width;
	s->legend = s->right + (px(s, 22) + labels) / width;
	s->strip_top = 1 - px(s, 86) / height;
	s->top = s->strip_top - fmin(strips, height * 0.4) / height;
	s->bottom = px(s, 56) / height;
}

/* ---- parts ---- */

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

static void put_axis(struct script *s, const char *name, const struct chart_axis *axis)
{
	fprintf(s->out,
		"set %srange [%.17g:%.17g]\nset %stics nomirror out scale 0.5 textcolor rgb "
		"'#%06x' (",
		name, axis->low, axis->high, name, s->canvas->theme->muted);
	for (size_t i = 0; i < axis->n; i++)
		fprintf(s->out, "%s'%s' %.17g", i ? ", " : "", axis->ticks[i].label,
			axis->ticks[i].at);
	fputs(")\n", s->out);
}

static void put_frame(struct script *s)
{
	const struct theme *theme = s->canvas->theme;
	fprintf(s->out,
		"set lmargin at screen %.5f\nset rmargin at screen %.5f\nset tmargin at screen "
		"%.5f\n"
		"set bmargin at screen %.5f\nset border %d linecolor rgb '#%06x'\nset grid xtics "
		"ytics "
		"linetype 1 linecolor rgb '#%06x' linewidth 1\nunset key\nset style fill "
		"transparent solid 1 "
		"noborder\n",
		s->left, s->right, s->top, s->bottom, s->chart->right.n > 0 ? 9 : 1, theme->frame,
		theme->grid);
	put_axis(s, "x", &s->chart->x);
	put_axis(s, "y", &s->chart->y);
	if (s->chart->right.n > 0)
		put_axis(s, "y2", &s->chart->right);
}

/* A bad end stands out. How wide the rest is, only gnuplot knows; this is a little more. */
static void put_subtitle(struct script *s, double left, double y)
{
	const char *alarm = s->chart->alarm > 0 ? s->chart->subtitle + s->chart->alarm : "";
	char *rest = strndup(s->chart->subtitle, strlen(s->chart->subtitle) - strlen(alarm));
	double room = s->canvas->width - px(s, 36), width = s->canvas->width;
	double needed = fmin(count_ems(NULL, alarm) * px(s, 12), room);
	if (!rest)
		return;
	put_label(s, rest, room - needed, px(s, 12), s->canvas->theme->muted, "screen %.5f,%.5f",
		  left, y);
	const char *text = strncmp(alarm, " · ", 4) == 0 ? alarm + 4 : alarm;
	double used = fmin(count_ems(NULL, rest) * px(s, 12) + px(s, 6), room - needed);
	free(rest);
	if (*text)
		put_label(s, text, needed, px(s, 12), s->canvas->theme->peak, "screen %.5f,%.5f",
			  left + used / width, y);
}

static void put_heading(struct script *s)
{
	const struct theme *theme = s->canvas->theme;
	double width = s->canvas->width, height = s->canvas->height, left = px(s, 18) / width;
	put_label(s, s->chart->title, width - px(s, 36), px(s, 16), theme->ink, "screen %.5f,%.5f",
		  left, 1 - px(s, 26) / height);
	put_subtitle(s, left, 1 - px(s, 48) / height);
	put_label(s, s->chart->y.title, width, px(s, 11), theme->muted, "screen %.5f,%.5f", left,
		  s->strip_top + px(s, 12) / height);
	if (s->chart->right.n > 0)
		put_label(s, s->chart->right.title, width, px(s, 11), theme->muted,
			  "screen %.5f,%.5f right", s->legend - px(s, 22) / width,
			  s->strip_top + px(s, 12) / height);
	put_label(s, s->chart->x.title, width, px(s, 11), theme->muted, "screen %.5f,%.5f center",
		  (s->left + s->right) / 2, px(s, 16) / height);
}

/* A call behind the curve, and its strip above the plot: in parts of the plot's height, over 1. */
static void put_span(struct script *s, const struct chart_span *span, double strip)
{
	const struct theme *theme = s->canvas->theme;
	uint32_t rgb = theme_colour(theme, span->colour);
	double plot = (s->right - s->left) * s->canvas->width,
	       high = (s->top - s->bottom) * s->canvas->height;
	double room =
		plot * (span->to - span->from) / (s->chart->x.high - s->chart->x.low) - px(s, 8);
	double low = 1 + strip * span->level / high, middle = low + strip / 2 / high;
	if (!s->chart->flame)
		fprintf(s->out,
			"set object %d rectangle from first %.17g, graph 0 to first %.17g, graph 1 "
			"behind "
			"fillcolor rgb '#%06x' fillstyle transparent solid 0.11 noborder\n",
			++s->objects, span->from, span->to, rgb);
	fprintf(s->out,
		"set object %d rectangle from first %.17g, graph %.5f to first %.17g, graph %.5f "
		"noclip behind "
		"fillcolor rgb '#%06x' fillstyle transparent solid %.2f noborder\n",
		++s->objects, span->from, low, span->to, low + (strip - px(s, 1)) / high, rgb,
		s->chart->flame ? 0.55 : 0.30);
	if (room > px(s, 24))
		put_label(s, span->label, room, px(s, 11), theme->ink,
			  "first %.17g, graph %.5f offset 0.4,0", span->from, middle);
}

static void put_spans(struct script *s)
{
	int most = s->chart->flame ? MOST_BOXES : MOST_STRIPS;
	int levels = s->chart->levels < most ? s->chart->levels : most;
	double strip = levels ? (s->strip_top - s->top) * s->canvas->height / levels : 0;
	for (size_t i = 0; i < s->chart->n_spans; i++)
		if (s->chart->spans[i].level < levels)
			put_span(s, &s->chart->spans[i], strip);
}

/* A level across, in data coordinates; its label over the right end. */
static void put_limit(struct script *s, const struct chart_limit *limit)
{
	const char *axis = limit->right ? "second" : "first";
	uint32_t rgb = theme_colour(s->canvas->theme, limit->colour);
	fprintf(s->out,
		"set arrow %d from graph 0, %s %.17g to graph 1, %s %.17g nohead dashtype %d "
		"linecolor rgb '#%06x' linewidth %.2g\n",
		++s->arrows, axis, limit->at, axis, limit->at, limit->peak ? 3 : 2, rgb,
		1.4 * s->canvas->scale);
	/* The peak's label stands in one of the halves. */
	const struct chart_axis *x = &s->chart->x;
	bool left = s->chart->n_notes > 0 && s->chart->notes[0].at.x > (x->low + x->high) / 2;
	put_label(s, limit->label, s->canvas->width / 2, px(s, 11), rgb,
		  "graph %d, %s %.17g %s offset %s,0.5", left ? 0 : 1, axis, limit->at,
		  left ? "left" : "right", left ? "0.5" : "-0.5");
}

/* Down a row from the mark before it where their labels would touch. */
static size_t row_of_mark(const struct script *s, size_t at)
{
	double seconds = (s->chart->x.high - s->chart->x.low) /
			 fmax((s->right - s->left) * s->canvas->width, 1);
	size_t row = 0;
	for (size_t i = at > 3 ? at - 3 : 0; i < at; i++) {
		const struct chart_mark *mark = &s->chart->marks[i];
		double width = (count_ems(NULL, mark->label) + 1) * px(s, 11) * seconds;
		bool near = s->chart->marks[at].x < mark->x + width;
		row = near ? row + 1 : row;
	}
	return row;
}

/* A moment with a name. */
static void put_mark(struct script *s, const struct chart_mark *mark, size_t row)
{
	const struct theme *theme = s->canvas->theme;
	const struct chart_axis *x = &s->chart->x;
	double high = (s->top - s->bottom) * s->canvas->height;
	bool left = mark->x > x->low + 0.8 * (x->high - x->low);
	if (mark->x < x->low || mark->x > x->high)
		return;
	fprintf(s->out,
		"set arrow %d from first %.17g, graph 0 to first %.17g, graph 1 nohead dashtype 3 "
		"linecolor rgb '#%06x' linewidth 1\n",
		++s->arrows, mark->x, mark->x, theme->muted);
	put_label(s, mark->label, s->canvas->width / 4, px(s, 11), theme->ink,
		  "first %.17g, graph %.5f %s offset %s,0", mark->x,
		  1 - px(s, 9 + 15 * (double)row) / high, left ? "right" : "left",
		  left ? "-0.4" : "0.4");
}

/* A step on the way to the peak. */
static void put_step(struct script *s, const struct chart_note *note)
{
	const struct theme *theme = s->canvas->theme;
	bool right = note->at.x > s->chart->x.low + 0.6 * (s->chart->x.high - s->chart->x.low);
	if (note->at.x < s->chart->x.low || note->at.x > s->chart->x.high)
		return;
	put_label(s, note->label, s->canvas->width / 2, px(s, 11), theme->ink,
		  "first %.17g, first %.17g %s offset %s,%s point pointtype 6 pointsize %.2g "
		  "linecolor rgb '#%06x'",
		  note->at.x, note->at.y, right ? "right" : "left", right ? "-0.8" : "0.8",
		  right ? "0.5" : "-0.5", 0.7 * s->canvas->scale, theme->ink);
}

static void put_note(struct script *s, const struct chart_note *note)
{
	const struct theme *theme = s->canvas->theme;
	uint32_t rgb = theme_colour(theme, note->alone ? CHART_PEAK : note->colour);
	bool right = note->at.x > s->chart->x.low + 0.75 * (s->chart->x.high - s->chart->x.low);
	if (note->at.x < s->chart->x.low || note->at.x > s->chart->x.high)
		return;
	if (note->alone) {
		fprintf(s->out,
			"set arrow %d from first %.17g, first %.17g to graph 0, first %.17g nohead "
			"dashtype 2 "
			"linecolor rgb '#%06x' linewidth 1\n",
			++s->arrows, note->at.x, note->at.y, note->at.y, rgb);
		fprintf(s->out,
			"set arrow %d from first %.17g, first %.17g to first %.17g, graph 0 nohead "
			"dashtype 2 "
			"linecolor rgb '#%06x' linewidth 1\n",
			++s->arrows, note->at.x, note->at.y, note->at.x, rgb);
	}
	put_label(s, note->label, s->canvas->width / 2, px(s, 12), rgb,
		  "first %.17g, first %.17g %s offset %s,0.7 point pointtype 7 pointsize %.2g "
		  "linecolor rgb '#%06x'",
		  note->at.x, note->at.y, right ? "right" : "left", right ? "-0.8" : "0.8",
		  0.9 * s->canvas->scale, rgb);
	if (note->place)
		put_label(s, note->place, s->canvas->width / 2, px(s, 11), theme->ink,
			  "first %.17g, first %.17g %s offset %s,2", note->at.x, note->at.y,
			  right ? "right" : "left", right ? "-1.2" : "1.2");
}

static void put_notes(struct script *s)
{
	for (size_t i = 0; i < s->chart->n_notes; i++)
		if (s->chart->notes[i].minor)
			put_step(s, &s->chart->notes[i]);
		else
			put_note(s, &s->chart->notes[i]);
}

static void put_swatch(struct script *s, const struct chart_row *row, double x, double y)
{
	uint32_t rgb = theme_colour(s->canvas->theme, row->colour);
	double w = px(s, 16) / s->canvas->width, h = px(s, 6) / s->canvas->height;
	bool band = row->kind == ROW_BAND;
	if (row->kind == ROW_FUNCTION || band)
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
	double x = s->legend, text = x + px(s, 24) / width, y = s->top - px(s, 8) / height;
	double room = (1 - text) * width - px(s, 8);
	for (size_t i = 0; i < s->chart->n_rows; i++, y -= px(s, 35) / height) {
		const struct chart_row *row = &s->chart->rows[i];
		put_swatch(s, row, x, y);
		put_label(s, row->label, room, px(s, 12), s->canvas->theme->ink, "screen %.5f,%.5f",
			  text, y);
		put_label(s, row->detail, room, px(s, 11), s->canvas->theme->muted,
			  "screen %.5f,%.5f", text, y - px(s, 15) / height);
	}
}

/* ---- curves ---- */

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
	const char *axes = curve->right ? " axes x1y2" : "";
	if (is_dense(curve))
		fprintf(s->out, "'-'%s with vectors nohead linecolor rgb '#%06x' linewidth %.2g",
			axes, rgb, width);
	else
		fprintf(s->out, "'-'%s with %s linecolor rgb '#%06x' linewidth %.2g%s", axes,
			curve->sparse ? "linespoints pointtype 7 pointsize 0.4" : "lines", rgb,
			width, curve->dashed ? " dashtype 2" : "");
}

static void put_points(struct script *s, const struct chart_point *points, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fprintf(s->out, "%.10g %.10g\n", points[i].x, points[i].y);
	fputs("e\n", s->out);
}

static void put_strokes(struct script *s, const struct chart_curve *curve)
{
	for (size_t i = 1; i < curve->n; i++) {
		const struct chart_point *a = &curve->points[i - 1], *b = &curve->points[i];
		fprintf(s->out, "%.10g %.10g %.10g %.10g\n", a->x, a->y, b->x - a->x, b->y - a->y);
	}
	fputs("e\n", s->out);
}

/* The main curve last, on top of the others. */
static size_t in_order(const struct chart *chart, size_t i)
{
	return chart->n_curves - 1 - i;
}

static void put_curves(struct script *s)
{
	const struct chart *chart = s->chart;
	fputs("plot ", s->out);
	for (size_t i = 0; i < chart->n_bands; i++)
		fprintf(s->out,
			"'-' with filledcurves closed fillcolor rgb '#%06x' fillstyle transparent "
			"solid 0.35 noborder, ",
			theme_colour(s->canvas->theme, chart->bands[i].colour));
	for (size_t i = 0; i < chart->n_curves; i++)
		put_plots(s, &chart->curves[in_order(chart, i)], i ? ", " : "");
	fputc('\n', s->out);
	for (size_t i = 0; i < chart->n_bands; i++)
		put_points(s, chart->bands[i].points, chart->bands[i].n);
	for (size_t i = 0; i < chart->n_curves; i++) {
		const struct chart_curve *curve = &chart->curves[in_order(chart, i)];
		if (is_filled(curve))
			put_points(s, curve->points, curve->n);
		if (is_dense(curve))
			put_strokes(s, curve);
		else
			put_points(s, curve->points, curve->n);
	}
}

/* ---- the backend ---- */

static int prepare(const struct canvas *canvas)
{
	const char *wished = getenv("MPROF_GNUPLOT");
	char *argv[] = { (char *)(wished && *wished ? wished : "gnuplot"), (char[]){ "-d" },
			 (char[]){ "-" }, NULL };
	return pipe_start(&gnuplot, argv, canvas->window);
}

static int write_script(const struct chart *chart, const struct canvas *canvas, FILE *out)
{
	struct script s = {
		.out = out, .chart = chart, .canvas = canvas, .points = is_svg(canvas) ? 1 : 0.75
	};
	lay_out(&s);
	put_terminal(&s);
	put_frame(&s);
	put_heading(&s);
	put_spans(&s);
	for (size_t i = 0; i < chart->n_limits; i++)
		put_limit(&s, &chart->limits[i]);
	for (size_t i = 0; i < chart->n_marks; i++)
		put_mark(&s, &chart->marks[i], row_of_mark(&s, i));
	put_notes(&s);
	put_legend(&s);
	put_curves(&s);
	fputs("exit\n", out);
	return 0;
}

static int draw(const struct chart *chart, const struct canvas *canvas, FILE *out)
{
	char *bytes = NULL;
	size_t size = 0;
	FILE *script = open_memstream(&bytes, &size);
	if (!script)
		return -ENOMEM;
	write_script(chart, canvas, script);
	int r = fclose(script) == 0 ? 0 : -ENOMEM;
	if (r == 0)
		r = pipe_run(&gnuplot, bytes, size, out);
	free(bytes);
	return r;
}

static const char *complaint(void)
{
	return gnuplot.complaint;
}

const struct backend backend_gnuplot = {
	.name = "gnuplot",
	.extensions = "png svg pdf",
	.summary = "through gnuplot: png, svg, pdf, or a window that can be zoomed",
	.places = TO_FILE | TO_WINDOW,
	.usual = TO_WINDOW,
	.prepare = prepare,
	.draw = draw,
	.complaint = complaint,
};
