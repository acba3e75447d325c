#include "plotter/backend/backend.h"

#include <errno.h>
#include <png.h>
#include <stdlib.h>

#include "plotter/backend/gnuplot_script.h"
#include "plotter/backend/svg_painter.h"
#include "plotter/chart/chart.h"
#include "plotter/figure/theme.h"
#include "share/text.h"
#include "tests/check.h"

/* ---- charts made up ---- */

/* Quotes, markup, controls, broken UTF-8, a character that XML forbids. */
static char nasty[] =
	"it's \"<b>&amp;</b>\" \x01\x1b[31m\r\n\t\xff\xc3 \xef\xbf\xbe `x` $y %s \\n ü",
	    plain[] = "./train.py", nothing[] = "";
static struct chart_point one_point[] = { { 0, 5 } };
static struct chart_point saw[] = { { 0, 10 }, { 1, 90 }, { 2, 20 }, { 4, 20 } };
static struct chart_point huge[] = { { 0, 1e15 }, { 5e8, 1e300 }, { 1e9, 0 } };
static struct chart_tick seconds[] = { { 0, "0" }, { 2, "2" }, { 4, "4" } };
static struct chart_tick mibs[] = { { 0, "0" }, { 50, "50" }, { 100, "100" } };
static struct chart_curve curves[3];
static struct chart_note notes[1];
static struct chart_row rows[] = {
	{ ROW_CURVE, 0, nasty, nasty },
	{ ROW_CHILD, 1, nasty, nasty },
	{ ROW_MORE, CHART_OTHERS, plain, nothing },
};
static struct chart_limit limits[] = { { 95, false, CHART_PEAK, false, nasty } };
static struct chart_mark marks[] = { { 2, nasty } };
static struct chart_span spans[] = { { 0, 4, 0, 2, nasty } };

static struct chart empty_chart(void)
{
	return (struct chart){ .title = nothing,
			       .subtitle = nothing,
			       .x = { 0, 1, NULL, 0, "time (s)" },
			       .y = { 0, 1, NULL, 0, "memory (MiB)" } };
}

static struct chart chart_of(struct chart_point *points, size_t n)
{
	struct chart chart = empty_chart();
	double right = points[n - 1].x;
	curves[0] = (struct chart_curve){ .points = points, .n = n, .sparse = n == 1 };
	curves[0].weight = 1.8;
	curves[0].filled = true;
	notes[0] = (struct chart_note){ .at = points[n / 2], .label = plain, .alone = true };
	chart.title = plain;
	chart.x = (struct chart_axis){ 0, right > 0 ? right : 1, seconds, 3, "time (s)" };
	chart.y = (struct chart_axis){ 0, 1.2 * points[n / 2].y, mibs, 3, "memory (MiB)" };
	chart.curves = curves;
	chart.n_curves = 1;
	chart.notes = notes;
	chart.n_notes = 1;
	return chart;
}

/* All that has a text, and all texts bad. */
static struct chart nasty_chart(void)
{
	struct chart chart = chart_of(saw, 4);
	curves[1] = (struct chart_curve){ .role = CHART_CHILD, .colour = 1, .points = saw, .n = 2 };
	curves[2] =
		(struct chart_curve){ .role = CHART_TREND, .points = saw, .n = 2, .dashed = true };
	notes[0].label = notes[0].place = nasty;
	chart.title = chart.subtitle = nasty;
	chart.n_curves = 3;
	chart.rows = rows;
	chart.n_rows = 3;
	chart.limits = limits;
	chart.n_limits = 1;
	chart.marks = marks;
	chart.n_marks = 1;
	chart.spans = spans;
	chart.n_spans = 1;
	chart.levels = 1;
	return chart;
}

static struct canvas canvas_of(double width, double height)
{
	return (struct canvas){ .width = width,
				.height = height,
				.scale = 1,
				.dpi = 96,
				.theme = theme_find("light"),
				.font = "builtin" };
}

/* ---- what they write ---- */

static char *text;
static size_t size;

static FILE *page(void)
{
	free(text);
	return open_memstream(&text, &size);
}

static const char *drawn(const char *name, const struct chart *chart, double width, double height)
{
	const struct canvas canvas = canvas_of(width, height);
	FILE *out = page();
	CHECK_INT(backend_by_name(name)->draw(chart, &canvas, out), 0);
	fclose(out);
	return text;
}

static const char *script(const struct chart *chart)
{
	const struct canvas canvas = canvas_of(1260, 600);
	FILE *out = page();
	gnuplot_script(chart, &canvas, out);
	fclose(out);
	return text;
}

static int count(const char *in, const char *what)
{
	int n = 0;
	for (const char *at = in; (at = strstr(at, what)); at += strlen(what))
		n++;
	return n;
}

/* UTF-8 in lines: no control but the line's end, and nothing that is no number. */
static void is_clean(const char *what)
{
	const char *end = what + strlen(what);
	CHECK_INT(end - what, size);
	for (const char *at = what; at < end;) {
		const char *from = at;
		uint32_t c = text_next(&at);
		bool told = strncmp(from, "\xef\xbf\xbd", 3) == 0;
		CHECK(c >= 0x20 || c == '\n');
		CHECK(c != TEXT_REPLACEMENT || told);
	}
	CHECK(!strstr(what, "nan") && !strstr(what, "inf"));
}

static void is_svg(const char *svg)
{
	is_clean(svg);
	CHECK(strncmp(svg, "<svg ", 5) == 0);
	CHECK_STR(svg + strlen(svg) - 7, "</svg>\n");
	CHECK_INT(count(svg, "<g "), count(svg, "</g>"));
	CHECK_INT(count(svg, "<text"), count(svg, "</text>"));
	for (const char *at = svg; (at = strchr(at, '&')); at++)
		CHECK(!strncmp(at, "&amp;", 5) || !strncmp(at, "&lt;", 4) ||
		      !strncmp(at, "&gt;", 4));
}

static void svg_of_whatever_comes_is_well_formed(void)
{
	const struct chart charts[] = { empty_chart(), chart_of(one_point, 1) };
	for (size_t i = 0; i < 2; i++)
		is_svg(drawn("svg", &charts[i], 1260, 600));
	const struct chart far = chart_of(huge, 3);
	is_svg(drawn("svg", &far, 400, 250));
}

static void svg_quotes_what_a_recording_says(void)
{
	const struct chart chart = nasty_chart();
	is_svg(drawn("svg", &chart, 1260, 600));
	CHECK(strstr(text, "&lt;b&gt;&amp;amp;&lt;/b&gt;") != NULL);
	CHECK(!strstr(text, "<b>"));
	is_svg(drawn("svg", &chart, 16, 4));
}

static void a_page_holds_several_svgs(void)
{
	const struct chart chart = nasty_chart();
	const struct canvas canvas = canvas_of(1260, 600);
	FILE *out = page();
	struct box plot = svg_draw(&chart, &canvas, "a", out).plot;
	svg_draw(&chart, &canvas, "b", out);
	fclose(out);
	CHECK(plot.x > 0 && plot.w > 600 && plot.y > 0 && plot.h > 200);
	CHECK_INT(count(text, "<g "), count(text, "</g>"));
	CHECK_INT(count(text, "<g class=\"curve\" data-index=\"0\">"), 2);
	CHECK_INT(count(text, "<g class=\"curve\""), 6);
	CHECK_INT(count(text, "<g class=\"row\""), 6);
	CHECK_INT(count(text, "<g class=\"mark\""), 4);
	CHECK_INT(count(text, "id=\"a\""), 1);
	CHECK_INT(count(text, "id=\"a-clip0\""), 1);
	CHECK_INT(count(text, "id=\"b-clip0\""), 1);
	CHECK_INT(count(text, "url(#clip0)"), 0);
	drawn("svg", &chart, 1260, 600);
	CHECK_INT(count(text, "class="), 0);
	CHECK_INT(count(text, "id=\"clip0\""), 1);
}

/* ---- png ---- */

/* Decodes it; how many pixels are no paper, -1: it is no such picture. */
static long inked(unsigned width, unsigned height)
{
	png_image image = { .version = PNG_IMAGE_VERSION };
	long n = -1;
	if (!png_image_begin_read_from_memory(&image, text, size))
		return -1;
	image.format = PNG_FORMAT_RGB;
	uint8_t *rgb = malloc(PNG_IMAGE_SIZE(image));
	if (image.width == width && image.height == height &&
	    png_image_finish_read(&image, NULL, rgb, 0, NULL)) {
		n = 0;
		for (size_t i = 0; i < (size_t)width * height; i++)
			n += memcmp(rgb + 3 * i, "\xff\xff\xff", 3) != 0;
	}
	png_image_free(&image);
	free(rgb);
	return n;
}

static void png_draws_whatever_comes(void)
{
	const struct chart empty = empty_chart();
	drawn("png", &empty, 640, 320);
	long axes = inked(640, 320);
	CHECK(axes > 0);
	const struct chart point = chart_of(one_point, 1);
	drawn("png", &point, 640, 320);
	CHECK(inked(640, 320) > axes);
	const struct chart far = chart_of(huge, 3);
	drawn("png", &far, 400, 250);
	CHECK(inked(400, 250) > 0);
	const struct chart bad = nasty_chart();
	drawn("png", &bad, 1260, 600);
	CHECK(inked(1260, 600) > axes);
	drawn("png", &bad, 16, 4);
	CHECK(inked(16, 4) >= 0);
}

static void png_says_what_it_cannot_write(void)
{
	const struct chart chart = chart_of(saw, 4);
	const struct canvas canvas = canvas_of(640, 320);
	FILE *full = fopen("/dev/full", "w");
	CHECK(full != NULL);
	setvbuf(full, NULL, _IONBF, 0);
	CHECK_INT(backend_by_name("png")->draw(&chart, &canvas, full), -ENOSPC);
	fclose(full);
}

/* ---- gnuplot ---- */

/* Every line's quotes are closed again: 'text', and "\047" for a quote. */
static void is_script(const char *lines)
{
	is_clean(lines);
	for (const char *at = lines; *at;) {
		size_t n = strcspn(at, "\n"), single = 0;
		bool twice = false;
		for (size_t i = 0; i < n; i++) {
			twice ^= at[i] == '"' && single % 2 == 0;
			single += at[i] == '\'' && !twice;
		}
		CHECK(single % 2 == 0 && !twice);
		at += n + (at[n] == '\n');
	}
	CHECK_STR(lines + strlen(lines) - 5, "exit\n");
}

static void a_script_holds_whatever_comes(void)
{
	const struct chart empty = empty_chart();
	is_script(script(&empty));
	const struct chart point = chart_of(one_point, 1);
	is_script(script(&point));
	CHECK(strstr(text, "\n0 5\ne\n") != NULL);
	CHECK(strstr(text, "with linespoints") != NULL);
	const struct chart far = chart_of(huge, 3);
	is_script(script(&far));
	CHECK(strstr(text, "\n500000000 1e+300\n") != NULL);
}

static void a_script_takes_no_orders_from_a_recording(void)
{
	const struct chart chart = nasty_chart();
	is_script(script(&chart));
	CHECK(strstr(text, "'it'.\"\\047\".'s \"<b>&amp;</b>\" ") != NULL);
	CHECK_INT(count(text, "noenhanced front"), count(text, "set label"));
}

static void a_lone_peak_has_lines_to_the_axes(void)
{
	struct chart chart = chart_of(saw, 4);
	script(&chart);
	CHECK_INT(count(text, "set arrow"), 2);
	notes[0].alone = false;
	script(&chart);
	CHECK_INT(count(text, "set arrow"), 0);
}

/* ---- characters ---- */

static void a_terminal_shows_whatever_comes(void)
{
	const struct chart charts[] = { empty_chart(), chart_of(one_point, 1) };
	for (size_t i = 0; i < 2; i++)
		is_clean(drawn("term", &charts[i], 60, 20));
	const struct chart far = chart_of(huge, 3);
	is_clean(drawn("term", &far, 60, 20));
	const struct chart bad = nasty_chart();
	is_clean(drawn("term", &bad, 60, 20));
	CHECK(!strchr(text, 0x1b));
	is_clean(drawn("term", &bad, 1, 1));
}

/* ---- what a backend says of itself ---- */

static void every_backend_describes_itself(void)
{
	for (const struct backend *const *b = backends; *b; b++) {
		CHECK((*b)->name && (*b)->summary && *(*b)->summary);
		CHECK_INT(!!(*b)->draw + !!(*b)->export + !!(*b)->page, 1);
		CHECK((*b)->places != 0);
		CHECK_INT((*b)->usual & ~(*b)->places, 0);
		CHECK(backend_by_name((*b)->name) == *b);
		CHECK(strstr(BACKEND_NAMES, (*b)->name) != NULL);
	}
	CHECK(backend_usual(TO_FILE) && backend_usual(TO_TERMINAL) && backend_usual(TO_WINDOW));
}

static void lists_are_as_long_as_they_need_be(void)
{
	char *names = backend_list_names(""), *own = backend_list_own("-b "),
	     *extensions = backend_list_extensions(".");
	CHECK_STR(names, "png, svg, gnuplot, term, kitty, iterm, sixel, html, csv, json, firefox, "
			 "perfetto, speedscope, openmetrics or folded");
	CHECK_STR(own, "-b png, -b svg, -b term, -b kitty, -b iterm or -b sixel");
	CHECK_STR(extensions, ".png, .svg, .pdf, .txt, .html, .htm, .csv, .json, .firefox.json, "
			      ".perfetto-trace, .pftrace, .speedscope.json, .om or .folded");
	free(names);
	free(own);
	free(extensions);
}

int main(void)
{
	RUN(svg_of_whatever_comes_is_well_formed);
	RUN(svg_quotes_what_a_recording_says);
	RUN(a_page_holds_several_svgs);
	RUN(png_draws_whatever_comes);
	RUN(png_says_what_it_cannot_write);
	RUN(a_script_holds_whatever_comes);
	RUN(a_script_takes_no_orders_from_a_recording);
	RUN(a_lone_peak_has_lines_to_the_axes);
	RUN(a_terminal_shows_whatever_comes);
	RUN(every_backend_describes_itself);
	RUN(lists_are_as_long_as_they_need_be);
	free(text);
	return DONE();
}
