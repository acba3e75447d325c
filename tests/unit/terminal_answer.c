#include "plotter/screen/answer.h"

#include <string.h>

#include "tests/check.h"

/* What was no answer. */
static char keys[4096];

static struct answer told(const char *text, size_t n)
{
	struct answer answer = { 0 };
	size_t k = 0;
	for (size_t i = 0; i < n && !answer.done; i++) {
		size_t strange = answer_take(&answer, text[i]);
		memcpy(keys + k, answer.held, strange);
		k += strange;
	}
	keys[k] = '\0';
	return answer;
}

static struct answer says(const char *text)
{
	return told(text, strlen(text));
}

static void a_terminal_that_shows_nothing(void)
{
	struct answer answer = says("\x1b[?62;22c");
	CHECK(answer.done && !answer.kitty && !answer.sixel);
	CHECK_INT(answer.cell_width + answer.registers, 0);
	answer = says("\x1b[?4c"); /* its class, no attribute */
	CHECK(answer.done && !answer.sixel);
	answer = says("\x1b[?6c");
	CHECK(answer.done);
	CHECK_STR(keys, "");
}

static void all_that_can_be_answered(void)
{
	struct answer answer =
		says("\x1b_Gi=31;OK\x1b\\\x1b[6;20;10t\x1b[?1;0;256S\x1b[?63;1;2;4;6c");
	CHECK(answer.done && answer.kitty && answer.sixel);
	CHECK_INT(answer.cell_width, 10);
	CHECK_INT(answer.cell_height, 20);
	CHECK_INT(answer.registers, 256);
	CHECK_STR(keys, "");
}

static void the_paper(void)
{
	CHECK(says("\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\\x1b[?62c").dark);
	CHECK(says("\x1b]11;rgb:00/00/ff\a\x1b[?62c").dark);
	CHECK(!says("\x1b]11;rgb:ffff/ffff/ffff\x1b\\\x1b[?62c").dark);
	CHECK(!says("\x1b]11;rgb:ff/ff/d0\a\x1b[?62c").dark);
	CHECK(!says("\x1b]11;rgb:/00000/0\a\x1b[?62c").dark);
	CHECK_STR(keys, "");
	CHECK(says("\x1b]10;rgb:00/00/00\a\x1b[?62c").done);
	CHECK_STR(keys, "\x1b]10;rgb:00/00/00\a");
}

static void refusals_are_answers(void)
{
	struct answer answer = says("\x1b_Gi=31;ENOTSUPPORTED: no\x1b\\\x1b[?1;3;0S\x1b[?1;2c");
	CHECK(answer.done && !answer.kitty && !answer.sixel);
	CHECK_INT(answer.registers, 0);
	CHECK_STR(keys, "");
}

static void keys_are_told_apart(void)
{
	struct answer answer = says("l\x1b[As\x1bOP\x1b[?62;4c");
	CHECK(answer.done && answer.sixel);
	CHECK_STR(keys, "l\x1b[As\x1bOP");
	says("\x1b[200~x\x1b[6;0;0t\x1b_other\x1b\\");
	CHECK_STR(keys, "\x1b[200~x\x1b[6;0;0t\x1b_other\x1b\\");
}

static void nothing_is_too_long_or_too_odd(void)
{
	char text[1200] = "\x1b[?";
	memset(text + 3, '9', sizeof text - 4);
	struct answer answer = told(text, sizeof text);
	CHECK(!answer.done && answer.n < ANSWER_LONGEST);
	for (size_t i = 0; i < sizeof text; i += 2)
		text[3 + i % 1000] = ';';
	told(text, sizeof text);
	unsigned random = 1;
	for (int round = 0; round < 2000; round++) {
		static const char alphabet[] = "\x1b\x1b[]_?G;\a19cStO\\\xff";
		char noise[100];
		for (size_t i = 0; i < sizeof noise; i++)
			noise[i] = alphabet[(random = random * 1103515245 + 12345) >> 16 &
					    (sizeof alphabet - 2)];
		answer = told(noise, sizeof noise);
		CHECK(answer.n < ANSWER_LONGEST);
	}
}

int main(void)
{
	RUN(a_terminal_that_shows_nothing);
	RUN(all_that_can_be_answered);
	RUN(the_paper);
	RUN(refusals_are_answers);
	RUN(keys_are_told_apart);
	RUN(nothing_is_too_long_or_too_odd);
	return DONE();
}
