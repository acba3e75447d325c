#include "plotter/screen/cells.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "share/text.h"
#include "tests/check.h"

static const struct cell_style plain = { CELL_PLAIN, CELL_PLAIN, false, false };

/* What a screen prints; lives until the next call. */
static const char *printed(const struct cells *cells, enum cell_colours colours)
{
	static char *text;
	size_t size;
	free(text);
	FILE *out = open_memstream(&text, &size);
	cells_print(cells, colours, out);
	fclose(out);
	return text;
}

static void sides_are_bounded(void)
{
	struct cells cells;
	CHECK_INT(cells_open(&cells, 0, 5, false), -EINVAL);
	CHECK_INT(cells_open(&cells, 5, -1, false), -EINVAL);
	CHECK_INT(cells_open(&cells, 10001, 5, false), -EINVAL);
	CHECK_INT(cells_open(&cells, 1, 1, false), 0);
	CHECK_STR(printed(&cells, COLOURS_NONE), "\n");
	cells_close(&cells);
}

static void text_fits_its_room_and_the_screen(void)
{
	struct cells cells;
	CHECK_INT(cells_open(&cells, 10, 3, false), 0);
	CHECK_INT(cells_text(&cells, 0, 0, "abcdefghijkl", 6, &plain), 6);
	CHECK_INT(cells_text(&cells, 7, 1, "abcdefghijkl", 100, &plain), 3);
	CHECK_INT(cells_text(&cells, 0, 2, "학습하기", 7, &plain), 7);
	cells_text(&cells, 0, 7, "below", 5, &plain);
	cells_text(&cells, 12, 0, "beside", 5, &plain);
	CHECK_STR(printed(&cells, COLOURS_NONE), "abc…kl\n       a…l\n학습…기\n");
	cells_close(&cells);
}

static void half_of_a_wide_character_does_not_stay(void)
{
	struct cells cells;
	CHECK_INT(cells_open(&cells, 6, 2, false), 0);
	cells_text(&cells, 0, 0, "학습", 6, &plain);
	cells_put(&cells, 1, 0, "x", 'x', &plain);
	cells_text(&cells, 0, 1, "학습", 6, &plain);
	cells_put(&cells, 2, 1, "x", 'x', &plain);
	CHECK_STR(printed(&cells, COLOURS_NONE), " x습\n학x\n");
	cells_close(&cells);
}

static void marks_join_what_they_stand_on(void)
{
	struct cells cells;
	CHECK_INT(cells_open(&cells, 4, 1, false), 0);
	CHECK_INT(cells_text(&cells, 0, 0, "e\xcc\x81z", 4, &plain), 2);
	CHECK_STR(printed(&cells, COLOURS_NONE), "e\xcc\x81z\n");
	cells_close(&cells);
}

static void a_name_cannot_steer_the_terminal(void)
{
	struct cells cells;
	CHECK_INT(cells_open(&cells, 40, 1, false), 0);
	cells_text(&cells, 0, 0, "a\x1b]0;title\x07\nb\xff\xc2\x9b", 40, &plain);
	for (const char *p = printed(&cells, COLOURS_NONE); p[1]; p++)
		CHECK((unsigned char)*p >= 0x20 && (unsigned char)*p < 0x7f);
	cells_close(&cells);
}

static void lines_are_dots(void)
{
	const struct cell_box box = { 1, 0, 4, 2 };
	const struct cell_pen pen = { .style = plain };
	struct cells cells;
	CHECK_INT(cells_open(&cells, 6, 2, false), 0);
	cells_line(&cells, &box, (double[]){ 0, 7 }, (double[]){ 7, 0 }, &pen);
	CHECK_STR(printed(&cells, COLOURS_NONE), "   ⡠⠊\n ⡠⠊\n");
	cells_close(&cells);
}

static void lines_end_at_their_box(void)
{
	const struct cell_box box = { 1, 1, 4, 2 };
	const struct cell_pen pen = { .style = plain };
	struct cells cells;
	CHECK_INT(cells_open(&cells, 6, 4, false), 0);
	cells_line(&cells, &box, (double[]){ -1e12, 3 }, (double[]){ 1e12, 3 }, &pen);
	cells_line(&cells, &box, (double[]){ 0, 1e9 }, (double[]){ 0, -1e9 }, &pen);
	cells_line(&cells, &box, (double[]){ NAN, 0 }, (double[]){ 7, 7 }, &pen);
	cells_line(&cells, &box, (double[]){ 0, 0 }, (double[]){ INFINITY, 7 }, &pen);
	cells_line(&cells, &box, (double[]){ 0, -50 }, (double[]){ 7, -1 }, &pen);
	CHECK_STR(printed(&cells, COLOURS_NONE), "\n ⣇⣀⣀⣀\n ⡇\n\n");
	cells_close(&cells);
}

static void ascii_has_strokes_for_dots(void)
{
	const struct cell_box box = { 0, 0, 9, 1 };
	const struct cell_pen pen = { .style = plain },
			      lettered = { .style = plain, .letter = 'b' };
	struct cells cells;
	CHECK_INT(cells_open(&cells, 9, 1, true), 0);
	cells_line(&cells, &box, (double[]){ 0, 0 }, (double[]){ 1, 0 }, &pen);
	cells_line(&cells, &box, (double[]){ 2, 1 }, (double[]){ 3, 1 }, &pen);
	cells_line(&cells, &box, (double[]){ 4, 3 }, (double[]){ 5, 3 }, &pen);
	cells_line(&cells, &box, (double[]){ 6, 0 }, (double[]){ 6, 3 }, &pen);
	cells_line(&cells, &box, (double[]){ 8, 3 }, (double[]){ 9, 0 }, &pen);
	cells_line(&cells, &box, (double[]){ 10, 0 }, (double[]){ 11, 3 }, &pen);
	cells_line(&cells, &box, (double[]){ 12, 0 }, (double[]){ 12, 0 }, &lettered);
	cells_text(&cells, 7, 0, "é…", 2, &plain);
	CHECK_STR(printed(&cells, COLOURS_NONE), "'-_|/\\b?~\n");
	cells_close(&cells);
}

static void a_grid_gives_way(void)
{
	const struct cell_box box = { 0, 0, 5, 1 };
	const struct cell_pen pen = { .style = plain };
	struct cells cells;
	CHECK_INT(cells_open(&cells, 5, 1, false), 0);
	cells_put(&cells, 0, 0, "a", 'a', &plain);
	for (int x = 0; x < 5; x++)
		cells_put_soft(&cells, x, 0, "·", '.', &plain);
	CHECK(cells_are_free(&cells, 1, 0, 4));
	CHECK(!cells_are_free(&cells, 0, 0, 1));
	CHECK(!cells_are_free(&cells, 4, 0, 2));
	cells_line(&cells, &box, (double[]){ 4, 0 }, (double[]){ 4, 0 }, &pen);
	CHECK(!cells_are_free(&cells, 2, 0, 1));
	CHECK_STR(printed(&cells, COLOURS_NONE), "a·⠁··\n");
	cells_close(&cells);
}

static void a_shade_fills_what_lies_below(void)
{
	const struct cell_box box = { 0, 0, 4, 2 };
	struct cells cells;
	CHECK_INT(cells_open(&cells, 4, 3, false), 0);
	cells_shade(&cells, &box, (double[]){ 0, 4 }, (double[]){ 7, 4 }, &plain);
	CHECK_STR(printed(&cells, COLOURS_NONE), "\n⠁⠄⠁⠄\n\n");
	cells_shade(&cells, &box, (double[]){ -1e12, -1e12 }, (double[]){ 1e12, -1e12 }, &plain);
	CHECK_STR(printed(&cells, COLOURS_NONE), "⠁⠄⠁⠄\n⠁⠄⠁⠄\n\n");
	cells_close(&cells);
}

static void colours_end_with_the_line(void)
{
	const struct cell_style red = { 0xff0000, CELL_PLAIN, true, false };
	const struct cell_style on_blue = { 0xffffff, 0x0000ff, false, false };
	struct cells cells;
	CHECK_INT(cells_open(&cells, 4, 2, false), 0);
	cells_text(&cells, 0, 0, "ab", 2, &red);
	cells_put(&cells, 1, 1, " ", ' ', &on_blue);
	CHECK_STR(printed(&cells, COLOURS_TRUE), "\x1b[0;1;38;2;255;0;0mab\x1b[0m\n "
						 "\x1b[0;38;2;255;255;255;48;2;0;0;255m \x1b[0m\n");
	CHECK_STR(printed(&cells, COLOURS_256),
		  "\x1b[0;1;38;5;196mab\x1b[0m\n \x1b[0;38;5;231;48;5;21m \x1b[0m\n");
	CHECK_STR(printed(&cells, COLOURS_NONE), "ab\n\n");
	cells_close(&cells);
}

int main(void)
{
	RUN(sides_are_bounded);
	RUN(text_fits_its_room_and_the_screen);
	RUN(half_of_a_wide_character_does_not_stay);
	RUN(marks_join_what_they_stand_on);
	RUN(a_name_cannot_steer_the_terminal);
	RUN(lines_are_dots);
	RUN(lines_end_at_their_box);
	RUN(ascii_has_strokes_for_dots);
	RUN(a_grid_gives_way);
	RUN(a_shade_fills_what_lies_below);
	RUN(colours_end_with_the_line);
	return DONE();
}
