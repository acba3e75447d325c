#include "plotter/live/keys.h"

#include "tests/check.h"

static struct keys keys;
static char text[8];

static void type(const char *bytes, size_t n)
{
	size_t room;
	char *at = keys_room(&keys, &room);
	CHECK(n <= room);
	memcpy(at, bytes, n);
	keys.n += n;
}

static void says(const char *bytes)
{
	type(bytes, strlen(bytes));
}

static void characters(void)
{
	says("qé\r\x7f");
	CHECK_INT(keys_next(&keys, text), KEY_TEXT);
	CHECK_STR(text, "q");
	CHECK_INT(keys_next(&keys, text), KEY_TEXT);
	CHECK_STR(text, "é");
	CHECK_INT(keys_next(&keys, text), KEY_ENTER);
	CHECK_INT(keys_next(&keys, text), KEY_ERASE);
	CHECK_INT(keys_next(&keys, text), KEY_NONE);
}

static void sequences(void)
{
	says("\x1b[D\x1bOC\x1b[1;5D\x1b[5~\x1b");
	CHECK_INT(keys_next(&keys, text), KEY_LEFT);
	CHECK_INT(keys_next(&keys, text), KEY_RIGHT);
	CHECK_INT(keys_next(&keys, text), KEY_LEFT); /* with Ctrl */
	CHECK_INT(keys_next(&keys, text), KEY_OTHER);
	CHECK_INT(keys_next(&keys, text), KEY_ESCAPE);
	CHECK_INT(keys_next(&keys, text), KEY_NONE);
}

static void in_pieces(void)
{
	says("\x1b[1");
	CHECK_INT(keys_next(&keys, text), KEY_NONE);
	says(";2C\xc3");
	CHECK_INT(keys_next(&keys, text), KEY_RIGHT);
	CHECK_INT(keys_next(&keys, text), KEY_NONE);
	says("\xa9");
	CHECK_INT(keys_next(&keys, text), KEY_TEXT);
	CHECK_STR(text, "é");
}

static void what_is_no_character_swallows_none(void)
{
	says("\xff\xc3q\x80\xe2\x82\x1b");
	CHECK_INT(keys_next(&keys, text), KEY_OTHER);
	CHECK_INT(keys_next(&keys, text), KEY_OTHER);
	CHECK_INT(keys_next(&keys, text), KEY_TEXT);
	CHECK_STR(text, "q");
	for (int i = 0; i < 3; i++)
		CHECK_INT(keys_next(&keys, text), KEY_OTHER);
	CHECK_INT(keys_next(&keys, text), KEY_ESCAPE);
	CHECK_INT(keys_next(&keys, text), KEY_NONE);
}

static void more_than_anybody_types_is_dropped(void)
{
	char noise[sizeof keys.bytes] = "\x1b[";
	size_t room;
	memset(noise + 2, '1', sizeof noise - 2);
	type(noise, sizeof noise);
	CHECK_INT(keys_next(&keys, text), KEY_NONE);
	keys_room(&keys, &room);
	CHECK_INT(room, sizeof keys.bytes);
	says("q");
	CHECK_INT(keys_next(&keys, text), KEY_TEXT);
}

int main(void)
{
	RUN(characters);
	RUN(sequences);
	RUN(in_pieces);
	RUN(what_is_no_character_swallows_none);
	RUN(more_than_anybody_types_is_dropped);
	return DONE();
}
