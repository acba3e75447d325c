#include "share/text.h"

#include <stdlib.h>

#include "tests/check.h"

static double count_cells(void *context, const char *text)
{
	(void)context;
	double n = 0;
	for (uint32_t c; (c = text_next(&text));)
		n += text_cells(c);
	return n;
}

static void code_points_come_one_by_one(void)
{
	const char *text = "aé학\xf0\x9f\x98\x80";
	CHECK_INT(text_next(&text), 'a');
	CHECK_INT(text_next(&text), 0xe9);
	CHECK_INT(text_next(&text), 0xd559);
	CHECK_INT(text_next(&text), 0x1f600);
	CHECK_INT(text_next(&text), 0);
	CHECK_INT(text_next(&text), 0);
}

static void broken_bytes_are_replaced_one_by_one(void)
{
	static const char *const broken[] = { "\xff", "\xc0\xaf", "\xed\xa0\x80", "\xe2\x82",
					      "\xf5\x80\x80\x80" };
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		const char *text = broken[i];
		for (size_t k = 0; k < strlen(broken[i]); k++)
			CHECK_INT(text_next(&text), TEXT_REPLACEMENT);
		CHECK_INT(text_next(&text), 0);
	}
}

static void nothing_printable_moves_a_cursor(void)
{
	char *text = text_printable("a\nb\t\x1b[31m\xff \xe2\x80\xae학");
	CHECK_STR(text, "a\\nb\\t\\x1b[31m\\xff \\u202e학");
	free(text);
}

/* Each hides something, turns something round, or is no character. */
static void what_is_hidden_is_written_out(void)
{
	static const uint32_t hidden[] = { 1,      0x1b,   0x7f,   0x85,   0x9b,   0xad,   0x61c,
					   0x200b, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e,
					   0x2066, 0x2069, 0xfeff, 0xfffe, 0xffff, 0xe0041 };
	static const uint32_t shown[] = { ' ', '~', 0xa0, 0xe9, 0x200d, 0xd559, 0xfffd, 0x1f600 };
	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
		CHECK(!text_is_printable(hidden[i]));
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
		CHECK(text_is_printable(shown[i]));
	char *text = text_printable("\x9b"
				    "\xc2\x9b"
				    "\xe2\x80\xa8"
				    "\xd8\x9c"
				    "\xf3\xa0\x81\x81");
	CHECK_STR(text, "\\x9b\\u009b\\u2028\\u061c\\ue0041");
	free(text);
}

static void the_middle_is_cut_out(void)
{
	char text[] = "/usr/bin/python3 train.py --data images --seed 1";
	text_shorten(text, 21, count_cells, NULL);
	CHECK_STR(text, "/usr/bin/p…s --seed 1");
	CHECK(count_cells(NULL, text) <= 22);
	char fits[] = "short";
	text_shorten(fits, 5, count_cells, NULL);
	CHECK_STR(fits, "short");
	char nearly[] = "abcdefgh"; /* the ellipsis has more bytes than what it stands for */
	text_shorten(nearly, 7, count_cells, NULL);
	CHECK_STR(nearly, "abc…gh");
}

static void no_character_is_cut_in_two(void)
{
	for (int room = 0; room < 24; room++) {
		char text[] = "학습데이터를읽는중입니다";
		text_shorten(text, room, count_cells, NULL);
		CHECK(count_cells(NULL, text) <= room);
		const char *p = text;
		for (uint32_t c; (c = text_next(&p));)
			CHECK(c != TEXT_REPLACEMENT);
	}
}

static void too_little_room_leaves_nothing(void)
{
	char text[] = "abc";
	text_shorten(text, 0.5, count_cells, NULL);
	CHECK_STR(text, "");
	char tiny[] = "ab";
	text_shorten(tiny, 1, count_cells, NULL);
	CHECK(count_cells(NULL, tiny) <= 1);
}

static void clauses_go_from_the_end(void)
{
	char text[] = "peak 3.3 GiB of 4.0 GiB, whole device · right axis";
	CHECK(text_drop_clause(text));
	CHECK_STR(text, "peak 3.3 GiB of 4.0 GiB, whole device");
	CHECK(text_drop_clause(text));
	CHECK_STR(text, "peak 3.3 GiB of 4.0 GiB");
	CHECK(!text_drop_clause(text));
	char nothing[] = "";
	CHECK(!text_drop_clause(nothing));
}

static void a_path_ends_in_its_base_name(void)
{
	CHECK_STR(text_base_name("/usr/bin/python3"), "python3");
	CHECK_STR(text_base_name("python3"), "python3");
	CHECK_STR(text_base_name("folder/"), "folder/");
	CHECK_STR(text_base_name("/"), "/");
	CHECK_STR(text_base_name(""), "");
}

int main(void)
{
	RUN(code_points_come_one_by_one);
	RUN(broken_bytes_are_replaced_one_by_one);
	RUN(nothing_printable_moves_a_cursor);
	RUN(what_is_hidden_is_written_out);
	RUN(the_middle_is_cut_out);
	RUN(no_character_is_cut_in_two);
	RUN(too_little_room_leaves_nothing);
	RUN(clauses_go_from_the_end);
	RUN(a_path_ends_in_its_base_name);
	return DONE();
}
