#include "plotter/backend/backend.h"

#include <stdlib.h>

#include "plotter/chart/chart.h"
#include "plotter/figure/theme.h"
#include "share/text.h"
#include "tests/check.h"

/* A chart owns its texts. */
static char peak_label[] = "peak 90.0 MiB at 1.00 s", main_label[] = "main process",
	    child_label[] = "child 7", main_detail[] = "peak 90.0 MiB",
	    child_detail[] = "peak 5.0 MiB", title[] = "./train.py",
	    korean[] = "한국어로 된 아주 긴 제목 --with options", french[] = "été · 한국어",
	    subtitle[] = "4.00 s", nothing[] = "";
static struct chart_point saw[] = { { 0, 10 }, { 1, 90 }, { 2, 20 }, { 4, 20 } };
static struct chart_point low[] = { { 1, 5 }, { 3, 5 } };
static struct chart_tick seconds[] = { { 0, "0" }, { 2, "2" }, { 4, "4" } };
static struct chart_tick mibs[] = { { 0, "0" }, { 50, "50" }, { 100, "100" } };
static struct chart_curve curves[] = {
	{ .role = CHART_MAIN, .colour = 0, .points = saw, .n = 4, .filled = true },
	{ .role = CHART_CHILD, .colour = 1, .points = low, .n = 2 },
};
static struct chart_note notes[] = { { .at = { 1, 90 }, .label = peak_label, .alone = true } };
static struct chart_span spans[] = { { 0, 2, 0, 2, "load" }, { 2, 4, 0, 3, "train" } };
static struct chart_row rows[] = {
	{ ROW_CURVE, 0, main_label, main_detail },
	{ ROW_CHILD, 1, child_label, child_detail },
};

/* A peak and a plateau. */
static struct chart sample_chart(void)
{
	return (struct chart){
		.title = title,
		.subtitle = subtitle,
		.x = { 0, 4, seconds, 3, "time (s)" },
		.y = { 0, 120, mibs, 3, "memory (MiB)" },
		.curves = curves,
		.n_curves = 1,
		.notes = notes,
		.n_notes = 1,
	};
}

static struct canvas sample_canvas(double width, double height)
{
	return (struct canvas){ .width = width, .height = height, .theme = theme_find("light") };
}

/* What the backend writes; lives until the next call. */
static char *drawn(const struct chart *chart, const struct canvas *canvas)
{
	static char *text;
	size_t size;
	free(text);
	FILE *out = open_memstream(&text, &size);
	CHECK_INT(backend_by_name("term")->draw(chart, canvas, out), 0);
	fclose(out);
	return text;
}

static void a_curve_stands_between_its_axes(void)
{
	struct chart chart = sample_chart();
	struct canvas canvas = sample_canvas(40, 12);
	CHECK_STR(drawn(&chart, &canvas), "./train.py\n"
					  "4.00 s\n"
					  "memory (MiB)\n"
					  "    │\n"
					  "100 ┤  ·  ·  ●⡀ peak 90.0 MiB at 1.00 s\n"
					  "    │      ⢀⠜ ⠈⠢⡀\n"
					  "    │    ⢀⠔⠁    ⠈⠢⡀\n"
					  " 50 ┤  ⢀⠔⠁·  ·  · ⠈⠑⢄ ·  ·  ·  ·  ·  ·\n"
					  "    │ ⡠⠊             ⠑⢄⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀\n"
					  "    │⠊\n"
					  "  0 └─────────────────┬────────────────┬\n"
					  "     0                2    time (s)    4\n");
}

static void ascii_is_ascii(void)
{
	struct chart chart = sample_chart();
	struct canvas canvas = sample_canvas(60, 20);
	chart.title = french;
	chart.spans = spans;
	chart.n_spans = 2;
	chart.levels = 1;
	canvas.ascii = true;
	const char *text = drawn(&chart, &canvas);
	for (const char *p = text; *p; p++)
		CHECK((unsigned char)*p < 0x80);
	CHECK(strncmp(text, "?t? | ??????\n", 13) == 0);
	CHECK(strstr(text, "[load---") != NULL);
	CHECK(strstr(text, "peak 90.0 MiB at 1.00 s") != NULL);
}

/* Cells of the widest line, escape sequences left out; counts the lines. */
static int widest(const char *text, int *lines)
{
	int width = 0, most = 0;
	*lines = 0;
	for (uint32_t c; (c = text_next(&text));) {
		if (c == 0x1b)
			text += strcspn(text, "m") + 1;
		else if (c == '\n')
			width = 0, ++*lines;
		else
			width += text_cells(c);
		most = width > most ? width : most;
	}
	return most;
}

static void no_canvas_is_too_small(void)
{
	struct chart chart = sample_chart();
	chart.title = korean;
	chart.spans = spans;
	chart.n_spans = 2;
	chart.levels = 1;
	chart.rows = rows;
	chart.n_rows = chart.n_curves = 2;
	for (int i = 0; i < 45 * 25 * 8; i++) {
		struct canvas canvas = sample_canvas(1 + i / 8 % 45, 1 + i / 8 / 45);
		int lines;
		canvas.ascii = i & 1;
		canvas.colour = i & 2;
		chart.flame = i & 4;
		CHECK(widest(drawn(&chart, &canvas), &lines) <= canvas.width);
		CHECK(lines <= canvas.height);
	}
}

static void colour_ends_with_each_line(void)
{
	struct chart chart = sample_chart();
	struct canvas canvas = sample_canvas(60, 20);
	canvas.colour = true;
	setenv("COLORTERM", "", 1);
	char *text = drawn(&chart, &canvas);
	CHECK(strstr(text, "\x1b[0;1m./train.py\x1b[0m\n") != NULL);
	CHECK(strstr(text, ";38;5;") != NULL && strstr(text, ";38;2;") == NULL);
	setenv("COLORTERM", "truecolor", 1);
	text = drawn(&chart, &canvas);
	CHECK(strstr(text, ";38;2;") != NULL && strstr(text, ";38;5;") == NULL);
	char *line = strtok(text, "\n");
	for (; line; line = strtok(NULL, "\n")) {
		const char *last = NULL;
		for (const char *p = line; (p = strchr(p, '\x1b')); p++)
			last = p;
		CHECK(!last || strncmp(last, "\x1b[0m", 4) == 0);
	}
}

static void without_colour_letters_tell_curves_apart(void)
{
	struct chart chart = sample_chart();
	struct canvas canvas = sample_canvas(60, 20);
	chart.rows = rows;
	chart.n_rows = chart.n_curves = 2;
	const char *text = drawn(&chart, &canvas);
	CHECK(strstr(text, "a━ main process") != NULL);
	CHECK(strstr(text, "b━ child 7") != NULL);
	CHECK(strstr(text, "⢀a⠢⡀") && strstr(text, " b⠤⠤"));
	canvas.ascii = true;
	text = drawn(&chart, &canvas);
	CHECK(strstr(text, "aa main process") != NULL);
	CHECK(strstr(text, "bbbbbbbbbb") != NULL);
	canvas.colour = true;
	CHECK(strstr(drawn(&chart, &canvas), "aa") == NULL);
}

static void a_flame_lies_under_the_time_axis(void)
{
	struct chart chart = sample_chart();
	struct canvas canvas = sample_canvas(40, 16);
	chart.spans = spans;
	chart.n_spans = 2;
	chart.levels = 1;
	const char *text = drawn(&chart, &canvas);
	CHECK(strstr(text, "├load") < strstr(text, "time (s)"));
	chart.flame = true;
	text = drawn(&chart, &canvas);
	CHECK(strstr(text, "├load") > strstr(text, "time (s)"));
}

static void an_empty_chart_has_axes(void)
{
	struct chart chart = {
		.title = nothing, .subtitle = nothing, .x = { 0, 1 }, .y = { 0, 1 }
	};
	struct canvas canvas = sample_canvas(20, 5);
	CHECK(strstr(drawn(&chart, &canvas), "└────") != NULL);
}

int main(void)
{
	RUN(a_curve_stands_between_its_axes);
	RUN(ascii_is_ascii);
	RUN(no_canvas_is_too_small);
	RUN(colour_ends_with_each_line);
	RUN(without_colour_letters_tell_curves_apart);
	RUN(a_flame_lies_under_the_time_axis);
	RUN(an_empty_chart_has_axes);
	return DONE();
}
